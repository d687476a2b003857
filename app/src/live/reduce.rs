//! From frames to rows: which table a change belongs to, and how far the feed has been followed. Pure.

use domain::comments::Comment;
use domain::executions::{Execution, ExecutionStatus};
use domain::repositories::Repository;
use domain::tasks::Task;
use domain::{Change, CommentId, Epoch, ExecutionId, Operation, RepositoryId, Seq, TaskId};
use reactive_stores::Store;
use serde::de::DeserializeOwned;

use crate::live::frames::ServerFrame;
use crate::live::table::{Row, Table};

/// The entities that this app follows.
pub const ENTITIES: [&str; 5] = ["task", "execution", "repository", "comment", "saved_view"];

/// What is known of a workspace. Each table is followed by itself.
#[derive(Debug, Clone, Default, PartialEq, Store)]
pub struct Lists {
    pub tasks: Table<Task>,
    pub executions: Table<Execution>,
    pub repositories: Table<Repository>,
    pub comments: Table<Comment>,
}

/// How far the feed has been followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    pub epoch: Option<Epoch>,
    pub seq: Option<Seq>,
}

/// What the page has to do about a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Nothing,
    /// Put this change into its table.
    Apply(Box<Change>),
    /// The connection stands, and lists that were read before it must be read again.
    ReadAgain,
    /// Forget every table, and read the lists again.
    StartOver,
}

/// Follows the feed by one frame.
pub fn follow(cursor: &mut Cursor, frame: ServerFrame) -> Effect {
    match frame {
        ServerFrame::Hello { epoch, seq, .. } => {
            let resumed = cursor.seq.is_some() && cursor.epoch.as_ref() == Some(&epoch);
            let other_life = cursor.epoch.as_ref().is_some_and(|known| *known != epoch);
            cursor.epoch = Some(epoch);
            if resumed {
                // Everything after our place follows; the hello's own is the head.
                return Effect::Nothing;
            }
            cursor.seq = Some(seq);
            if other_life { Effect::StartOver } else { Effect::ReadAgain }
        }
        ServerFrame::Changed(change) => {
            if cursor.seq.is_some_and(|seq| change.seq <= seq) {
                return Effect::Nothing;
            }
            cursor.seq = Some(change.seq);
            Effect::Apply(change)
        }
        ServerFrame::Skip { through } => {
            cursor.seq = cursor.seq.max(Some(through));
            Effect::Nothing
        }
        ServerFrame::Bulk { entity, through } => {
            cursor.seq = cursor.seq.max(Some(through));
            if ENTITIES.contains(&entity.as_str()) { Effect::ReadAgain } else { Effect::Nothing }
        }
        ServerFrame::Reset => {
            *cursor = Cursor::default();
            Effect::StartOver
        }
        ServerFrame::Output { .. }
        | ServerFrame::Presence(_)
        | ServerFrame::Pong { .. }
        | ServerFrame::Shutdown { .. }
        | ServerFrame::Other => Effect::Nothing,
    }
}

/// Puts a change into a table of its rows. A row that can't be read is left as it was: the next list mends it.
pub fn apply<T>(table: &mut Table<T>, change: &Change)
where
    T: Row + DeserializeOwned,
    T::Id: From<uuid::Uuid>,
{
    let id = T::Id::from(change.id.0);
    match change.op {
        Operation::Delete => table.change(change.seq, id, None),
        Operation::Insert | Operation::Update => {
            if let Ok(row) = serde_json::from_value(change.row.clone()) {
                table.change(change.seq, id, Some(row));
            }
        }
    }
}

impl Row for Task {
    type Id = TaskId;

    fn id(&self) -> TaskId {
        self.id
    }

    fn freshness(&self) -> i64 {
        self.version
    }

    /// The feed cuts long texts: as long as the cut piece is how ours begins, ours is the whole of it.
    fn carry(&self, mut newer: Self) -> Self {
        if newer.truncated && !self.truncated {
            let whole =
                self.description.starts_with(&newer.description) && self.script.starts_with(&newer.script);
            if whole {
                newer.description.clone_from(&self.description);
                newer.script.clone_from(&self.script);
                newer.truncated = false;
            }
        }
        newer
    }

    fn rebase(base: &Self, wanted: &Self, now: &Self) -> Self {
        let mut row = now.clone();
        macro_rules! carry_over {
            ($($field:ident),+) => {$(
                if wanted.$field != base.$field {
                    row.$field.clone_from(&wanted.$field);
                }
            )+};
        }
        carry_over!(
            title,
            description,
            script,
            priority,
            status,
            repository_id,
            agent,
            labels,
            assignee_id,
            blocked_by
        );
        row
    }
}

impl Row for Repository {
    type Id = RepositoryId;

    fn id(&self) -> RepositoryId {
        self.id
    }

    fn freshness(&self) -> i64 {
        self.version
    }
}

impl Row for Comment {
    type Id = CommentId;

    fn id(&self) -> CommentId {
        self.id
    }

    /// A comment is never changed.
    fn freshness(&self) -> i64 {
        0
    }
}

impl Row for Execution {
    type Id = ExecutionId;

    fn id(&self) -> ExecutionId {
        self.id
    }

    /// An execution has no version: it goes one way, and its events count up.
    fn freshness(&self) -> i64 {
        let step = match self.status {
            ExecutionStatus::Queued => 0,
            ExecutionStatus::Starting => 1,
            ExecutionStatus::Running | ExecutionStatus::Paused | ExecutionStatus::Waiting => 2,
            ExecutionStatus::Succeeded | ExecutionStatus::Failed | ExecutionStatus::Cancelled => 3,
        };
        // What has ended says nothing more; a feed's image of it, which leaves out the sequence, is no older for that.
        let said = if self.status.is_finished() { 0 } else { self.last_seq };
        (step << 48) + said
    }

    /// The feed leaves out output, evidence and what changes with every other execution.
    fn carry(&self, mut newer: Self) -> Self {
        newer.last_seq = newer.last_seq.max(self.last_seq);
        if newer.progress.is_none() && newer.status == self.status {
            newer.progress.clone_from(&self.progress);
        }
        if newer.evidence == Default::default() {
            newer.evidence.clone_from(&self.evidence);
        }
        if newer.stdout.is_empty() && newer.stderr.is_empty() {
            newer.stdout.clone_from(&self.stdout);
            newer.stderr.clone_from(&self.stderr);
        }
        newer
    }
}

#[cfg(test)]
mod tests;
