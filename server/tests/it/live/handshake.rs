//! Who may open a socket.

use serde_json::json;

use super::support::{Site, quick, value};
use domain::session::Role;
use server::live::Bounds;

#[tokio::test]
async fn a_cookie_needs_our_origin_and_a_workspace() {
    let site = Site::new().await;
    let good = || site.browser(&site.owner);
    assert!(site.open(good()).await.is_ok());
    let mut foreign = good();
    foreign.headers_mut().insert("origin", value("https://evil.example"));
    let mut without = good();
    without.headers_mut().remove("origin");
    let mut nobody = good();
    nobody.headers_mut().remove("cookie");
    let mut wrong = good();
    wrong.headers_mut().insert("cookie", value("session=wrong"));
    let mut unnamed = good();
    *unnamed.uri_mut() = format!("ws://{}/api/v1/events", site.address).parse().unwrap();
    let mut elsewhere = good();
    *elsewhere.uri_mut() = format!("ws://{}/api/v1/events?workspace=other", site.address).parse().unwrap();
    site.base.owner_of("other").await;
    let cases =
        [(foreign, 403), (without, 403), (nobody, 401), (wrong, 401), (unnamed, 400), (elsewhere, 404)];
    for (request, status) in cases {
        assert_eq!(site.open(request).await.err(), Some(status));
    }
}

#[tokio::test]
async fn a_key_opens_its_own_workspace_by_header_and_never_by_address() {
    let site = Site::new().await;
    let (_, key) = site.key(Role::Member, None).await;
    let mut client = site.open(site.program(&key)).await.unwrap();
    let hello = client.resume(json!({})).await;
    assert_eq!((&hello["caller"]["kind"], &hello["caller"]["role"]), (&json!("key"), &json!("member")));
    for parameter in ["key", "token", "authorization", "x-tenant-key"] {
        let mut request = site.program(&key);
        request.headers_mut().remove("authorization");
        *request.uri_mut() = format!("ws://{}/events?{parameter}={key}", site.address).parse().unwrap();
        assert_eq!(site.open(request).await.err(), Some(401), "{parameter}");
    }
}

#[tokio::test]
async fn one_person_has_so_many_sockets_and_a_closed_one_makes_room() {
    let site = Site::with(Bounds { per_person: 2, ..quick() }).await;
    let first = site.connect().await;
    let _second = site.connect().await;
    assert_eq!(site.open(site.browser(&site.owner)).await.err(), Some(429));
    let (_, key) = site.key(Role::Member, None).await;
    assert!(site.open(site.program(&key)).await.is_ok(), "a key has its own");
    drop(first);
    super::support::in_time(async {
        while site.open(site.browser(&site.owner)).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_handshake_is_told_so() {
    let site = Site::new().await;
    let (_, key) = site.key(Role::Member, None).await;
    let answer = super::stream::get(&site, "/api/v1/events", &key).await;
    assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("/api/v1/events/stream"), "{answer}");
}
