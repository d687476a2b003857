//! The time of day, passed to whoever needs it so that tests can set it.

use domain::DateTime;
use std::sync::{Arc, Mutex};

/// The system's clock, or one that a test holds.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime>>>);

impl Clock {
    /// A clock that stands still until it is [`set`](Self::set).
    pub fn fixed(at: DateTime) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// Now, to the microsecond: the precision that PostgreSQL keeps, so that a time reads back as it was written.
    pub fn now(&self) -> DateTime {
        let now = match &self.0 {
            Some(fixed) => *fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that reads the system's clock"
            )]
            None => chrono::Utc::now(),
        };
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Moves a fixed clock; the system's clock doesn't move.
    pub fn set(&self, at: DateTime) {
        if let Some(fixed) = &self.0 {
            *fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = at;
        }
    }
}
