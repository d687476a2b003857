//! The frames of the contract, in and out.

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use domain::presence::Looking;
use domain::{Change, Code, Epoch, ExecutionId, Seq, TaskId};
use serde::{Deserialize, Serialize};
use tenancy::{Actor, Caller};

use super::scope;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    Resume {
        #[serde(default)]
        epoch: Option<Epoch>,
        #[serde(default)]
        after: Option<Seq>,
        #[serde(default)]
        entities: Option<Vec<String>>,
    },
    Ping {
        t: serde_json::Number,
    },
    Watch {
        execution: ExecutionId,
        #[serde(default)]
        after: i64,
    },
    Unwatch {
        execution: ExecutionId,
    },
    /// Who looks at which task is to be told, and this person looks at this one.
    Attend {
        #[serde(default)]
        task: Option<TaskId>,
    },
    Unattend {},
}

/// Why a client's frame was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The type that it claimed to be.
    pub about: Option<String>,
    pub detail: String,
    /// It is a frame of the contract; only what it asks for is not here.
    pub known: bool,
}

/// The frames of voice, which the contract has and this server does not hear yet.
const VOICE: [&str; 4] = ["execute_voice_command", "voice_start", "voice_end", "voice_cancel"];
pub(crate) const NO_VOICE: &str = "Voice is not available yet.";
/// A name is no longer than this in an answer.
const NAME_CHARS: usize = 64;

impl ClientFrame {
    /// Reads a text frame.
    ///
    /// # Errors
    /// One sentence for whoever sent it.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = |about: Option<&str>, detail: String| Refused {
            about: about.map(|name| name.chars().take(NAME_CHARS).collect()),
            detail,
            known: false,
        };
        let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
            return Err(refused(None, "A frame is a JSON object; this is none.".to_owned()));
        };
        let Some(kind) = value.get("type").and_then(serde_json::Value::as_str).map(str::to_owned) else {
            return Err(refused(None, "A frame is a JSON object with a text `type`.".to_owned()));
        };
        if VOICE.contains(&kind.as_str()) {
            return Err(Refused { known: true, ..refused(Some(&kind), NO_VOICE.to_owned()) });
        }
        let frame = Self::deserialize(value);
        let frame =
            frame.map_err(|error| refused(Some(&kind), format!("This frame can't be read: {error}.")))?;
        if let Self::Resume { entities: Some(entities), .. } = &frame
            && let Some(unknown) = entities.iter().find(|name| scope::of(name).is_none())
        {
            let unknown: String = unknown.chars().take(NAME_CHARS).collect();
            let detail = format!("There is no entity {unknown:?}; there are {}.", scope::names());
            return Err(refused(Some(&kind), detail));
        }
        Ok(frame)
    }
}

/// A frame on its way out.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its `type`.
    pub name: std::borrow::Cow<'static, str>,
    pub text: Utf8Bytes,
    /// Where in the feed a reader stands who has it.
    pub place: Option<Seq>,
}

impl Frame {
    fn new(name: &'static str, place: Option<Seq>, body: &impl Serialize) -> Self {
        Self { name: name.into(), text: text(name, body), place }
    }

    /// The first answer to `resume`. `place` is where the reader goes on from, `seq` where the feed stands.
    pub fn hello(epoch: &str, seq: Seq, place: Seq, caller: &Caller) -> Self {
        let (kind, id) = match caller.actor() {
            Actor::Person { user, .. } => ("person", Some(user.0)),
            Actor::Key { key, .. } => ("key", Some(key.0)),
            Actor::Job { by } => ("job", by.map(|user| user.0)),
            Actor::Operator => ("operator", None),
        };
        let caller_shown = serde_json::json!({
            "kind": kind, "id": id, "role": caller.role(), "scopes": caller.scopes(),
        });
        let body = serde_json::json!({
            "epoch": epoch, "seq": seq, "workspace": caller.workspace(), "caller": caller_shown,
            "server_version": env!("CARGO_PKG_VERSION"),
        });
        Self::new("hello", Some(place), &body)
    }

    /// Changes up to here are not for this reader.
    pub fn skip(through: Seq) -> Self {
        Self::new("skip", Some(through), &serde_json::json!({ "through": through }))
    }

    /// More changes of one entity at once than are worth sending.
    pub fn bulk(entity: &str, from: Seq, through: Seq) -> Self {
        let body = serde_json::json!({ "entity": entity, "from": from, "through": through });
        Self::new("bulk", Some(through), &body)
    }

    /// The reader has to start over; a hello follows.
    pub fn reset(reason: &'static str) -> Self {
        Self::new("reset", None, &serde_json::json!({ "reason": reason }))
    }

    /// The answer to a ping.
    pub fn pong(t: &serde_json::Number) -> Self {
        Self::new("pong", None, &serde_json::json!({ "t": t }))
    }

    /// The process ends: come back after a while.
    pub fn shutdown(retry_after_ms: u64) -> Self {
        Self::new("shutdown", None, &serde_json::json!({ "retry_after_ms": retry_after_ms }))
    }

