//! Who looks at which task, told over real sockets.

use domain::session::Role;
use serde_json::{Value, json};

use super::support::{Client, Site};

/// Hears until it is told exactly these people at exactly these tasks.
async fn told(client: &mut Client, expected: Value) {
    loop {
        let frame = client.hear().await;
        if frame["type"] == "presence" && frame["tasks"] == expected {
            return;
        }
    }
}

#[tokio::test]
async fn people_at_a_task_know_of_each_other_and_of_who_goes() {
    let site = Site::new().await;
    let bo = site.base.sign_up("bo@a.example", "demo", Role::Viewer).await;
    let (task, _) = site.task_by(&site.owner, "together").await;
    let (anna, bo_id) = (site.owner.caller.user().unwrap(), bo.caller.user().unwrap());
    let mut people = [anna, bo_id];
    people.sort();

    let mut first = site.connect().await;
    first.say(json!({ "type": "attend", "task": task.id })).await;
    told(&mut first, json!([{ "task": task.id, "people": [anna] }])).await;
    let mut second = site.open(site.browser(&bo)).await.unwrap();
    second.say(json!({ "type": "attend", "task": task.id })).await;
    told(&mut second, json!([{ "task": task.id, "people": people }])).await;
    told(&mut first, json!([{ "task": task.id, "people": people }])).await;

    // Elsewhere, and still told.
    second.say(json!({ "type": "attend" })).await;
    told(&mut second, json!([{ "task": task.id, "people": [anna] }])).await;
    drop(first);
    told(&mut second, json!([])).await;
}

#[tokio::test]
async fn another_workspace_is_told_nothing_and_can_not_be_named() {
    let site = Site::new().await;
    let other = site.base.owner_of("other").await;
    let (theirs, _) = site.task_by(&other, "theirs").await;
    let (ours, _) = site.task_by(&site.owner, "ours").await;
    let mut stranger = site.open(site.browser(&other)).await.unwrap();
    stranger.say(json!({ "type": "attend" })).await;
    told(&mut stranger, json!([])).await;
    let mut own = site.connect().await;
    own.say(json!({ "type": "attend", "task": ours.id })).await;
    let at_ours = json!([{ "task": ours.id, "people": [site.owner.caller.user().unwrap()] }]);
    told(&mut own, at_ours).await;
    own.say(json!({ "type": "attend", "task": theirs.id })).await;
    let refused = own.hear().await;
    assert_eq!(
        (&refused["type"], &refused["code"], &refused["for"]),
        (&json!("problem"), &json!("not_found"), &json!("attend"))
    );
    // What the stranger is told next is of their own.
    stranger.say(json!({ "type": "attend", "task": theirs.id })).await;
    let frame = stranger.hear().await;
    assert_eq!(frame["tasks"], json!([{ "task": theirs.id, "people": [other.caller.user().unwrap()] }]));
}

#[tokio::test]
async fn a_program_hears_and_is_nobody() {
    let site = Site::new().await;
    let (task, _) = site.task_by(&site.owner, "watched").await;
    let (_, key) = site.key(Role::Member, None).await;
    let mut program = site.open(site.program(&key)).await.unwrap();
    program.say(json!({ "type": "attend", "task": task.id })).await;
    told(&mut program, json!([])).await;
    let mut person = site.connect().await;
    person.say(json!({ "type": "attend", "task": task.id })).await;
    told(&mut program, json!([{ "task": task.id, "people": [site.owner.caller.user().unwrap()] }])).await;
    program.say(json!({ "type": "unattend" })).await;
    program.say(json!({ "type": "ping", "t": 1 })).await;
    assert_eq!(program.hear().await["type"], "pong");
}
