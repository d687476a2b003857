//! Bad input, silence, and the end of the process.

use std::time::Duration;

use futures::SinkExt as _;
use serde_json::json;
use server::live::Bounds;
use server::shutdown::Drained;
use tokio_tungstenite::tungstenite::Message;

use super::support::{Site, in_time, quick};

#[tokio::test]
async fn a_ping_is_answered_with_what_it_brought() {
    let site = Site::new().await;
    let mut client = site.connect().await;
    for t in [json!(7), json!(1763635200123_i64), json!(1.5)] {
        client.say(json!({ "type": "ping", "t": t })).await;
        assert_eq!(client.hear().await, json!({ "type": "pong", "t": t }));
    }
}

#[tokio::test]
async fn five_bad_frames_in_a_row_close_and_a_good_one_between_forgives() {
    let site = Site::new().await;
    let mut client = site.connect().await;
    let bad = ["nonsense", "[]", r#"{"type":"dance"}"#, r#"{"type":"resume","extra":1}"#];
    for text in bad {
        client.say_text(text).await;
        let problem = client.hear().await;
        assert_eq!((&problem["type"], &problem["code"]), (&json!("problem"), &json!("invalid")), "{text}");
        assert!(problem["detail"].as_str().unwrap().ends_with('.'), "{problem}");
    }
    client.say(json!({ "type": "ping", "t": 1 })).await;
    assert_eq!(client.hear().await["type"], "pong");
    for text in bad {
        client.say_text(text).await;
        assert_eq!(client.hear().await["type"], "problem");
    }
    client.socket.send(Message::binary(vec![0, 1])).await.unwrap();
    assert_eq!(client.hear().await["for"], "binary");
    assert_eq!(client.closed().await, Some(1008));
}

#[tokio::test]
async fn voice_is_refused_in_words_and_is_no_bad_frame() {
    let site = Site::new().await;
    let mut client = site.connect().await;
    for kind in ["execute_voice_command", "voice_start", "voice_end", "voice_cancel"].repeat(2) {
        client.say(json!({ "type": kind, "id": "x" })).await;
        let problem = client.hear().await;
        assert_eq!((&problem["code"], &problem["for"]), (&json!("invalid"), &json!(kind)));
        assert!(problem["detail"].as_str().unwrap().contains("not available yet"), "{problem}");
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_closes() {
    let site = Site::new().await;
    let mut client = site.connect().await;
    client.say(json!({ "type": "ping", "t": 1 })).await;
    client.hear().await;
    for size in [64 * 1024 + 1, 300 * 1024] {
        let mut client = site.connect().await;
        client.say_text(&"x".repeat(size)).await;
        assert_eq!(client.closed().await, Some(1009), "{size}");
    }
    client.say_text(&"x".repeat(64 * 1024)).await;
    assert_eq!(client.hear().await["type"], "problem", "at the limit it is only unreadable");
}

#[tokio::test]
async fn too_many_frames_at_once_are_refused() {
    let site = Site::new().await;
    let mut client = site.connect().await;
    for number in 0..400 {
        client.socket.feed(Message::text(json!({ "type": "ping", "t": number }).to_string())).await.unwrap();
    }
    client.socket.flush().await.unwrap();
    assert_eq!(client.closed().await, Some(1008));
}

#[tokio::test]
async fn who_answers_no_ping_is_dead() {
    let bounds = Bounds {
        heartbeat: Duration::from_millis(50),
        silence: Duration::from_millis(300),
        per_person: 2,
        ..quick()
    };
    let site = Site::with(bounds).await;
    let mut talks = site.connect().await;
    let mut dead = site.connect().await;
    // Reading answers pings. The other one is not read from until the server has given its place away.
    #[expect(clippy::disallowed_methods, reason = "the test ends it")]
    let hears = tokio::spawn(async move { talks.next().await });
    in_time(async {
        while site.open(site.browser(&site.owner)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(!hears.is_finished(), "whoever answers stays");
    // Whether it still reads the code depends on which comes first, the close or the end of the connection.
    dead.closed().await;
    hears.abort();
}

#[tokio::test]
async fn at_the_end_everybody_is_told_when_to_come_back() {
    let site = Site::new().await;
    let (mut client, _) = site.resume(json!({})).await;
    let mut silent = site.connect().await;
    site.shutdown.begin();
    for client in [&mut client, &mut silent] {
        let frame = client.hear().await;
        assert_eq!(frame["type"], "shutdown");
        assert!((250..10_000).contains(&frame["retry_after_ms"].as_u64().unwrap()), "{frame}");
        assert_eq!(client.closed().await, Some(1012));
    }
    assert_eq!(in_time(site.shutdown.drain()).await, Drained::Whole, "sockets are waited for");
}
