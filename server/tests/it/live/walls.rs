//! Who hears what, and for how long.

use domain::session::{Role, Scope};
use serde_json::json;

use super::support::Site;

#[tokio::test]
async fn another_workspaces_changes_are_never_heard() {
    let site = Site::new().await;
    let other = site.base.owner_of("other").await;
    let (mut ours, _) = site.resume(json!({ "after": 0 })).await;
    let mut theirs = site.open(site.browser(&other)).await.unwrap();
    theirs.resume(json!({ "after": 0 })).await;
    for number in 0..20 {
        site.task_by(&other, &format!("canary {number}")).await;
        site.task("ours").await;
    }
    let told = ours.follow(0, 20).await;
    assert!(told.iter().all(|frame| frame["row"]["title"] == "ours"), "{told:?}");
    let told = theirs.follow(0, 20).await;
    assert!(told.iter().all(|frame| frame["row"]["title"].as_str().unwrap().starts_with("canary")));
}

#[tokio::test]
async fn a_scope_shows_its_entities_and_the_rest_is_skipped() {
    let site = Site::new().await;
    site.task("one").await;
    site.task("two").await;
    let (_, reads) = site.key(Role::Viewer, None).await;
    let (_, leads) = site.key(Role::Member, Some(vec![Scope::LeadsWrite])).await;
    let mut reader = site.open(site.program(&reads)).await.unwrap();
    reader.resume(json!({ "after": 0 })).await;
    assert_eq!(reader.follow(0, 2).await[1]["row"]["title"], "two");
    let mut blind = site.open(site.program(&leads)).await.unwrap();
    blind.resume(json!({ "after": 0 })).await;
    assert_eq!(blind.hear().await, json!({ "type": "skip", "through": 2 }));
    site.task("three").await;
    assert_eq!(blind.hear().await, json!({ "type": "skip", "through": 3 }));
}

#[tokio::test]
async fn who_signs_out_is_closed_and_hears_no_more() {
    let site = Site::new().await;
    let (mut client, _) = site.resume(json!({})).await;
    let mut tx = site.base.database.auth().await.unwrap();
    backend::auth::sign_out(&mut tx, &site.owner.person).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(client.closed().await, Some(1008));
    assert_eq!(site.open(site.browser(&site.owner)).await.err(), Some(401));
}

#[tokio::test]
async fn who_is_no_member_any_more_is_closed() {
    let site = Site::new().await;
    let member = site.base.sign_up("member@demo.example", "demo", Role::Member).await;
    let mut client = site.open(site.browser(&member)).await.unwrap();
    client.resume(json!({})).await;
    let (mut owner, _) = site.resume(json!({})).await;
    let user = member.person.user();
    site.base.as_owner(&format!("DELETE FROM memberships WHERE user_id = '{user}'")).await;
    assert_eq!(client.closed().await, Some(1008));
    site.task("after").await;
    assert_eq!(owner.hear().await["row"]["title"], "after", "the others stay");
}

#[tokio::test]
async fn a_revoked_key_is_closed_and_a_narrowed_one_sees_less() {
    let site = Site::new().await;
    let (id, key) = site.key(Role::Member, None).await;
    let mut client = site.open(site.program(&key)).await.unwrap();
    client.resume(json!({})).await;
    site.base.as_owner(&format!("UPDATE api_keys SET scopes = '{{leads:read}}' WHERE id = '{id}'")).await;
    // Until the next look it may still see; then it may not.
    let mut after = 0;
    loop {
        after = site.task("seen?").await.max(after);
        let frame = client.hear().await;
        if frame["type"] == "skip" {
            break;
        }
    }
    let mut tx = site.base.database.begin(&site.owner.caller).await.unwrap();
    backend::auth::revoke_key(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(client.closed().await, Some(1008));
}
