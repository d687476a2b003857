//! What listening may cost.

use std::time::Duration;

/// The bounds of sockets and streams. Tests make them small.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Sockets and streams of one person, or of one API key.
    pub per_person: usize,
    /// Sockets and streams of this process.
    pub in_all: usize,
    /// Changes of a workspace that are kept for readers who are a little behind.
    pub ring_changes: usize,
    /// The bytes of those changes.
    pub ring_bytes: usize,
    /// How long one write may be stuck.
    pub stuck: Duration,
    /// How long a reader is waited for when the process ends.
    pub ending: Duration,
    /// Pings go out at this pace.
    pub heartbeat: Duration,
    /// A socket that says nothing for this long, not even to a ping, is dead.
    pub silence: Duration,
    /// How often it is asked whether those who listen still may.
    pub recheck: Duration,
    /// Executions that one socket watches.
    pub watches: usize,
    /// A watcher looks by itself this often.
    pub look: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            per_person: 50,
            in_all: 20_000,
            ring_changes: 4_096,
            ring_bytes: 4 * 1024 * 1024,
            stuck: Duration::from_secs(20),
            ending: Duration::from_secs(5),
            heartbeat: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            recheck: Duration::from_secs(3),
            watches: 16,
            look: Duration::from_secs(1),
        }
    }
}
