//! How events and outcomes become statuses. Pure.

use base64::Engine as _;
use domain::executions::{EventBody, ExecutionStatus, OutcomeClass};

/// The longest text of what is happening now.
const DETAIL_LIMIT: usize = 200;

/// The execution's last status, by its outcome.
pub(super) fn final_status(class: OutcomeClass) -> ExecutionStatus {
    match class {
        OutcomeClass::Succeeded => ExecutionStatus::Succeeded,
        OutcomeClass::Cancelled => ExecutionStatus::Cancelled,
        OutcomeClass::Empty
        | OutcomeClass::Failed
        | OutcomeClass::TimedOut
        | OutcomeClass::OutOfMemory
        | OutcomeClass::Killed
        | OutcomeClass::Stalled
        | OutcomeClass::Budget
        | OutcomeClass::RateLimited
        | OutcomeClass::Auth
        | OutcomeClass::Lost => ExecutionStatus::Failed,
    }
}

/// What an event says about the present: a status where it has one, and what is happening now.
pub(super) fn present(body: &EventBody) -> Option<(Option<ExecutionStatus>, String)> {
    match body {
        EventBody::Status { status, detail } => Some((Some(*status), detail.clone())),
        EventBody::Tool { title, .. } => Some((None, title.chars().take(DETAIL_LIMIT).collect())),
        _ => None,
    }
}

/// PostgreSQL's JSON can't hold NUL. What has one is kept exactly as base64, beside a text that shows where it was.
pub(super) fn storable(body: EventBody) -> EventBody {
    match body {
        EventBody::ToolOutput { stream, text, base64 } if text.contains('\0') => EventBody::ToolOutput {
            stream,
            base64: base64.or_else(|| Some(base64::engine::general_purpose::STANDARD.encode(&text))),
            text: visible(&text),
        },
        EventBody::Tool { command, title } => EventBody::Tool { command, title: visible(&title) },
        EventBody::Notice { text } => EventBody::Notice { text: visible(&text) },
        EventBody::Text { role, text, by } => EventBody::Text { role, text: visible(&text), by },
        other => other,
    }
}

pub(super) fn visible(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::executions::Stream;

    #[test]
    fn only_success_succeeds() {
        for class in OutcomeClass::ALL {
            let status = final_status(*class);
            assert!(status.is_finished());
            assert_eq!(status == ExecutionStatus::Succeeded, *class == OutcomeClass::Succeeded, "{class}");
        }
    }

    #[test]
    fn nul_is_kept_exactly_and_shown() {
        let body = EventBody::ToolOutput { stream: Stream::Stdout, text: "a\0b".to_owned(), base64: None };
        let EventBody::ToolOutput { text, base64, .. } = storable(body) else { panic!("still output") };
        assert_eq!(text, "a\u{2400}b");
        assert_eq!(base64.as_deref(), Some("YQBi"));
    }
}
