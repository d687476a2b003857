//! Repositories of every shape that people point at, and what a worktree's diff says.

use crate::support::{Machine, git, id, repository};
use agents::{GitStore, RepositoryError};
use domain::executions::FileStatus;
use domain::{ExecutionId, RepositoryId};
use std::fs;
use std::os::unix::fs::symlink;

#[tokio::test]
async fn each_bad_path_has_its_own_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let outside = folder.path().join("outside");
    repository(&outside);
    repository(&root.join("good"));
    fs::create_dir(root.join("plain")).unwrap();
    symlink(&outside, root.join("link")).unwrap();
    fs::create_dir(root.join("pointer")).unwrap();
    fs::write(root.join("pointer/.git"), format!("gitdir: {}/.git\n", outside.display())).unwrap();
    repository(&root.join("borrower"));
    let alternates = format!("{}/.git/objects\n", outside.display());
    fs::write(root.join("borrower/.git/objects/info/alternates"), alternates).unwrap();
    let store = GitStore::new(folder.path().join("data"), vec![root.clone()]);
    let inspect = async |path: &str| store.inspect(path).await.unwrap_err().to_string();
    let root = root.to_str().unwrap();
    let outside_sentence = "The path is outside the folders that repositories may be in.";
    for path in ["link", "pointer", "borrower", "../outside", "good/../../outside"] {
        assert_eq!(inspect(&format!("{root}/{path}")).await, outside_sentence, "{path}");
    }
    assert_eq!(inspect("/etc").await, outside_sentence);
    assert_eq!(inspect("/etc/nothing/here").await, outside_sentence);
    assert_eq!(inspect("good").await, "The path must be absolute.");
    assert_eq!(inspect(&format!("{root}/none")).await, "The path does not exist.");
    assert_eq!(inspect(&format!("{root}/plain")).await, "The path is not a git repository.");
    assert_eq!(
        inspect("https://nowhere.invalid/none.git").await.split(": ").next(),
        Some("The repository can't be reached")
    );
    let unsupported = inspect("ext::sh -c true").await;
    assert!(unsupported.starts_with("The URL must be"), "{unsupported}");
    assert_eq!(inspect("http://example.com/x.git").await, unsupported);
}

#[tokio::test]
async fn empty_bare_and_dirty_repositories_are_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let store = GitStore::new(folder.path().join("data"), vec![root.clone()]);
    let empty = root.join("empty");
    fs::create_dir_all(&empty).unwrap();
    git(&empty, &["-c", "init.defaultBranch=trunk", "init", "--quiet"]);
    let found = store.inspect(empty.to_str().unwrap()).await.unwrap();
    assert_eq!((found.default_branch.as_str(), found.head), ("trunk", None));
    let mirror = RepositoryId(id());
    store.fetch_mirror(mirror, empty.to_str().unwrap()).await.unwrap();
    let refused = store.check_out(mirror, ExecutionId(id()), "trunk").await.unwrap_err();
    assert!(matches!(refused, RepositoryError::Empty), "{refused}");

    let dirty = root.join("dirty");
    repository(&dirty);
    fs::write(dirty.join("README.md"), "uncommitted").unwrap();
    fs::write(dirty.join("untracked"), "uncommitted").unwrap();
    git(&root, &["clone", "--quiet", "--bare", "dirty", "bare.git"]);
    for name in ["dirty", "bare.git"] {
        let url = root.join(name);
        let found = store.inspect(url.to_str().unwrap()).await.unwrap();
        assert_eq!(found.default_branch, "main");
        let mirror = RepositoryId(id());
        store.fetch_mirror(mirror, url.to_str().unwrap()).await.unwrap();
        let checkout = store.check_out(mirror, ExecutionId(id()), "main").await.unwrap();
        assert_eq!(Some(checkout.base.clone()), found.head);
        assert!(fs::read_to_string(checkout.worktree.join("README.md")).unwrap().starts_with("# Example"));
        assert!(!checkout.worktree.join("untracked").exists());
        let unknown = store.check_out(mirror, ExecutionId(id()), "no/such").await.unwrap_err();
        assert_eq!(unknown.to_string(), "The repository has no branch named no/such.");
    }
}

#[tokio::test]
async fn a_mirror_follows_its_source_and_worktrees_stay() {
    let machine = Machine::new().await;
    let source = machine.folder.path().join("repositories/example");
    let first = machine.check_out().await;
    fs::write(source.join("README.md"), "second\n").unwrap();
    git(&source, &["commit", "--quiet", "--all", "--amend", "-m", "Rewritten"]);
    git(&source, &["branch", "other"]);
    let fetch = || machine.store.fetch_mirror(machine.repository, source.to_str().unwrap());
    let (one, two) = tokio::join!(fetch(), fetch());
    one.unwrap();
    two.unwrap();
    let second = machine.check_out().await;
    assert_ne!(first.base, second.base);
    assert_eq!(fs::read_to_string(second.worktree.join("README.md")).unwrap(), "second\n");
    assert!(
        machine.store.diff(&first).await.unwrap().diff.files.is_empty(),
        "its commit is kept, though rewritten"
    );
    assert_eq!(machine.store.find(first.execution), Some(first.clone()));

    let removed = machine.store.sweep(|execution| execution == second.execution).await.unwrap();
    assert_eq!((removed, machine.store.find(first.execution)), (1, None));
    assert!(second.worktree.exists());
    machine.store.remove(second.execution).await.unwrap();
    assert!(!second.worktree.exists());
}

