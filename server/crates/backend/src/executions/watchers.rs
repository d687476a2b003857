//! Who in this process waits for an execution to say more.

use domain::ExecutionId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Wakes the watchers of an execution when more of it is stored. Cheap to clone. A wake-up is a hint: another process
/// may store without one, so a watcher looks by itself now and then.
#[derive(Debug, Clone, Default)]
pub struct Watchers(Arc<Mutex<HashMap<ExecutionId, watch::Sender<i64>>>>);

impl Watchers {
    /// Changes to the last stored seq from now on.
    pub fn watch(&self, execution: ExecutionId) -> watch::Receiver<i64> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        watched.entry(execution).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    pub(super) fn tell(&self, execution: ExecutionId, last_seq: i64) {
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watched.get(&execution) {
            sender.send_replace(last_seq);
        }
    }
}
