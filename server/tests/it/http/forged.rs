//! Requests that another site makes a browser send, and names that somebody else points at us.

use super::support::{Served, start};

const COOKIE: &str = "cookie: session=abc\r\n";

async fn posted(server: &Served, headers: &str) -> u16 {
    let headers = format!("content-type: application/json\r\n{headers}");
    server.send("POST", "/api/v1/notes", (&headers, r#"{"title":"a"}"#)).await.status
}

#[tokio::test]
async fn a_cookie_changes_something_only_from_our_own_pages() {
    let server = start(&[]).await;
    let own = format!("origin: http://{}\r\n", server.address);
    for (headers, status) in [
        (format!("{COOKIE}{own}"), 200),
        (format!("{COOKIE}{own}sec-fetch-site: same-origin\r\n"), 200),
        (format!("{COOKIE}sec-fetch-site: same-origin\r\n"), 200),
        (COOKIE.to_owned(), 403),
        (format!("{COOKIE}origin: https://evil.example\r\n"), 403),
        (format!("{COOKIE}origin: null\r\n"), 403),
        (format!("{COOKIE}origin: http://127.0.0.1:1\r\n"), 403),
        (format!("{COOKIE}{own}origin: https://evil.example\r\n"), 403),
        (format!("{COOKIE}{own}sec-fetch-site: cross-site\r\n"), 403),
        (format!("{COOKIE}sec-fetch-site: cross-site\r\n"), 403),
        (format!("{COOKIE}sec-fetch-site: same-site\r\n"), 403),
        // A cookie beside a key is still a browser's.
        (format!("{COOKIE}authorization: Bearer sb_x\r\norigin: https://evil.example\r\n"), 403),
        // Programs have no cookie.
        ("authorization: Bearer sb_x\r\n".to_owned(), 200),
        ("x-tenant-key: sb_x\r\n".to_owned(), 200),
        (String::new(), 200),
        // Signing somebody in to a stranger's account needs no cookie.
        ("origin: https://evil.example\r\n".to_owned(), 403),
    ] {
        assert_eq!(posted(&server, &headers).await, status, "{headers}");
    }
    let refused = server.send("POST", "/api/v1/notes", (COOKIE, "{}")).await;
    refused.problem(403, "forbidden");
}

#[tokio::test]
async fn reading_needs_no_origin_but_a_socket_does() {
    let server = start(&[]).await;
    assert_eq!(server.get("/api/v1/notes", COOKIE).await.status, 200);
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\n";
    let own = format!("origin: http://{}\r\n", server.address);
    for (headers, status) in [
        (format!("{COOKIE}{own}"), 200),
        (COOKIE.to_owned(), 403),
        (format!("{COOKIE}sec-fetch-site: same-origin\r\n"), 403),
        (format!("{COOKIE}origin: https://evil.example\r\n"), 403),
    ] {
        let answer = server.get("/api/v1/notes", &format!("{upgrade}{headers}")).await;
        assert_eq!(answer.status, status, "{headers}");
    }
}

#[tokio::test]
async fn a_foreign_host_name_is_misdirected() {
    let server = start(&[("SWITCHBOARD_URL", "https://board.example")]).await;
    for (host, status) in [
        ("board.example", 200),
        ("BOARD.example:443", 200),
        ("localhost:3000", 200),
        ("127.0.0.1", 200),
        ("evil.example", 421),
        ("board.example.evil.example", 421),
        ("169.254.169.254", 421),
    ] {
        let answer = server.get("/api/v1/notes", &format!("host: {host}\r\n")).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let two = server.get("/api/v1/notes", "host: board.example\r\nhost: evil.example\r\n").await;
    assert!(two.status == 400 || two.status == 421, "{two:?}");
}

#[tokio::test]
async fn behind_a_proxy_the_public_origin_counts() {
    let server = start(&[("SWITCHBOARD_URL", "https://board.example")]).await;
    let rewritten = format!("{COOKIE}origin: https://board.example\r\n");
    assert_eq!(posted(&server, &rewritten).await, 200);
    let spoofed = format!("{COOKIE}origin: http://board.example\r\n");
    assert_eq!(posted(&server, &spoofed).await, 403);
}
