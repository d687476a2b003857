//! Ids and the form of refusals.

use super::support::start;

#[tokio::test]
async fn a_sane_request_id_is_taken_over_and_any_other_made_anew() {
    let server = start(&[]).await;
    let taken = server.get("/api/v1/notes", "x-request-id: from-a-proxy.1\r\n").await;
    assert_eq!(taken.header("x-request-id"), Some("from-a-proxy.1"));
    let bad = server.get("/api/v1/notes", "x-request-id: <script>\r\n").await;
    let first = bad.header("x-request-id").unwrap().to_owned();
    let second = server.get("/api/v1/notes", "").await;
    assert_eq!(first.len(), 32);
    assert_ne!(second.header("x-request-id"), Some(first.as_str()));
    let refused = server.get("/api/v1/nothing", "x-request-id: mine\r\n").await;
    refused.problem(404, "not_found");
    assert_eq!(refused.json()["trace_id"], "mine");
}

#[tokio::test]
async fn a_route_that_is_not_there_and_a_method_that_is_not_for_it_are_problems() {
    let server = start(&[]).await;
    let missing = server.get("/api/v1/nothing?q=secret", "").await;
    missing.problem(404, "not_found");
    assert_eq!(missing.json()["instance"], "/api/v1/nothing");
    let wrong = server.send("DELETE", "/api/v1/notes", ("", "")).await;
    wrong.problem(405, "invalid");
    assert_eq!(wrong.header("allow"), Some("POST,GET,HEAD"));
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing_and_the_connection_goes_on() {
    let server = start(&[]).await;
    let answer = server.get("/api/v1/panic", "").await;
    answer.problem(500, "internal");
    assert!(!answer.body.contains("secret") && !answer.body.contains("panic!"), "{answer:?}");
    assert_eq!(server.get("/api/v1/notes", "").await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_bind_a_browser() {
    let server = start(&[]).await;
    for target in ["/api/v1/notes", "/api/v1/nothing", "/api/v1/panic", "/api/v1/notes?limit=x"] {
        let answer = server.get(target, "").await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{target}");
        }
        assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("strict-transport-security"), None, "not on plain http");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let behind_https = start(&[("SWITCHBOARD_URL", "https://board.example")]).await;
    let answer = behind_https.get("/api/v1/notes", "host: board.example\r\n").await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
}