#[tokio::test]
async fn the_diff_knows_every_kind_of_change() {
    let machine = Machine::new().await;
    let source = machine.folder.path().join("repositories/example");
    fs::write(source.join("moved.txt"), (1..50).map(|i| format!("line {i}\n")).collect::<String>()).unwrap();
    fs::write(source.join("gone.txt"), "gone\n").unwrap();
    fs::write(source.join("kind.txt"), "kind\n").unwrap();
    fs::write(source.join("forged.txt"), "aaaa\n").unwrap();
    fs::write(source.join(".gitignore"), "ignored\n").unwrap();
    fs::write(source.join("run.bat"), "one\ntwo\n").unwrap();
    fs::write(source.join(".gitattributes"), "*.bat text eol=crlf -diff\n").unwrap();
    git(&source, &["add", "."]);
    git(&source, &["commit", "--quiet", "-m", "More"]);
    machine.store.fetch_mirror(machine.repository, source.to_str().unwrap()).await.unwrap();
    let script = "
        sed -i s/two/2/ README.md
        mkdir deep; mv moved.txt 'deep/new name.txt'
        sed -i s/one/1/ run.bat; rm gone.txt; rm kind.txt; ln -s README.md kind.txt
        printf 'a\\0b' > binary; printf 'no newline' > 'ünï \"quoted\"'; printf x > $'line\\nbreak'
        touch ignored; chmod +x src/main.txt; mkdir -p empty/folder
        stamp=$(stat -c %y forged.txt); printf 'bbbb\\n' > forged.txt; touch -d \"$stamp\" forged.txt
        head -c 3000000 /dev/zero | tr '\\0' x > long.txt
        git add -A; git commit -qm 'Inside'; rm -rf .git; chmod 100 src/main.txt; chmod 000 deep";
    let (said, checkout) = machine.run(script).await;
    assert_eq!(said.facts().exit_code, Some(0), "{said:?}");
    let changes = machine.store.diff(&checkout).await.unwrap();
    assert_eq!(changes, machine.store.diff(&checkout).await.unwrap(), "asked again it says the same");
    let files: Vec<_> = changes.diff.files.iter().map(|file| (file.path.as_str(), file.status)).collect();
    assert_eq!(
        files,
        [
            ("README.md", FileStatus::Modified),
            ("binary", FileStatus::Added),
            ("deep/new name.txt", FileStatus::Renamed),
            ("forged.txt", FileStatus::Modified),
            ("gone.txt", FileStatus::Deleted),
            ("kind.txt", FileStatus::TypeChanged),
            ("line\nbreak", FileStatus::Added),
            ("long.txt", FileStatus::Added),
            ("run.bat", FileStatus::Modified),
            ("src/main.txt", FileStatus::Modified),
            ("ünï \"quoted\"", FileStatus::Added),
        ]
    );
    let file = |path: &str| changes.diff.files.iter().find(|file| file.path == path).unwrap();
    assert_eq!(file("README.md").patch, "@@ -1,5 +1,5 @@\n # Example\n \n one\n-two\n+2\n three\n");
    assert_eq!((file("README.md").insertions, file("README.md").deletions), (1, 1));
    assert_eq!(file("deep/new name.txt").old_path.as_deref(), Some("moved.txt"));
    assert!(file("binary").binary && file("binary").patch.is_empty());
    assert!(file("forged.txt").patch.contains("+bbbb"), "a forged time hides nothing");
    assert!(
        !file("long.txt").binary && file("long.txt").patch.is_empty() && file("long.txt").insertions == 1
    );
    assert!(file("kind.txt").patch.contains("-kind") && file("kind.txt").patch.contains("+README.md"));
    assert_eq!(file("ünï \"quoted\"").patch, "@@ -0,0 +1 @@\n+no newline\n\\ No newline at end of file\n");
    assert_eq!(file("run.bat").patch, "@@ -1,2 +1,2 @@\n-one\n+1\n two\n", "no attribute bends or hides it");
    assert_eq!(changes.files_changed, 11);
    assert_eq!(changes.diff.base, Some(checkout.base.clone()));
    machine.store.remove(checkout.execution).await.unwrap();
    assert!(!checkout.worktree.exists());
}
