//! Connections: slow ones are cut, many wait their turn, all end in order.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use server::http::accept::Bounds;
use server::shutdown::{Drained, Shutdown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};

use super::support::{answer, read_answer, routes, serve, within_time};

fn impatient() -> Bounds {
    Bounds { header: Duration::from_millis(200), stall: Duration::from_millis(200), ..Bounds::default() }
}

#[tokio::test]
async fn a_client_that_never_finishes_its_header_is_cut() {
    let server = serve(routes(), Shutdown::new(), impatient()).await;
    // Nothing at all; the beginning of HTTP/1; the beginning of HTTP/2's preface; the preface and no more.
    let beginnings: [&[u8]; 4] =
        [b"", b"GET / HTTP/1.1\r\nhost: a\r\nx: ", b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];
    for beginning in beginnings {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        let mut bytes = Vec::new();
        let _ = within_time(stream.read_to_end(&mut bytes)).await;
    }
}

#[tokio::test]
async fn a_client_that_trickles_its_header_is_cut() {
    let server = serve(routes(), Shutdown::new(), impatient()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    within_time(async {
        while stream.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut() {
    let (ended, mut end) = mpsc::channel::<()>(1);
    let endless = get(move || {
        // Dropped with the answer, when the connection is.
        let held = ended.clone();
        async move {
            let chunks = futures::stream::unfold(held, |held| async {
                Some((Ok::<_, std::convert::Infallible>(vec![0_u8; 65536]), held))
            });
            axum::body::Body::from_stream(chunks)
        }
    });
    let server = serve(Router::new().route("/", endless), Shutdown::new(), impatient()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    drop(server);
    assert!(within_time(end.recv()).await.is_none());
}

#[tokio::test]
async fn beyond_the_most_connections_clients_wait_for_room() {
    let server = serve(routes(), Shutdown::new(), Bounds { connections: 1, ..Bounds::default() }).await;
    let mut first = server.connect().await;
    first.write_all(b"GET /api/v1/notes HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut some = [0_u8; 12];
    within_time(first.read_exact(&mut some)).await.unwrap();
    let mut second = server.connect().await;
    let request = b"GET /api/v1/notes HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    second.write_all(request).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), second.read_exact(&mut some)).await;
    assert!(early.is_err(), "there was no room");
    drop(first);
    assert_eq!(read_answer(&mut second).await.status, 200);
}

#[tokio::test]
async fn shutdown_answers_what_is_under_way_and_closes_what_rests() {
    let (arrived, mut arrival) = mpsc::channel(1);
    let (release, released) = oneshot::channel::<()>();
    let released = std::sync::Arc::new(tokio::sync::Mutex::new(Some(released)));
    let slow = get(move || async move {
        arrived.send(()).await.unwrap();
        let waiting = released.lock().await.take().unwrap();
        waiting.await.unwrap();
        "done"
    });
    let routes = routes().route("/slow", slow);
    let server = serve(routes, Shutdown::new(), Bounds::default()).await;
    let mut resting = server.connect().await;
    resting.write_all(b"GET /api/v1/notes HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut some = [0_u8; 12];
    within_time(resting.read_exact(&mut some)).await.unwrap();
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    within_time(arrival.recv()).await.unwrap();

    server.shutdown.begin();
    let mut rest = Vec::new();
    within_time(resting.read_to_end(&mut rest)).await.unwrap();
    release.send(()).unwrap();
    let mut bytes = Vec::new();
    within_time(busy.read_to_end(&mut bytes)).await.unwrap();
    assert_eq!((answer(&bytes).status, answer(&bytes).body.as_str()), (200, "done"));
    assert_eq!(server.shutdown.drain().await, Drained::Whole);
    assert!(tokio::net::TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}
