//! The one reader of a process. It is woken by commits of this process at once, by other processes through NOTIFY, and
//! looks by itself every second in case a wake-up was lost.

use super::history::ChangeRow;
use super::{Fed, Inner};
use crate::StoreError;
use crate::transaction::{Nudge, WorkerTx};
use domain::{Change, Seq, WorkspaceId};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgListener;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

const TOPIC: &str = "switchboard";
/// Wake-ups of other processes are gathered for this long: NOTIFY takes a lock on the whole database.
const GATHER: Duration = Duration::from_millis(10);
const LOOK_EVERY: Duration = Duration::from_secs(1);
const PAGE: i64 = 1_000;
/// Above this many workspaces, the other processes are told to look at all of theirs.
const NAMED_LIMIT: usize = 100;

/// What the other processes have not been told yet.
#[derive(Default)]
struct Untold {
    changed: HashSet<WorkspaceId>,
    work: bool,
    due: Option<Instant>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the reader lives as long as the database handle, and ends by its token"
)]
pub(super) fn spawn(inner: Arc<Inner>, nudged: mpsc::UnboundedReceiver<Nudge>) {
    tokio::spawn(run(inner, nudged));
}

async fn run(inner: Arc<Inner>, mut nudged: mpsc::UnboundedReceiver<Nudge>) {
    let me = inner.shared.ids.make::<uuid::Uuid>().simple().to_string();
    let mut listener: Option<PgListener> = None;
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut untold = Untold::default();
    loop {
        let due = untold.due.unwrap_or_else(|| Instant::now() + LOOK_EVERY);
        let mut fresh = HashSet::new();
        tokio::select! {
            () = inner.stopped.cancelled() => return,
            nudge = nudged.recv() => {
                let Some(nudge) = nudge else { return };
                note(nudge, &mut fresh, &mut untold);
                while let Ok(nudge) = nudged.try_recv() { note(nudge, &mut fresh, &mut untold); }
            }
            heard = hear(&mut listener) => match heard {
                Some(payload) => heed(&inner, &me, &payload, &mut fresh),
                None => listener = None,
            },
            () = sleep_until(due), if untold.due.is_some() => tell(&inner, &me, &mut untold).await,
            _ = look.tick() => {
                if listener.is_none() { listener = listen(&inner).await; }
                inner.forget_unheard();
                inner.shared.work.notify_waiters();
                fresh = behind(&inner).await.unwrap_or_default();
            }
        }
        for workspace in fresh {
            if let Err(error) = catch_up(&inner, workspace).await {
                tracing::warn!(%error, "the change feed could not be read; it is tried again within a second");
            }
        }
    }
}

fn note(nudge: Nudge, fresh: &mut HashSet<WorkspaceId>, untold: &mut Untold) {
    match nudge {
        Nudge::Changed(workspace) => {
            fresh.insert(workspace);
            untold.changed.insert(workspace);
        }
        Nudge::Work => untold.work = true,
    }
    untold.due.get_or_insert_with(|| Instant::now() + GATHER);
}

/// Waits for a notification; for ever where there is no listener. `None` where the listener broke.
async fn hear(listener: &mut Option<PgListener>) -> Option<String> {
    match listener {
        Some(listener) => listener.recv().await.ok().map(|heard| heard.payload().to_owned()),
        None => std::future::pending().await,
    }
}

async fn listen(inner: &Inner) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(&inner.pool).await.ok()?;
    listener.listen(TOPIC).await.ok()?;
    Some(listener)
}

