//! `seed`: a workspace to look at. Idempotent: what is there is left as it is.

use backend::{auth, repositories, tasks};
use domain::repositories::NewRepository;
use domain::tasks::{NewTask, Priority, TaskFilter};
use tenancy::TenantTx;

use crate::config::Config;
use crate::roles::on_house;

/// The slug of the demo workspace.
const DEMO: &str = "demo";

struct Sample {
    title: &'static str,
    description: &'static str,
    script: &'static str,
    priority: Priority,
    labels: &'static [&'static str],
}

const SAMPLES: [Sample; 5] = [
    Sample {
        title: "Count the lines of every file",
        description: "A first look at a worktree: what is in it, and how much.",
        script: "git ls-files | xargs -r wc -l",
        priority: Priority::Normal,
        labels: &["tour"],
    },
    Sample {
        title: "Write a changelog from the last commits",
        description: "The diff of this one is worth reading.",
        script: "git log --format='- %s' -n 20 > CHANGELOG.md\ncat CHANGELOG.md",
        priority: Priority::High,
        labels: &["tour", "docs"],
    },
    Sample {
        title: "Show that there is no network",
        description: "An execution has none unless its repository allows it.",
        script: "cat /proc/net/dev\n! timeout 3 bash -c 'echo > /dev/tcp/192.0.2.1/80'",
        priority: Priority::Low,
        labels: &["tour", "isolation"],
    },
    Sample {
        title: "Count to thirty, slowly",
        description: "Watch it in two browsers at once, then cancel it.",
        script: "for number in $(seq 1 30); do echo \"line $number\"; sleep 1; done",
        priority: Priority::Urgent,
        labels: &["tour"],
    },
    Sample {
        title: "Fail, and say why",
        description: "A run that fails says so, and offers to be retried.",
        script: "echo 'looking for something that is not there' >&2\ncat nothing-here.txt",
        priority: Priority::Normal,
        labels: &["tour"],
    },
];

/// Fills the demo workspace with drafts, none of them started, where it has no task yet.
///
/// # Errors
/// One sentence that says what to do.
pub async fn seed(config: &Config) -> anyhow::Result<()> {
    on_house(config, async |house| {
        let mut tx = house.database.auth().await?;
        let (workspace, _) = auth::find_or_create_workspace(&mut tx, DEMO).await?;
        tx.commit().await?;
        let caller = house.database.operator(workspace.id);
        let mut tx = house.database.begin(&caller).await?;
        if !tasks::list(&mut tx, &TaskFilter::default()).await?.items.is_empty() {
            tracing::info!("the workspace demo has tasks already; nothing was added");
            return Ok(());
        }
        drop(tx);
        let repository = repository(config, house, &caller).await?;
        let mut tx = house.database.begin(&caller).await?;
        for sample in SAMPLES {
            create(&mut tx, &sample, repository.clone()).await?;
        }
        tx.commit().await?;
        tracing::info!(
            "the workspace demo is ready; sign in to it with `switchboard login-link --workspace demo`"
        );
        Ok(())
    })
    .await
}

async fn create(tx: &mut TenantTx, sample: &Sample, repository: Option<String>) -> anyhow::Result<()> {
    let new = NewTask {
        title: sample.title.to_owned(),
        description: Some(sample.description.to_owned()),
        script: Some(sample.script.to_owned()),
        priority: Some(sample.priority),
        labels: Some(sample.labels.iter().map(|label| (*label).to_owned()).collect()),
        repository,
        ..NewTask::default()
    };
    tasks::create(tx, new).await?;
    Ok(())
}

/// The first git repository right under the operator's roots, where there is one. Without it the samples work on none.
async fn repository(
    config: &Config,
    house: &crate::house::House,
    caller: &tenancy::Caller,
) -> anyhow::Result<Option<String>> {
    let store = agents::GitStore::new(config.data.clone(), config.repository_roots.clone());
    let folders =
        config.repository_roots.iter().filter_map(|root| std::fs::read_dir(root).ok()).flatten().flatten();
    for folder in folders.take(50) {
        let Some(url) = folder.path().to_str().map(str::to_owned) else {
            continue;
        };
        let Ok(found) = repositories::inspect(&store, caller, &url).await else {
            continue;
        };
        let mut tx = house.database.begin(caller).await?;
        let new = NewRepository { url, ..NewRepository::default() };
        let repository = repositories::create(&mut tx, new, found).await?;
        tx.commit().await?;
        return Ok(Some(repository.id.to_string()));
    }
    Ok(None)
}
