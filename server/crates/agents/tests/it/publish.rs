//! What an execution changed, on a branch, pushed, merged, as a patch: with real repositories of every shape.

use crate::support::{Machine, git, id};
use agents::{Author, Checkout, PublishError, Publishing};
use domain::{DateTime, ExecutionId};
use std::fs;
use std::path::PathBuf;

const BRANCH: &str = "switchboard/1-fix";

struct Shop {
    machine: Machine,
    example: PathBuf,
}

impl Shop {
    async fn open() -> Self {
        let machine = Machine::new().await;
        let example = machine.folder.path().join("repositories/example");
        Self { machine, example }
    }

    /// An execution that left these files, ended, its worktree gone.
    async fn result(&self, files: &[(&str, &str)]) -> Publishing {
        let store = &self.machine.store;
        store.fetch_mirror(self.machine.repository, self.example.to_str().unwrap()).await.unwrap();
        let execution = ExecutionId(id());
        let checkout: Checkout = store.check_out(self.machine.repository, execution, "main").await.unwrap();
        for (name, text) in files {
            let path = checkout.worktree.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let changes = store.diff(&checkout).await.unwrap();
        store.keep_result(&checkout).await.unwrap();
        store.remove(execution).await.unwrap();
        Publishing {
            repository: self.machine.repository,
            url: self.example.to_str().unwrap().to_owned(),
            execution,
            base: changes.diff.base.unwrap(),
            head: changes.diff.head.unwrap(),
            author: Author { name: "Mette Hansen".to_owned(), email: "mette@example.com".to_owned() },
            message: "Fix the login\n\nSwitchboard-Task: 1\n".to_owned(),
            at: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
        }
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.example, arguments)
    }

    /// Another commit on what is checked out.
    fn commit(&self, name: &str, text: &str) -> String {
        fs::write(self.example.join(name), text).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Meanwhile"]);
        self.git(&["rev-parse", "HEAD"])
    }
}

#[tokio::test]
async fn a_branch_has_one_commit_by_the_configured_author() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n"), ("src/main.txt", "hej\n")]).await;
    let commit = shop.machine.store.publish_branch(&order, BRANCH).await.unwrap();
    assert_eq!(shop.git(&["rev-parse", BRANCH]), commit);
    assert_eq!(shop.git(&["rev-parse", &format!("{BRANCH}^")]), order.base);
    let said = shop.git(&["log", "-1", "--format=%an <%ae> %cn %ct%n%B", BRANCH]);
    assert_eq!(
        said,
        "Mette Hansen <mette@example.com> Mette Hansen 1700000000\nFix the login\n\nSwitchboard-Task: 1"
    );
    assert_eq!(shop.git(&["diff", "--name-only", "main", BRANCH]), "new.txt\nsrc/main.txt");
    assert_eq!(shop.git(&["status", "--porcelain"]), "", "the checkout was not touched");
    assert_eq!(shop.git(&["for-each-ref", "refs/switchboard"]), "", "no other name is left");
    assert_eq!(
        shop.machine.store.publish_branch(&order, BRANCH).await.unwrap(),
        commit,
        "once more is the same"
    );
}

#[tokio::test]
async fn a_branch_that_is_there_is_never_overwritten() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    shop.git(&["branch", BRANCH]);
    let before = shop.git(&["rev-parse", BRANCH]);
    let refused = shop.machine.store.publish_branch(&order, BRANCH).await;
    assert!(matches!(refused, Err(PublishError::BranchExists(_))), "{refused:?}");
    assert_eq!(shop.git(&["rev-parse", BRANCH]), before);
}

#[tokio::test]
async fn hooks_of_the_repository_never_run() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    let trace = shop.machine.folder.path().join("trace");
    let hooks = shop.example.join("hooks");
    fs::create_dir(&hooks).unwrap();
    for name in ["reference-transaction", "post-merge", "post-checkout", "pre-push", "post-commit"] {
        let hook = hooks.join(name);
        fs::write(&hook, format!("#!/bin/sh\necho {name} >> {}\n", trace.display())).unwrap();
        fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    fs::write(shop.example.join(".git/info/exclude"), "hooks/\n").unwrap();
    shop.git(&["config", "core.hooksPath", hooks.to_str().unwrap()]);
    shop.machine.store.publish_branch(&order, BRANCH).await.unwrap();
    shop.machine.store.publish_merge(&order, "main").await.unwrap();
    assert!(!trace.exists(), "{}", fs::read_to_string(&trace).unwrap_or_default());
}