/// `sender work|-  ids,of,workspaces|*`, from another process.
fn heed(inner: &Inner, me: &str, payload: &str, fresh: &mut HashSet<WorkspaceId>) {
    let mut parts = payload.splitn(3, ' ');
    let (Some(sender), Some(work), Some(changed)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    if sender == me {
        return;
    }
    if work == "work" {
        inner.shared.work.notify_waiters();
    }
    if changed == "*" {
        fresh.extend(inner.listened());
    } else {
        fresh.extend(changed.split(',').filter_map(|id| id.parse::<WorkspaceId>().ok()));
    }
}

async fn tell(inner: &Inner, me: &str, untold: &mut Untold) {
    let Untold { changed, work, .. } = std::mem::take(untold);
    let ids = if changed.len() > NAMED_LIMIT {
        "*".to_owned()
    } else {
        changed.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    let work = if work { "work" } else { "-" };
    // All of it is ours: hexadecimal digits, hyphens, commas and two words.
    let notify = format!("NOTIFY {TOPIC}, '{me} {work} {ids}'");
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(notify)).execute(&inner.pool).await {
        tracing::debug!(%error, "other processes were not notified; they look by themselves");
    }
}

/// Reads what is new in a workspace and hands it to its subscribers.
async fn catch_up(inner: &Inner, workspace: WorkspaceId) -> Result<(), StoreError> {
    while let Some(after) = inner.place(workspace) {
        let changes = inner.read(workspace, after).await?;
        let Some(last) = changes.last().map(|change| change.seq) else {
            return Ok(());
        };
        let full = i64::try_from(changes.len()).is_ok_and(|count| count == PAGE);
        let batch = Arc::new(changes.into_iter().map(|change| Arc::new(Fed::new(change))).collect());
        let mut channels = inner.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = channels.get_mut(&workspace) {
            channel.head = last;
            channel.sender.send(batch).ok();
        }
        drop(channels);
        if !full {
            return Ok(());
        }
    }
    Ok(())
}

/// The listened workspaces whose feed is ahead of what was handed out.
async fn behind(inner: &Inner) -> Result<HashSet<WorkspaceId>, StoreError> {
    let listened = inner.listened();
    if listened.is_empty() {
        return Ok(HashSet::new());
    }
    let mut tx = WorkerTx::begin(&inner.pool, inner.shared.clone()).await?;
    let ids: Vec<uuid::Uuid> = listened.iter().map(|workspace| workspace.0).collect();
    let heads: Vec<(uuid::Uuid, i64)> =
        sqlx::query_as("SELECT workspace_id, seq FROM feed_counters WHERE workspace_id = ANY($1)")
            .bind(ids)
            .fetch_all(tx.conn())
            .await?;
    let ahead = heads.into_iter().map(|(workspace, seq)| (WorkspaceId(workspace), seq));
    Ok(ahead
        .filter(|(workspace, seq)| inner.place(*workspace).is_some_and(|at| at < *seq))
        .map(|(id, _)| id)
        .collect())
}

impl Inner {
    fn listened(&self) -> Vec<WorkspaceId> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    fn place(&self, workspace: WorkspaceId) -> Option<Seq> {
        self.channels
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&workspace)
            .map(|channel| channel.head)
    }

    fn forget_unheard(&self) {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|_, channel| channel.sender.receiver_count() > 0);
    }

    /// The epoch, and the last seq of a workspace.
    pub(super) async fn head_of(&self, workspace: WorkspaceId) -> Result<(String, Seq), StoreError> {
        let mut tx = WorkerTx::begin(&self.pool, self.shared.clone()).await?;
        let row = sqlx::query_as(
            "SELECT (SELECT epoch FROM feed_epoch),
                    coalesce((SELECT seq FROM feed_counters WHERE workspace_id = $1), 0)",
        )
        .bind(workspace.0)
        .fetch_one(tx.conn())
        .await?;
        Ok(row)
    }

    async fn read(&self, workspace: WorkspaceId, after: Seq) -> Result<Vec<Change>, StoreError> {
        let mut tx = WorkerTx::begin(&self.pool, self.shared.clone()).await?;
        let rows: Vec<ChangeRow> = sqlx::query_as(
            "SELECT seq, entity, id, op, row, by, at FROM changes
             WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        )
        .bind(workspace.0)
        .bind(after)
        .bind(PAGE)
        .fetch_all(tx.conn())
        .await?;
        rows.into_iter().map(Change::try_from).collect()
    }
}
