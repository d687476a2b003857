//! Who may be answered, with what, and what is told of it. Pure.

use super::AskError;
use domain::DateTime;
use domain::activity::ActivityKind;
use domain::asks::{ANSWER_LIMIT, Ask, AskKind, AskState, Decision, MESSAGE_LIMIT, Risk};
use domain::executions::EventBody;
use domain::tasks::Task;
use domain::text;

/// So many messages may wait for an agent.
const UNHEARD_LIMIT: i64 = 50;

/// What a person said to an ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::executions) struct Resolution {
    pub(super) decision: Option<Decision>,
    pub(super) answer: Option<String>,
}

/// Whether an answer still counts; else one sentence on why not.
pub(super) fn is_answerable(ask: &Ask, now: DateTime) -> Result<(), AskError> {
    let reason = match ask.state {
        AskState::Open if ask.expires_at <= now => "nobody answered it in time",
        AskState::Open => return Ok(()),
        AskState::Resolved => "somebody has answered it already",
        AskState::Expired => "nobody answered it in time",
        AskState::Withdrawn => "its execution was cancelled or has ended",
    };
    Err(AskError::Conflict(reason.to_owned()))
}

pub(super) fn decide(ask: &Ask, decision: Decision, note: Option<&str>) -> Result<Resolution, AskError> {
    if ask.kind != AskKind::Approval {
        return Err(AskError::invalid("approval", "is a question: answer it"));
    }
    if decision == Decision::AllowAlways && !ask.can_remember {
        return Err(AskError::invalid("decision", "must be allow or deny: this agent asks anew each time"));
    }
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    let note = note.map(|note| text::block(&shown(note), ANSWER_LIMIT)).transpose();
    Ok(Resolution {
        decision: Some(decision),
        answer: note.map_err(|reason| AskError::invalid("note", reason))?,
    })
}

pub(super) fn answer(ask: &Ask, said: &str) -> Result<Resolution, AskError> {
    if ask.kind != AskKind::Question {
        return Err(AskError::invalid("question", "is an action to approve: allow or deny it"));
    }
    let said = said.trim();
    if said.is_empty() {
        return Err(AskError::invalid("text", "must say something"));
    }
    if !ask.free_text && !ask.choices.iter().any(|choice| choice == said) {
        return Err(AskError::invalid("text", format!("must be one of {}", ask.choices.join(", "))));
    }
    let said = text::block(&shown(said), ANSWER_LIMIT).map_err(|reason| AskError::invalid("text", reason))?;
    Ok(Resolution { decision: None, answer: Some(said) })
}

/// Without what no screen shows. NUL stays, and is refused.
fn shown(said: &str) -> String {
    let said = said.replace("\r\n", "\n");
    said.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t' | '\0')).collect()
}

pub(super) fn message(said: &str) -> Result<String, AskError> {
    if said.trim().is_empty() {
        return Err(AskError::invalid("text", "must say something"));
    }
    text::block(said.trim_end(), MESSAGE_LIMIT).map_err(|reason| AskError::invalid("text", reason))
}

/// A script can't hear anything; what can be done instead is said.
pub(super) fn listens(task: &Task) -> Result<(), AskError> {
    if task.agent.listens() {
        return Ok(());
    }
    Err(AskError::Conflict(format!(
        "a task of the agent {} can't hear anything while it runs: make a follow-up task, or retry it with what is to be said in its description",
        task.agent
    )))
}

pub(super) fn may_say_more(unheard: i64) -> Result<(), AskError> {
    if unheard < UNHEARD_LIMIT {
        return Ok(());
    }
    Err(AskError::Conflict(format!("the agent has not heard the last {UNHEARD_LIMIT} messages yet")))
}

/// What a person did by resolving it.
pub(super) fn kind(ask: &Ask) -> ActivityKind {
    match ask.decision {
        None => ActivityKind::Answered,
        Some(Decision::Deny) => ActivityKind::Denied,
        Some(Decision::Allow | Decision::AllowAlways) => ActivityKind::Approved,
    }
}