    /// A refusal of what a client said.
    pub fn problem(code: Code, detail: &str, about: Option<&str>) -> Self {
        Self::new("problem", None, &serde_json::json!({ "code": code, "detail": detail, "for": about }))
    }

    /// Who looks at which task now.
    pub fn presence(tasks: &[Looking]) -> Self {
        Self::new("presence", None, &serde_json::json!({ "tasks": tasks }))
    }

    /// A refusal to watch an execution.
    pub fn unwatched(code: Code, detail: &str, execution: ExecutionId) -> Self {
        let body =
            serde_json::json!({ "code": code, "detail": detail, "for": "watch", "execution": execution });
        Self::new("problem", None, &body)
    }

    /// An event of a watched execution.
    pub fn output(execution: ExecutionId, event: &domain::executions::ExecutionEvent) -> Self {
        #[derive(Serialize)]
        struct Output<'a> {
            execution: ExecutionId,
            seq: i64,
            event: &'a domain::executions::ExecutionEvent,
        }
        Self::new("execution_event", None, &Output { execution, seq: event.seq, event })
    }
}

/// The type of the frame that carries a change of this entity.
pub fn name_of(entity: &str) -> String {
    // `execution_event` is what a watched execution says.
    if entity == "execution" { "execution_changed".to_owned() } else { format!("{entity}_event") }
}

/// The frame of a change, the same for every reader.
pub fn change(change: &Change) -> Bytes {
    #[derive(Serialize)]
    struct Body<'a> {
        seq: Seq,
        op: domain::Operation,
        id: domain::EventId,
        row: &'a serde_json::Value,
        by: Option<domain::UserId>,
        at: domain::DateTime,
    }
    let Change { seq, op, id, row, by, at, .. } = change;
    let body = Body { seq: *seq, op: *op, id: *id, row, by: *by, at: *at };
    Bytes::from(json(&name_of(&change.entity), &body))
}

fn text(name: &str, body: &impl Serialize) -> Utf8Bytes {
    Utf8Bytes::from(json(name, body))
}

fn json(name: &str, body: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Typed<'a, T> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(flatten)]
        body: &'a T,
    }
    // Our own types, with text keys only: there is nothing in them that JSON can't say.
    serde_json::to_string(&Typed { kind: name, body }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_said_is_read_and_nothing_else() {
        let id = "018f0000-0000-7000-8000-000000000001";
        for good in [
            r#"{"type":"resume"}"#.to_owned(),
            r#"{"type":"resume","epoch":null,"after":3,"entities":["task","lead"]}"#.to_owned(),
            r#"{"type":"ping","t":1.5}"#.to_owned(),
            format!(r#"{{"type":"watch","execution":"{id}","after":0}}"#),
            format!(r#"{{"type":"unwatch","execution":"{id}"}}"#),
            format!(r#"{{"type":"attend","task":"{id}"}}"#),
            r#"{"type":"attend"}"#.to_owned(),
            r#"{"type":"unattend"}"#.to_owned(),
        ] {
            assert!(ClientFrame::parse(&good).is_ok(), "{good}");
        }
        let cases = [
            ("", None, "JSON object"),
            ("[1]", None, "`type`"),
            (r#"{"type":7}"#, None, "`type`"),
            (r#"{"type":"dance"}"#, Some("dance"), "unknown variant"),
            (r#"{"type":"resume","afer":1}"#, Some("resume"), "unknown field"),
            (r#"{"type":"resume","after":"1"}"#, Some("resume"), "invalid type"),
            (r#"{"type":"resume","entities":["tasks"]}"#, Some("resume"), "no entity \"tasks\""),
            (r#"{"type":"watch","execution":"x"}"#, Some("watch"), "can't be read"),
            (r#"{"type":"attend","task":7}"#, Some("attend"), "can't be read"),
            (r#"{"type":"voice_start"}"#, Some("voice_start"), "not available"),
        ];
        for (text, about, detail) in cases {
            let refused = ClientFrame::parse(text).unwrap_err();
            assert_eq!(refused.about.as_deref(), about, "{text}");
            assert!(refused.detail.contains(detail), "{text}: {}", refused.detail);
        }
    }

    #[test]
    fn a_change_is_flat_and_named_by_its_type() {
        let id = uuid::Uuid::nil();
        let fed = |entity: &str| Change {
            seq: 3,
            entity: entity.to_owned(),
            id: id.into(),
            op: domain::Operation::Insert,
            row: serde_json::json!({"x": 1}),
            by: None,
            at: domain::DateTime::UNIX_EPOCH,
        };
        let read = |entity: &str| serde_json::from_slice::<serde_json::Value>(&change(&fed(entity))).unwrap();
        let task = read("task");
        assert_eq!((task["type"].as_str(), task["seq"].as_i64()), (Some("task_event"), Some(3)));
        assert_eq!(
            (&task["op"], &task["row"]["x"], &task["by"]),
            (&"insert".into(), &1.into(), &serde_json::Value::Null)
        );
        assert_eq!(read("execution")["type"], "execution_changed");
    }
}
