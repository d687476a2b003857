//! The figures of what is live.

use metrics::{Unit, counter, describe_counter};

const FRAMES: &str = "switchboard_live_frames_total";
const RESETS: &str = "switchboard_live_resets_total";
const LAG_CLOSES: &str = "switchboard_live_lag_closes_total";

pub(super) fn describe() {
    describe_counter!(FRAMES, Unit::Count, "Frames sent to sockets and streams, by kind.");
    describe_counter!(RESETS, Unit::Count, "Readers that had to start over, by reason.");
    describe_counter!(
        LAG_CLOSES,
        Unit::Count,
        "Sockets and streams that were closed because they take too slowly."
    );
}

/// So many frames were sent.
pub(crate) fn sent(kind: &'static str, frames: usize) {
    counter!(FRAMES, "kind" => kind).increment(u64::try_from(frames).unwrap_or(u64::MAX));
}

pub(super) fn reset(reason: &'static str) {
    counter!(RESETS, "reason" => reason).increment(1);
}

/// A reader was given up.
pub(crate) fn lag_close() {
    counter!(LAG_CLOSES).increment(1);
}
