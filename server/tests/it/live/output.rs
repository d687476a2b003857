//! Watching an execution.

use domain::ExecutionId;
use serde_json::{Value, json};
use server::live::Bounds;

use super::support::{Client, Site, quick};

/// An execution in the queue, and a way to let it speak.
struct Run<'a> {
    site: &'a Site,
    id: ExecutionId,
}

impl<'a> Run<'a> {
    async fn queued(site: &'a Site) -> Self {
        let (task, _) = site.task_by(&site.owner, "run").await;
        let mut tx = site.base.database.begin(&site.owner.caller).await.unwrap();
        backend::tasks::start(&mut tx, task.id).await.unwrap();
        let id = backend::executions::list(&mut tx, task.id).await.unwrap()[0].id;
        tx.commit().await.unwrap();
        Self { site, id }
    }

    async fn speaks(&self, from: i64, through: i64) {
        let Self { site, id } = self;
        site.base
            .as_owner(&format!(
                "INSERT INTO execution_events (workspace_id, execution_id, seq, at, body)
                 SELECT workspace_id, id, seq, now(), jsonb_build_object('kind', 'notice', 'text', 'line ' || seq)
                 FROM executions, generate_series({from}, {through}) AS seq WHERE id = '{id}';
                 UPDATE execution_results SET last_seq = {through} WHERE execution_id = '{id}'"
            ))
            .await;
    }

    async fn ends(&self) {
        self.site
            .base
            .as_owner(&format!(
                "UPDATE executions SET status = 'succeeded', completed_at = now() WHERE id = '{}'",
                self.id
            ))
            .await;
    }
}

async fn hears(client: &mut Client, execution: ExecutionId, from: i64, through: i64) {
    for seq in from..=through {
        let frame = client.hear().await;
        assert_eq!(
            (frame["type"].as_str(), frame["seq"].as_i64()),
            (Some("execution_event"), Some(seq)),
            "{frame}"
        );
        assert_eq!(frame["execution"], execution.to_string());
        assert_eq!(
            (&frame["event"]["seq"], &frame["event"]["text"]),
            (&json!(seq), &json!(format!("line {seq}")))
        );
    }
}

fn watch(execution: ExecutionId, after: i64) -> Value {
    json!({ "type": "watch", "execution": execution, "after": after })
}

#[tokio::test]
async fn a_watcher_hears_what_was_said_then_what_is_and_goes_on_after_a_break() {
    let site = Site::new().await;
    let run = Run::queued(&site).await;
    run.speaks(1, 250).await;
    let mut client = site.connect().await;
    client.say(watch(run.id, 0)).await;
    hears(&mut client, run.id, 1, 250).await;
    run.speaks(251, 260).await;
    hears(&mut client, run.id, 251, 260).await;
    drop(client);
    run.speaks(261, 270).await;
    let mut client = site.connect().await;
    client.say(watch(run.id, 260)).await;
    hears(&mut client, run.id, 261, 270).await;
    run.speaks(271, 271).await;
    run.ends().await;
    hears(&mut client, run.id, 271, 271).await;
    // It has ended; asked again, it is told again, and nothing comes in between.
    client.say(json!({ "type": "ping", "t": 1 })).await;
    assert_eq!(client.hear().await["type"], "pong");
    client.say(watch(run.id, 269)).await;
    hears(&mut client, run.id, 270, 271).await;
}

#[tokio::test]
async fn watching_and_changes_share_a_socket() {
    let site = Site::new().await;
    let run = Run::queued(&site).await;
    let (mut client, hello) = site.resume(json!({})).await;
    run.speaks(1, 2_000).await;
    client.say(watch(run.id, 0)).await;
    let change = site.task("between").await;
    let (mut lines, mut changes) = (0, Vec::new());
    while lines < 2_000 || changes.is_empty() {
        let frame = client.hear().await;
        if frame["type"] == "execution_event" {
            lines += 1
        } else {
            changes.push(frame["seq"].as_i64().unwrap())
        }
    }
    assert_eq!((lines, changes), (2_000, vec![change]));
    assert!(hello["seq"].as_i64().unwrap() < change);
}

#[tokio::test]
async fn another_workspaces_execution_is_not_there() {
    let site = Site::new().await;
    let run = Run::queued(&site).await;
    run.speaks(1, 1).await;
    let other = site.base.owner_of("other").await;
    let mut client = site.open(site.browser(&other)).await.unwrap();
    let mut problems = Vec::new();
    for execution in [run.id, ExecutionId(other.workspace.id.0)] {
        client.say(watch(execution, 0)).await;
        let mut problem = client.hear().await;
        assert_eq!(problem["execution"].take(), execution.to_string());
        problems.push(problem);
    }
    assert_eq!(problems[0]["code"], "not_found");
    assert_eq!(problems[0], problems[1], "foreign and made up are alike");
}

#[tokio::test]
async fn a_socket_watches_so_many_and_an_unwatched_one_makes_room() {
    let site = Site::with(Bounds { watches: 1, ..quick() }).await;
    let (one, two) = (Run::queued(&site).await, Run::queued(&site).await);
    let mut client = site.connect().await;
    client.say(watch(one.id, 0)).await;
    client.say(watch(two.id, 0)).await;
    let problem = client.hear().await;
    assert_eq!((&problem["code"], &problem["execution"]), (&json!("limited"), &json!(two.id)));
    client.say(json!({ "type": "unwatch", "execution": one.id })).await;
    client.say(watch(two.id, 0)).await;
    one.speaks(1, 3).await;
    two.speaks(1, 3).await;
    hears(&mut client, two.id, 1, 3).await;
}