#[tokio::test]
async fn a_merge_goes_forward_with_the_files_of_a_clean_checkout() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    let commit = shop.machine.store.publish_merge(&order, "main").await.unwrap();
    assert_eq!(shop.git(&["rev-parse", "main"]), commit);
    assert_eq!(shop.git(&["rev-parse", "main^"]), order.base, "a fast-forward");
    assert_eq!(fs::read_to_string(shop.example.join("new.txt")).unwrap(), "new\n");
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
    assert_eq!(shop.machine.store.publish_merge(&order, "main").await.unwrap(), commit, "it is in already");
}

#[tokio::test]
async fn a_base_that_moved_is_merged_where_nothing_conflicts() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    let meanwhile = shop.commit("other.txt", "other\n");
    let merged = shop.machine.store.publish_merge(&order, "main").await.unwrap();
    assert_eq!(shop.git(&["rev-parse", "main^1"]), meanwhile);
    assert_eq!(shop.git(&["rev-parse", "main"]), merged);
    for name in ["new.txt", "other.txt"] {
        assert!(shop.example.join(name).exists(), "{name}");
    }
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
}

#[tokio::test]
async fn a_conflict_names_its_files_and_changes_nothing() {
    let shop = Shop::open().await;
    let order = shop.result(&[("README.md", "# Mine\n")]).await;
    let meanwhile = shop.commit("README.md", "# Theirs\n");
    let refused = shop.machine.store.publish_merge(&order, "main").await;
    let Err(PublishError::Conflict { files, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(files, "README.md");
    assert_eq!(shop.git(&["rev-parse", "main"]), meanwhile);
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
    assert_eq!(fs::read_to_string(shop.example.join("README.md")).unwrap(), "# Theirs\n");
}

#[tokio::test]
async fn a_dirty_checkout_loses_nothing() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    let base = shop.git(&["rev-parse", "main"]);
    fs::write(shop.example.join("README.md"), "unsaved\n").unwrap();
    let refused = shop.machine.store.publish_merge(&order, "main").await;
    let Err(PublishError::Dirty { files, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(files, "README.md");
    // A file that git does not know, in the place of one that would come.
    shop.git(&["checkout", "--quiet", "README.md"]);
    fs::write(shop.example.join("new.txt"), "precious\n").unwrap();
    let refused = shop.machine.store.publish_merge(&order, "main").await;
    let Err(PublishError::Dirty { files, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(files, "new.txt");
    assert_eq!(fs::read_to_string(shop.example.join("new.txt")).unwrap(), "precious\n");
    assert_eq!(shop.git(&["rev-parse", "main"]), base);
    fs::remove_file(shop.example.join("new.txt")).unwrap();
    fs::write(shop.example.join(".git/MERGE_HEAD"), format!("{base}\n")).unwrap();
    let refused = shop.machine.store.publish_merge(&order, "main").await;
    assert!(matches!(refused, Err(PublishError::Busy(_))), "{refused:?}");
}

#[tokio::test]
async fn a_bare_repository_and_another_checkout_take_a_merge() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    shop.git(&["switch", "--quiet", "--create", "elsewhere"]);
    fs::write(shop.example.join("README.md"), "unsaved\n").unwrap();
    let commit = shop.machine.store.publish_merge(&order, "main").await.unwrap();
    assert_eq!(shop.git(&["rev-parse", "main"]), commit, "main is checked out nowhere");
    assert_eq!(shop.git(&["status", "--porcelain"]), "M README.md");

    let root = shop.machine.folder.path().join("repositories");
    git(&root, &["clone", "--quiet", "--bare", "example", "bare.git"]);
    let bare = root.join("bare.git");
    let mut order = shop.result(&[("more.txt", "more\n")]).await;
    order.url = bare.to_str().unwrap().to_owned();
    let commit = shop.machine.store.publish_merge(&order, "main").await.unwrap();
    assert_eq!(git(&bare, &["rev-parse", "main"]), commit);
}

#[tokio::test]
async fn a_push_goes_to_origin_and_overwrites_nothing() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    let refused = shop.machine.store.publish_push(&order, BRANCH).await;
    assert!(matches!(refused, Err(PublishError::NoRemote)), "{refused:?}");
    let root = shop.machine.folder.path().join("repositories");
    git(&root, &["clone", "--quiet", "--bare", "example", "origin.git"]);
    let origin = root.join("origin.git");
    shop.git(&["remote", "add", "origin", origin.to_str().unwrap()]);
    let commit = shop.machine.store.publish_push(&order, BRANCH).await.unwrap();
    assert_eq!(git(&origin, &["rev-parse", BRANCH]), commit);
    assert_eq!(shop.machine.store.publish_push(&order, BRANCH).await.unwrap(), commit, "it is there already");
    git(&origin, &["branch", "taken", "main"]);
    let refused = shop.machine.store.publish_push(&order, "taken").await;
    assert!(matches!(refused, Err(PublishError::BranchExists(_))), "{refused:?}");
    // Outside of the operator's folders.
    let outside = tempfile::tempdir().unwrap();
    git(outside.path(), &["init", "--quiet", "--bare"]);
    shop.git(&["remote", "set-url", "origin", outside.path().to_str().unwrap()]);
    let refused = shop.machine.store.publish_push(&order, "other").await.unwrap_err();
    assert!(refused.to_string().contains("outside the folders"), "{refused}");
}

#[tokio::test]
async fn a_patch_is_what_git_am_takes() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n"), ("bin", "a\0b\u{1}")]).await;
    let patch = shop.machine.store.publish_patch(&order).await.unwrap();
    let file = shop.machine.folder.path().join("x.patch");
    fs::write(&file, patch).unwrap();
    shop.git(&["am", "--quiet", file.to_str().unwrap()]);
    assert_eq!(shop.git(&["log", "-1", "--format=%an %s"]), "Mette Hansen Fix the login");
    assert_eq!(fs::read(shop.example.join("bin")).unwrap(), b"a\0b\x01");
}

#[tokio::test]
async fn a_result_outlives_fetches_and_one_that_is_gone_is_told() {
    let shop = Shop::open().await;
    let order = shop.result(&[("new.txt", "new\n")]).await;
    shop.commit("other.txt", "other\n");
    shop.machine.store.fetch_mirror(order.repository, &order.url).await.unwrap();
    shop.machine.store.publish_branch(&order, BRANCH).await.unwrap();
    let gone = std::collections::HashSet::from([order.execution]);
    shop.machine.store.forget_results(&gone).await.unwrap();
    let refused = shop.machine.store.publish_branch(&order, "other").await;
    assert!(matches!(refused, Err(PublishError::NotKept)), "{refused:?}");
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

#[tokio::test]
async fn a_checkout_whose_file_git_lfs_keeps_is_not_merged_into() {
    let shop = Shop::open().await;
    shop.commit("movie.bin", POINTER);
    let grown = POINTER.replace("12345", "99999");
    let order = shop.result(&[("movie.bin", &grown), ("new.txt", "new\n")]).await;
    let before = shop.git(&["rev-parse", "main"]);
    let refused = shop.machine.store.publish_merge(&order, "main").await.unwrap_err();
    assert!(matches!(&refused, PublishError::Lfs { files, .. } if files == "movie.bin"), "{refused}");
    assert!(refused.to_string().contains("Git LFS") && !refused.may_pass());
    assert_eq!(shop.git(&["rev-parse", "main"]), before);
    assert_eq!(shop.git(&["status", "--porcelain"]), "", "nothing of the checkout was touched");
    // The way out that the sentence names.
    shop.machine.store.publish_branch(&order, BRANCH).await.unwrap();
    // Where no file of it is concerned, a merge goes on.
    let other = shop.result(&[("other.txt", "other\n")]).await;
    shop.machine.store.publish_merge(&other, "main").await.unwrap();
    assert_eq!(fs::read_to_string(shop.example.join("movie.bin")).unwrap(), POINTER);
}

#[tokio::test]
async fn kept_results_are_forgotten_with_their_executions_and_others_stay() {
    let shop = Shop::open().await;
    let (one, two) = (shop.result(&[("a", "1\n")]).await, shop.result(&[("b", "2\n")]).await);
    let store = &shop.machine.store;
    let gone = std::collections::HashSet::from([one.execution, ExecutionId(id())]);
    assert_eq!(store.forget_results(&gone).await.unwrap(), 1);
    assert_eq!(store.forget_results(&gone).await.unwrap(), 0, "once more is nothing");
    let refused = store.publish_branch(&one, BRANCH).await;
    assert!(matches!(refused, Err(PublishError::NotKept)), "{refused:?}");
    store.publish_branch(&two, BRANCH).await.unwrap();
}
