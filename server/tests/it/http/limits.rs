//! Rates.

use domain::WorkspaceId;
use server::http::limit::Limits;

use super::support::{config, start};

const FEW: [(&str, &str); 2] = [("SWITCHBOARD_RATE_PER_MINUTE", "1"), ("SWITCHBOARD_RATE_BURST", "3")];

#[tokio::test]
async fn beyond_the_burst_a_key_waits_and_others_do_not() {
    let server = start(&FEW).await;
    let key = "authorization: Bearer sb_one\r\n";
    for remaining in ["2", "1", "0"] {
        let answer = server.get("/api/v1/notes", key).await;
        assert_eq!((answer.status, answer.header("ratelimit-remaining")), (200, Some(remaining)));
        assert_eq!(answer.header("ratelimit-limit"), Some("1"));
    }
    let refused = server.get("/api/v1/notes", key).await;
    refused.problem(429, "limited");
    assert!(refused.json()["detail"].as_str().unwrap().starts_with("rate"), "{refused:?}");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.json()["retry_after"], wait);
    assert_eq!(server.get("/api/v1/notes", "authorization: Bearer sb_two\r\n").await.status, 200);
    assert_eq!(server.get("/api/v1/notes", "cookie: a=b; session=mine\r\n").await.status, 200);
    assert_eq!(server.get("/api/v1/notes", "").await.status, 200, "the address has a bucket of its own");
}

#[tokio::test]
async fn a_workspace_has_a_bucket_across_its_keys() {
    let limits = Limits::new(config(&FEW).rate);
    let workspace = WorkspaceId(serde_json::from_str("\"01890a5d-ac96-774b-bcce-b302099a8057\"").unwrap());
    let mut allowed = 0;
    while limits.check_workspace(workspace).is_ok() {
        allowed += 1;
        assert!(allowed <= 30, "unbounded");
    }
    assert_eq!(allowed, 30);
    let refusal = limits.check_workspace(workspace).unwrap_err();
    assert_eq!(refusal.problem().status, 429);
    assert!(refusal.problem().retry_after.unwrap() > 0);
}
