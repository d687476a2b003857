//! Clients that don't read: they are left behind, and nobody waits for them.

use std::time::Duration;

use domain::Seq;
use serde_json::json;
use server::live::Bounds;

use super::support::{Client, Place, Site, quick};

/// Rows of a commit: fewer than would be told as one.
const ROWS: i64 = 400;

impl Site {
    /// Writes about a megabyte of changes in one commit.
    async fn flood(&self, first_number: i64) {
        let workspace = self.owner.workspace.id;
        // Apart from the numbers that tasks get by themselves.
        let first_number = first_number + 1_000_000;
        let last = first_number + ROWS - 1;
        self.base
            .as_owner(&format!(
                "INSERT INTO tasks (workspace_id, id, number, title, description, priority, status, agent, script,
                                    labels, created_at, updated_at, version)
                 SELECT '{workspace}', gen_random_uuid(), n, 'flood', repeat('d', 1000), 'normal', 'draft', 'shell',
                        repeat('s', 1000), '{{}}', now(), now(), 1
                 FROM generate_series({first_number}, {last}) AS n"
            ))
            .await;
    }

    pub(crate) async fn head(&self) -> Seq {
        let mut tx = self.base.database.begin(&self.owner.caller).await.unwrap();
        tenancy::feed::history(&mut tx, 0, 1).await.unwrap().head
    }
}

fn small() -> Bounds {
    Bounds { ring_changes: 64, ring_bytes: 256 * 1024, ..quick() }
}

/// Floods until far more is on its way than sockets and ring can hold.
async fn flood_past(site: &Site, good: &mut Client) {
    let mut place = Place(0);
    for commit in 0..16 {
        site.flood(commit * ROWS + 1).await;
        while place.0 < (commit + 1) * ROWS {
            place.go_on(&good.hear().await);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_falls_behind_starts_over_and_delays_nobody() {
    // The ring holds a whole commit, so that only who does not read is left behind.
    let site = Site::with(Bounds { ring_changes: 500, ring_bytes: 4 * 1024 * 1024, ..quick() }).await;
    let mut slow = site.open_narrow(site.browser(&site.owner)).await;
    slow.resume(json!({})).await;
    let (mut good, _) = site.resume(json!({})).await;
    flood_past(&site, &mut good).await;
    let mut place = Place(0);
    let reset = loop {
        let frame = slow.hear().await;
        if frame["type"] == "reset" {
            break frame;
        }
        place.go_on(&frame);
    };
    assert_eq!(reset["reason"], "behind");
    let hello = slow.hear().await;
    assert_eq!((&hello["type"], &hello["seq"]), (&json!("hello"), &json!(16 * ROWS)));
    let next = site.task("after").await;
    slow.follow(16 * ROWS, next).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_at_all_is_given_up() {
    let bounds = Bounds { stuck: Duration::from_millis(500), ring_changes: 500, per_person: 2, ..quick() };
    let site = Site::with(bounds).await;
    let mut slow = site.open_narrow(site.browser(&site.owner)).await;
    slow.resume(json!({})).await;
    let (mut good, _) = site.resume(json!({})).await;
    flood_past(&site, &mut good).await;
    // Its place is free again, though it never closed.
    super::support::in_time(async {
        while site.open(site.browser(&site.owner)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_ne!(slow.closed().await, Some(1000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_read_at_the_readers_own_pace() {
    let site = Site::with(small()).await;
    for commit in 0..8 {
        site.flood(commit * ROWS + 1).await;
    }
    let mut slow = site.open_narrow(site.browser(&site.owner)).await;
    slow.resume(json!({ "after": 0 })).await;
    assert_eq!(slow.follow(0, 8 * ROWS).await.len(), 3_200);
}