/// The event of an ask.
pub(super) fn asked(ask: &Ask) -> EventBody {
    match ask.kind {
        AskKind::Approval => EventBody::ApprovalRequested {
            approval: ask.id,
            title: ask.title.clone(),
            detail: ask.detail.clone(),
            risk: ask.risk.unwrap_or(Risk::High),
            expires_at: ask.expires_at,
        },
        AskKind::Question => EventBody::QuestionAsked {
            question: ask.id,
            title: ask.title.clone(),
            choices: ask.choices.clone(),
            expires_at: ask.expires_at,
        },
    }
}

/// The event of its end, once the agent was told.
pub(super) fn resolved(ask: &Ask) -> EventBody {
    match ask.kind {
        AskKind::Approval => EventBody::ApprovalResolved {
            approval: ask.id,
            state: ask.state,
            decision: ask.decision,
            note: ask.answer.clone(),
            by: ask.resolved_by,
        },
        AskKind::Question => EventBody::QuestionAnswered {
            question: ask.id,
            state: ask.state,
            answer: ask.answer.clone(),
            by: ask.resolved_by,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AskId, ExecutionId, TaskId};
    use uuid::Uuid;

    fn ask(kind: AskKind) -> Ask {
        Ask {
            id: AskId(Uuid::nil()),
            task_id: TaskId(Uuid::nil()),
            execution_id: ExecutionId(Uuid::nil()),
            number: 1,
            kind,
            title: "x".to_owned(),
            detail: String::new(),
            risk: (kind == AskKind::Approval).then_some(Risk::High),
            can_remember: false,
            choices: Vec::new(),
            free_text: false,
            state: AskState::Open,
            decision: None,
            answer: None,
            asked_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH + chrono::Duration::seconds(60),
            resolved_at: None,
            resolved_by: None,
            delivered_at: None,
        }
    }

    #[test]
    fn only_what_is_open_and_in_time_can_be_answered() {
        let at = |seconds| DateTime::UNIX_EPOCH + chrono::Duration::seconds(seconds);
        for (state, now, fits) in [
            (AskState::Open, 0, true),
            (AskState::Open, 59, true),
            (AskState::Open, 60, false),
            (AskState::Resolved, 0, false),
            (AskState::Expired, 0, false),
            (AskState::Withdrawn, 0, false),
        ] {
            let ask = Ask { state, ..ask(AskKind::Approval) };
            assert_eq!(is_answerable(&ask, at(now)).is_ok(), fits, "{state} at {now}");
        }
    }

    #[test]
    fn decisions_fit_what_was_asked() {
        let plain = ask(AskKind::Approval);
        let remembers = Ask { can_remember: true, ..plain.clone() };
        let question = ask(AskKind::Question);
        for (ask, decision, fits) in [
            (&plain, Decision::Allow, true),
            (&plain, Decision::Deny, true),
            (&plain, Decision::AllowAlways, false),
            (&remembers, Decision::AllowAlways, true),
            (&question, Decision::Allow, false),
        ] {
            assert_eq!(decide(ask, decision, None).is_ok(), fits, "{:?} {decision}", ask.kind);
        }
        let with_note = |note: &str| decide(&plain, Decision::Deny, Some(note));
        assert_eq!(with_note(" too risky ").unwrap().answer.as_deref(), Some("too risky"));
        assert_eq!(with_note("  ").unwrap().answer, None);
        assert!(with_note(&"x".repeat(ANSWER_LIMIT + 1)).is_err());
        assert!(with_note("a\0b").is_err());
    }

    #[test]
    fn answers_are_one_of_the_choices_or_words_where_words_will_do() {
        let choices = vec!["red".to_owned(), "blue".to_owned()];
        let closed = Ask { choices: choices.clone(), ..ask(AskKind::Question) };
        let both = Ask { choices, free_text: true, ..ask(AskKind::Question) };
        for (ask, said, fits) in [
            (&closed, " red ", true),
            (&closed, "green", false),
            (&closed, "", false),
            (&both, "green", true),
            (&both, "blue", true),
        ] {
            assert_eq!(answer(ask, said).is_ok(), fits, "{said:?}");
        }
        assert!(answer(&ask(AskKind::Approval), "yes").is_err());
    }
}
