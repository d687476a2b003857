//! The feed as a browser may meet it: resumed, gapped, repeated, begun anew.

use super::*;
use domain::executions::{Evidence, Outcome, OutcomeClass};
use domain::tasks::{Agent, Priority, TaskStatus};
use domain::{DateTime, EventId};

fn hello(epoch: &str, seq: Seq) -> ServerFrame {
    ServerFrame::Hello { epoch: epoch.to_owned(), seq, me: None }
}

fn change(seq: Seq) -> ServerFrame {
    ServerFrame::Changed(Box::new(Change {
        seq,
        entity: "task".to_owned(),
        id: EventId(uuid::Uuid::from_u128(1)),
        op: Operation::Update,
        row: serde_json::Value::Null,
        by: None,
        at: DateTime::UNIX_EPOCH,
    }))
}

#[derive(Debug, PartialEq)]
enum Seen {
    Nothing,
    Apply(Seq),
    ReadAgain,
    StartOver,
}

fn seen(effect: Effect) -> Seen {
    match effect {
        Effect::Nothing => Seen::Nothing,
        Effect::Apply(change) => Seen::Apply(change.seq),
        Effect::ReadAgain => Seen::ReadAgain,
        Effect::StartOver => Seen::StartOver,
    }
}

#[test]
fn the_feed_is_followed_without_gap_or_repeat() {
    use Seen::{Apply, Nothing, ReadAgain, StartOver};
    let bulk = |entity: &str| ServerFrame::Bulk { entity: entity.to_owned(), through: 20 };
    type Case = (&'static str, Vec<(ServerFrame, Seen)>, Option<Seq>);
    let cases: Vec<Case> = vec![
        ("first hello", vec![(hello("a", 7), ReadAgain)], Some(7)),
        ("live", vec![(hello("a", 7), ReadAgain), (change(8), Apply(8)), (change(9), Apply(9))], Some(9)),
        ("repeated", vec![(hello("a", 7), ReadAgain), (change(8), Apply(8)), (change(8), Nothing)], Some(8)),
        (
            "resumed: the head in the second hello is not our place",
            vec![
                (hello("a", 7), ReadAgain),
                (change(8), Apply(8)),
                (hello("a", 12), Nothing),
                (change(9), Apply(9)),
            ],
            Some(9),
        ),
        (
            "hidden from us",
            vec![(hello("a", 7), ReadAgain), (ServerFrame::Skip { through: 11 }, Nothing)],
            Some(11),
        ),
        ("many at once", vec![(hello("a", 7), ReadAgain), (bulk("task"), ReadAgain)], Some(20)),
        ("many of no concern", vec![(hello("a", 7), ReadAgain), (bulk("lead"), Nothing)], Some(20)),
        (
            "another life",
            vec![(hello("a", 7), ReadAgain), (hello("b", 2), StartOver), (change(3), Apply(3))],
            Some(3),
        ),
        (
            "reset",
            vec![(hello("a", 7), ReadAgain), (ServerFrame::Reset, StartOver), (hello("a", 90), ReadAgain)],
            Some(90),
        ),
    ];
    for (name, frames, expected) in cases {
        let mut cursor = Cursor::default();
        for (frame, effect) in frames {
            assert_eq!(seen(follow(&mut cursor, frame)), effect, "{name}");
        }
        assert_eq!(cursor.seq, expected, "{name}");
    }
}

fn task(version: i64, script: &str) -> Task {
    Task {
        id: TaskId(uuid::Uuid::from_u128(1)),
        number: 1,
        title: "x".to_owned(),
        description: String::new(),
        priority: Priority::Normal,
        status: TaskStatus::Queued,
        repository_id: None,
        agent: Agent::Shell,
        script: script.to_owned(),
        truncated: false,
        labels: Vec::new(),
        assignee_id: None,
        blocked_by: Vec::new(),
        created_by: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        started_at: None,
        completed_at: None,
        version,
    }
}

#[test]
fn a_cut_text_does_not_replace_the_whole_one() {
    let cut = |script: &str| Task { truncated: true, ..task(2, script) };
    assert_eq!(task(1, "long script").carry(cut("long")).script, "long script");
    assert!(!task(1, "long script").carry(cut("long")).truncated);
    assert_eq!(task(1, "long script").carry(cut("other")).script, "other");
    assert!(task(1, "long script").carry(cut("other")).truncated);
}

fn execution(status: ExecutionStatus, last_seq: i64) -> Execution {
    Execution {
        id: ExecutionId(uuid::Uuid::from_u128(2)),
        task_id: TaskId(uuid::Uuid::from_u128(1)),
        number: 1,
        agent: Agent::Shell,
        agent_session_id: None,
        model: None,
        status,
        detail: String::new(),
        outcome: None,
        evidence: Evidence::default(),
        exit_code: None,
        isolation: Vec::new(),
        stdout: String::new(),
        stderr: String::new(),
        cost: None,
        tokens: None,
        created_at: DateTime::UNIX_EPOCH,
        started_at: None,
        completed_at: None,
        last_seq,
        publications: Vec::new(),
        progress: None,
    }
}

#[test]
fn an_execution_never_goes_back() {
    let done = execution(ExecutionStatus::Succeeded, 9);
    let mut table = Table::default();
    table.read([done.clone()]);
    let late = Change {
        seq: 4,
        entity: "execution".to_owned(),
        id: EventId(done.id.0),
        op: Operation::Update,
        row: serde_json::to_value(execution(ExecutionStatus::Running, 5)).unwrap(),
        by: None,
        at: DateTime::UNIX_EPOCH,
    };
    apply(&mut table, &late);
    assert_eq!(table.get(done.id).map(|row| row.status), Some(ExecutionStatus::Succeeded));
}

#[test]
fn a_row_that_cannot_be_read_leaves_what_is_known() {
    let mut table = Table::default();
    table.read([task(1, "a")]);
    let ServerFrame::Changed(broken) = change(5) else { panic!("not a change") };
    apply(&mut table, &broken);
    assert_eq!(table.get(task(1, "a").id).map(|row| row.script.clone()), Some("a".to_owned()));
}

#[test]
fn evidence_survives_a_change_that_leaves_it_out() {
    let mut with = execution(ExecutionStatus::Failed, 9);
    with.evidence.files_changed = 3;
    let mut without = execution(ExecutionStatus::Failed, 9);
    without.outcome = Some(Outcome {
        class: OutcomeClass::Failed,
        reason: "x".into(),
        retryable: true,
        summary: String::new(),
    });
    let carried = with.carry(without);
    assert_eq!(carried.evidence.files_changed, 3);
    assert!(carried.outcome.is_some());
}
