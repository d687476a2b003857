//! The frames of the socket, as far as the browser app speaks them.

use domain::presence::Looking;
use domain::{Change, Epoch, ExecutionId, Seq, TaskId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the browser says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Always first. Without `after`: live from now on.
    Resume {
        #[serde(skip_serializing_if = "Option::is_none")]
        epoch: Option<Epoch>,
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Seq>,
        entities: Vec<&'static str>,
    },
    Ping {
        t: i64,
    },
    Watch {
        execution: ExecutionId,
        after: i64,
    },
    Unwatch {
        execution: ExecutionId,
    },
    /// Who looks at which task is to be told, and this page looks at this one.
    Attend {
        #[serde(skip_serializing_if = "Option::is_none")]
        task: Option<TaskId>,
    },
    Unattend,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerFrame {
    Hello {
        epoch: Epoch,
        seq: Seq,
        /// The person who is signed in.
        me: Option<UserId>,
    },
    /// Who looks at which task now.
    Presence(Vec<Looking>),
    Changed(Box<Change>),
    Output {
        execution: ExecutionId,
        /// Whoever watches reads it: every page would carry the code for it otherwise, for the room alone.
        event: Value,
    },
    /// Changes up to here are not for this reader.
    Skip {
        through: Seq,
    },
    /// More changes of one entity at once than are worth sending: its lists are to be read again.
    Bulk {
        entity: String,
        through: Seq,
    },
    Pong {
        t: i64,
    },
    /// What is known is too old to be caught up with: everything is to be read again.
    Reset,
    Shutdown {
        retry_after_ms: u64,
    },
    /// Something that this client doesn't ask for, or a problem of ours that reading on doesn't mend.
    Other,
}

impl ServerFrame {
    /// Reads a frame. `None` for what is not one; the connection then counts as broken.
    pub fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let kind = value.get("type")?.as_str()?.to_owned();
        match kind.as_str() {
            "hello" => {
                let me = value.get("caller").and_then(|caller| text_of(caller, "id"));
                Some(Self::Hello {
                    epoch: text_of(&value, "epoch")?,
                    seq: value.get("seq")?.as_i64()?,
                    me: me.and_then(|id| id.parse().ok()),
                })
            }
            "presence" => Some(Self::Presence(serde_json::from_value(value.get("tasks")?.clone()).ok()?)),
            "execution_event" => output(&value),
            "execution_changed" => changed("execution", value),
            "skip" => Some(Self::Skip { through: value.get("through")?.as_i64()? }),
            "bulk" => Some(Self::Bulk {
                entity: text_of(&value, "entity")?,
                through: value.get("through")?.as_i64()?,
            }),
            "pong" => Some(Self::Pong { t: value.get("t")?.as_i64()? }),
            "reset" => Some(Self::Reset),
            "shutdown" => Some(Self::Shutdown {
                retry_after_ms: value.get("retry_after_ms").and_then(Value::as_u64).unwrap_or(1_000),
            }),
            other => match other.strip_suffix("_event") {
                Some(entity) => changed(entity, value),
                None => Some(Self::Other),
            },
        }
    }
}

/// A frame of events carries one, and its `seq` beside it may be left out of the event itself.
fn output(value: &Value) -> Option<ServerFrame> {
    #[derive(Deserialize)]
    struct Output {
        execution: ExecutionId,
        #[serde(default)]
        seq: Option<i64>,
        event: Value,
    }
    let mut output = Output::deserialize(value).ok()?;
    if let (Some(seq), Some(event)) = (output.seq, output.event.as_object_mut()) {
        event.entry("seq").or_insert_with(|| seq.into());
    }
    Some(ServerFrame::Output { execution: output.execution, event: output.event })
}

fn changed(entity: &str, mut value: Value) -> Option<ServerFrame> {
    let frame = value.as_object_mut()?;
    frame.insert("entity".to_owned(), entity.into());
    serde_json::from_value(value).ok().map(|change| ServerFrame::Changed(Box::new(change)))
}

fn text_of(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Operation;
    use domain::executions::{EventBody, ExecutionEvent};

    #[test]
    fn frames_are_read_by_their_type() {
        let hello = ServerFrame::parse(r#"{"type":"hello","epoch":"a","seq":7,"server_version":"1"}"#);
        assert_eq!(hello, Some(ServerFrame::Hello { epoch: "a".to_owned(), seq: 7, me: None }));
        let id = uuid::Uuid::from_u128(5);
        let text =
            format!(r#"{{"type":"hello","epoch":"a","seq":7,"caller":{{"kind":"person","id":"{id}"}}}}"#);
        let Some(ServerFrame::Hello { me, .. }) = ServerFrame::parse(&text) else { panic!("no hello") };
        assert_eq!(me, Some(UserId(id)));
        let text = format!(r#"{{"type":"presence","tasks":[{{"task":"{id}","people":["{id}"]}}]}}"#);
        let looking = Looking { task: TaskId(id), people: vec![UserId(id)] };
        assert_eq!(ServerFrame::parse(&text), Some(ServerFrame::Presence(vec![looking])));
        assert_eq!(
            ServerFrame::parse(r#"{"type":"skip","through":9}"#),
            Some(ServerFrame::Skip { through: 9 })
        );
        assert_eq!(ServerFrame::parse(r#"{"type":"reset","reason":"old"}"#), Some(ServerFrame::Reset));
        assert_eq!(ServerFrame::parse(r#"{"type":"voice_transcript"}"#), Some(ServerFrame::Other));
        for broken in ["", "[]", "{}", r#"{"type":7}"#, r#"{"type":"hello"}"#, r#"{"type":"task_event"}"#] {
            assert_eq!(ServerFrame::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_change_is_named_by_its_frame() {
        let text = r#"{"type":"execution_changed","seq":3,"op":"update","id":"018f0000-0000-7000-8000-000000000001",
            "row":{"x":1},"by":null,"at":"2026-11-20T12:00:00Z"}"#;
        let Some(ServerFrame::Changed(change)) = ServerFrame::parse(text) else { panic!("not a change") };
        assert_eq!((change.entity.as_str(), change.seq, change.op), ("execution", 3, Operation::Update));
    }

    #[test]
    fn output_comes_with_its_seq_beside_or_inside() {
        let id = "018f0000-0000-7000-8000-000000000001";
        for event in [
            r#"{"at":"2026-11-20T12:00:00Z","kind":"notice","text":"x"}"#,
            r#"{"seq":5,"at":"2026-11-20T12:00:00Z","kind":"notice","text":"x"}"#,
        ] {
            let text = format!(r#"{{"type":"execution_event","execution":"{id}","seq":5,"event":{event}}}"#);
            let Some(ServerFrame::Output { event, .. }) = ServerFrame::parse(&text) else {
                panic!("not output")
            };
            let event: ExecutionEvent = serde_json::from_value(event).unwrap();
            assert_eq!(event.seq, 5);
            assert_eq!(event.body, EventBody::Notice { text: "x".to_owned() });
        }
    }

    #[test]
    fn a_resume_without_a_place_has_no_place() {
        let frame = ClientFrame::Resume { epoch: None, after: None, entities: vec!["task"] };
        assert_eq!(serde_json::to_string(&frame).unwrap(), r#"{"type":"resume","entities":["task"]}"#);
    }
}
