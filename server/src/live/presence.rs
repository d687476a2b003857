//! Who looks at which task now, as far as their sockets say so.
//!
//! Nothing of it is stored: somebody is there for as long as a socket of theirs is, and a change of it is told to those
//! who asked as one snapshot of the workspace, never more often than [`PACE`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::presence::{Looking, PEOPLE_TOLD, TASKS_TOLD};
use domain::session::Scope;
use domain::{TaskId, UserId};
use tenancy::{Actor, Caller};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::frames::Frame;

/// Changes that come closer together than this are told together.
const PACE: Duration = Duration::from_millis(250);

/// Who is where in one workspace.
#[derive(Debug, Default)]
pub struct Presence {
    inside: Mutex<Inside>,
    version: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inside {
    last: u64,
    /// By socket: one person may have several.
    looking: HashMap<u64, (UserId, TaskId)>,
    /// The last snapshot, encoded once for all who hear it.
    told: Option<(u64, Frame)>,
}

impl Presence {
    /// A socket that wants to know, and is at no task yet.
    pub fn attend(self: &Arc<Self>) -> Attendance {
        let mut inside = self.lock();
        inside.last += 1;
        let number = inside.last;
        drop(inside);
        let news = self.version.subscribe();
        Attendance { presence: Arc::clone(self), number, news, told: None, due: Instant::now() }
    }

    fn put(&self, number: u64, at: Option<(UserId, TaskId)>) {
        let mut inside = self.lock();
        let before = match at {
            Some(at) => inside.looking.insert(number, at),
            None => inside.looking.remove(&number),
        };
        drop(inside);
        if before != at {
            self.version.send_modify(|version| *version += 1);
        }
    }

    fn frame(&self) -> (u64, Frame) {
        let version = *self.version.borrow();
        let mut inside = self.lock();
        if let Some((told, frame)) = inside.told.as_ref().filter(|(told, _)| *told == version) {
            return (*told, frame.clone());
        }
        let frame = Frame::presence(&snapshot(inside.looking.values().copied()));
        inside.told = Some((version, frame.clone()));
        (version, frame)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each person once at each task, in one order, and no more than a snapshot holds.
fn snapshot(looking: impl Iterator<Item = (UserId, TaskId)>) -> Vec<Looking> {
    let mut tasks: BTreeMap<TaskId, BTreeSet<UserId>> = BTreeMap::new();
    for (user, task) in looking {
        tasks.entry(task).or_default().insert(user);
    }
    let tell = |(task, people): (TaskId, BTreeSet<UserId>)| Looking {
        task,
        people: people.into_iter().take(PEOPLE_TOLD).collect(),
    };
    tasks.into_iter().take(TASKS_TOLD).map(tell).collect()
}

/// One socket's part in it: gone when it is dropped.
#[derive(Debug)]
pub struct Attendance {
    presence: Arc<Presence>,
    number: u64,
    news: watch::Receiver<u64>,
    told: Option<u64>,
    due: Instant,
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.presence.put(self.number, None);
    }
}

impl Attendance {
    /// Says where this socket's person is. A program is nobody: it only hears.
    pub fn look_at(&mut self, caller: &Caller, task: Option<TaskId>) {
        let user = match caller.actor() {
            Actor::Person { user, .. } => Some(user),
            _ => None,
        };
        self.presence.put(self.number, user.zip(task));
    }

    /// Completes when there is something to tell. Can be cancelled.
    pub async fn wait(&mut self) {
        let told = self.told;
        if self.news.wait_for(|version| Some(*version) != told).await.is_err() {
            // The sender is held here: this can't be.
            std::future::pending::<()>().await;
        }
        sleep_until(self.due).await;
    }

    /// How it stands now, for whoever may see tasks.
    pub fn read(&mut self, caller: &Caller) -> Vec<Frame> {
        let (version, frame) = self.presence.frame();
        self.told = Some(version);
        self.due = Instant::now() + PACE;
        if caller.may(Scope::TasksRead) { vec![frame] } else { Vec::new() }
    }
}

/// Completes when there is something to tell; for ever where nobody asked. Can be cancelled.
pub async fn wait(attendance: &mut Option<Box<Attendance>>) {
    match attendance {
        Some(attendance) => attendance.wait().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(id))
    }

    fn task(id: u128) -> TaskId {
        TaskId(uuid::Uuid::from_u128(id))
    }

    #[test]
    fn a_person_is_told_of_once_and_a_snapshot_is_bounded() {
        let at = [(user(2), task(1)), (user(1), task(1)), (user(2), task(1)), (user(1), task(2))];
        let told = snapshot(at.into_iter());
        let expected = [
            Looking { task: task(1), people: vec![user(1), user(2)] },
            Looking { task: task(2), people: vec![user(1)] },
        ];
        assert_eq!(told, expected);
        let crowd = (0..100).map(|person| (user(person), task(1)));
        assert_eq!(snapshot(crowd)[0].people.len(), PEOPLE_TOLD);
        assert_eq!(snapshot((0..1_000).map(|number| (user(1), task(number)))).len(), TASKS_TOLD);
    }

    #[test]
    fn whoever_goes_is_told_of_and_what_stays_the_same_is_not() {
        let presence = Arc::new(Presence::default());
        let version = || *presence.version.borrow();
        let attendance = presence.attend();
        assert_eq!(version(), 0);
        presence.put(attendance.number, Some((user(1), task(1))));
        presence.put(attendance.number, Some((user(1), task(1))));
        assert_eq!(version(), 1);
        presence.put(attendance.number, Some((user(1), task(2))));
        assert_eq!(version(), 2);
        drop(attendance);
        assert_eq!(version(), 3);
        assert!(presence.lock().looking.is_empty());
    }
}
