//! What can't be read gets the right problem, never a 500.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::support::{answer, start, within_time};

#[tokio::test]
async fn what_is_no_json_is_400() {
    let server = start(&[]).await;
    let deep = "[".repeat(100_000);
    let bodies =
        ["{", "", "{\"title\": }", "{\"title\":\"a\"} x", "nul", "{'title':'a'}", "\u{feff}{}", &deep];
    for body in bodies {
        server.post("/api/v1/notes", body).await.problem(400, "invalid");
    }
}

#[tokio::test]
async fn what_is_json_of_another_shape_is_422_and_names_the_field() {
    let server = start(&[]).await;
    for (body, field) in [
        (r#"{"title":"a","colour":"red"}"#, "colour"),
        (r"{}", "title"),
        (r#"{"title":5}"#, "title"),
        (r#"{"title":null}"#, "title"),
        (r#"{"title":"a","labels":["b",1]}"#, "labels[1]"),
        (r#"{"title":"a","place":{"line":"x"}}"#, "place.line"),
        (r#"{"title":"a","place":{"line":-1}}"#, "place.line"),
        (r#"{"title":"a","place":{"line":1,"row":2}}"#, "place.row"),
        (r#"{"title":"a","place":{}}"#, "place.line"),
        (r#"{"title":"a","title":"b"}"#, "title"),
        (r#"{"title":"a\u0000b"}"#, "title"),
        (r#"{"title":"a","labels":["\u0000"]}"#, "labels[0]"),
        (r#""title""#, ""),
        ("[1]", ""),
        (r#"["a",[],null]"#, ""),
        ("null", ""),
    ] {
        let answer = server.post("/api/v1/notes", body).await;
        assert_eq!(answer.problem(422, "invalid"), field, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn what_can_be_read_is_read() {
    let server = start(&[]).await;
    let answer = server.post("/api/v1/notes", r#"{"title":"a\\u0000 ☃","place":{"line":1}}"#).await;
    assert_eq!((answer.status, answer.json()["title"].as_str()), (200, Some("a\\u0000 ☃")));
    assert_eq!(server.post("/api/v1/optional", "").await.body, "false");
    assert_eq!(server.post("/api/v1/optional", r#"{"title":"a"}"#).await.body, "true");
}

#[tokio::test]
async fn a_body_of_another_type_is_415() {
    let server = start(&[]).await;
    for kind in ["", "content-type: text/plain\r\n", "content-type: application/x-www-form-urlencoded\r\n"] {
        let answer = server.send("POST", "/api/v1/notes", (kind, r#"{"title":"a"}"#)).await;
        answer.problem(415, "invalid");
    }
    let kind = "content-type: application/json; charset=utf-8\r\n";
    assert_eq!(server.send("POST", "/api/v1/notes", (kind, r#"{"title":"a"}"#)).await.status, 200);
}

#[tokio::test]
async fn ten_megabytes_are_413_and_the_answer_arrives() {
    let server = start(&[]).await;
    let body = format!(r#"{{"title":"{}"}}"#, "a".repeat(10 * 1024 * 1024));
    server.post("/api/v1/notes", &body).await.problem(413, "invalid");
    // Without a length that could be refused up front.
    let mut stream = server.connect().await;
    let head = format!(
        "POST /api/v1/notes HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    for _ in 0..160 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    within_time(stream.read_to_end(&mut bytes)).await.unwrap();
    answer(&bytes).problem(413, "invalid");
}

#[tokio::test]
async fn queries_and_paths_name_what_they_refuse() {
    let server = start(&[]).await;
    for (target, field) in [
        ("/api/v1/notes?limit=many", "limit"),
        ("/api/v1/notes?limit=-1", "limit"),
        ("/api/v1/notes?color=red", "color"),
        ("/api/v1/notes?q=a%00b", "q"),
        ("/api/v1/notes?limit=1&limit=2", "limit"),
    ] {
        let answer = server.get(target, "").await;
        assert_eq!(answer.problem(422, "invalid"), field, "{target}: {answer:?}");
    }
    server.get("/api/v1/notes/abc", "").await.problem(422, "invalid");
    server.get("/api/v1/notes/%ff", "").await.problem(422, "invalid");
    server.get("/api/v1/notes/1%00", "").await.problem(404, "not_found");
    assert_eq!(server.get("/api/v1/notes/7", "").await.body, "7");
    assert_eq!(server.get("/api/v1/notes?q=%E2%98%83", "").await.json()["q"], "☃");
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_server_lives_on() {
    let server = start(&[]).await;
    let host = format!("host: {}\r\n", server.address);
    let long = "a".repeat(100_000);
    let cases: [(String, u16); 8] = [
        ("rubbish\r\n\r\n".to_owned(), 400),
        (format!("GET /api/v1/notes HTTP/1.1\r\n{host}bad header\r\n\r\n"), 400),
        (format!("GET /api/v1/notes HTTP/1.1\r\n{host}x: a\0b\r\n\r\n"), 400),
        (format!("GET /api/v1/notes HTTP/1.1\r\n{host}x: {long}\r\n\r\n"), 431),
        (format!("GET /{long} HTTP/1.1\r\n{host}\r\n"), 431),
        (format!("GET /api/v1/notes HTTP/1.1\r\n{host}{}\r\n", "x: y\r\n".repeat(200)), 431),
        (
            format!("POST /api/v1/notes HTTP/1.1\r\n{host}content-length: 1\r\ncontent-length: 2\r\n\r\n12"),
            400,
        ),
        (format!("TRACE /api/v1/notes HTTP/1.1\r\n{host}connection: close\r\n\r\n"), 405),
    ];
    for (bytes, status) in cases {
        let answer = server.raw(bytes.as_bytes()).await;
        assert_eq!(answer.status, status, "{:?}", bytes.get(..120.min(bytes.len())));
    }
    assert_eq!(server.get("/api/v1/notes", "").await.status, 200);
}

#[tokio::test]
async fn a_request_with_two_lengths_smuggles_no_second_one() {
    let server = start(&[]).await;
    let host = format!("host: {}\r\n", server.address);
    let hidden = format!("GET /api/v1/notes/7 HTTP/1.1\r\n{host}\r\n");
    for lengths in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "transfer-encoding: chunked\r\n",
    ] {
        let bytes = format!("POST /api/v1/notes HTTP/1.1\r\n{host}{lengths}\r\n0\r\n\r\n{hidden}");
        let answer = server.raw(bytes.as_bytes()).await;
        assert_eq!(answer.status, 415);
        assert!(!answer.body.contains("HTTP/1.1"), "a second answer: {answer:?}");
    }
    for broken in ["transfer-encoding: gzip\r\n", "transfer-encoding: chunked, identity\r\n"] {
        let bytes = format!("POST /api/v1/notes HTTP/1.1\r\n{host}{broken}\r\n0\r\n\r\n{hidden}");
        assert_eq!(server.raw(bytes.as_bytes()).await.status, 400, "{broken}");
    }
}
