//! The HTTP client.
#![expect(clippy::disallowed_methods, reason = "the servers of a test end with it")]

use bytes::Bytes;
use http::{Request, StatusCode};
use outbound::{Bounds, Client, OutboundError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A server on this machine that gives everybody the same answer, and counts who came.
async fn server(answer: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, came) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&came);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 4096];
                assert!(stream.read(&mut head).await.unwrap() > 0);
                // Whoever has read enough may be gone.
                stream.write_all(answer).await.ok();
            });
        }
    });
    (port, came)
}

fn client(allowed: &[&str]) -> Client {
    Client::new(allowed.iter().map(|network| network.parse().unwrap()).collect()).unwrap()
}

fn get(address: &str) -> Request<Bytes> {
    Request::get(address).header("authorization", "Bearer canary").body(Bytes::new()).unwrap()
}

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

#[tokio::test]
async fn what_the_operator_names_is_reached() {
    let (port, came) = server(HELLO).await;
    let address = format!("http://127.0.0.1:{port}/v1/models?a=b");
    let answer = client(&["127.0.0.1/32"]).send(get(&address), Bounds::default()).await.unwrap();
    assert_eq!((answer.status(), answer.body().as_ref()), (StatusCode::OK, &b"hello"[..]));
    assert_eq!(came.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_dialled() {
    let (port, came) = server(HELLO).await;
    let client = client(&[]);
    for host in [
        "127.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fc00::1]",
        "169.254.169.254",
        "100.64.0.1",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "metadata.google.internal",
        "user@127.0.0.1",
        "example.com@127.0.0.1",
        "\u{ff11}27.0.0.1",
    ] {
        for scheme in ["http", "https"] {
            let Ok(request) = Request::get(format!("{scheme}://{host}:{port}/")).body(Bytes::new()) else {
                continue;
            };
            let quick = Bounds { time: Duration::from_secs(20), ..Bounds::default() };
            let refused = client.send(request, quick).await.unwrap_err();
            let judged = matches!(
                refused,
                OutboundError::Denied { .. } | OutboundError::Address(_) | OutboundError::Unreachable { .. }
            );
            assert!(judged, "{scheme}://{host}: {refused}");
        }
    }
    assert!(Request::get("file:///etc/passwd").body(Bytes::new()).is_err(), "no address at all");
    for address in ["file://localhost/etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "/etc/passwd"] {
        let request = Request::get(address).body(Bytes::new()).unwrap();
        assert!(matches!(client.send(request, Bounds::default()).await, Err(OutboundError::Address(_))));
    }
    assert_eq!(came.load(Ordering::SeqCst), 0, "nobody came");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (inside, came) = server(HELLO).await;
    let answer =
        format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n");
    let (port, _) = server(Box::leak(answer.into_bytes().into_boxed_slice())).await;
    let answer = client(&["127.0.0.1/32"])
        .send(get(&format!("http://127.0.0.1:{port}/")), Bounds::default())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(came.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_is_bounded_in_size_and_time() {
    let client = client(&["127.0.0.1/32"]);
    let ask = async |port: u16, bounds: Bounds| {
        client.send(get(&format!("http://127.0.0.1:{port}/")), bounds).await.unwrap_err()
    };
    let small = Bounds { body: 4, ..Bounds::default() };
    let (declared, _) = server(HELLO).await;
    assert!(matches!(ask(declared, small).await, OutboundError::TooLarge { limit: 4, .. }));
    let (chunked, _) =
        server(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n")
            .await;
    assert!(matches!(ask(chunked, small).await, OutboundError::TooLarge { .. }));
    let (cut, _) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello").await;
    assert!(matches!(ask(cut, Bounds::default()).await, OutboundError::Broken { .. }));
    let head: Vec<u8> =
        [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'a'; 200_000], b"\r\n\r\n".to_vec()].concat();
    let (large, _) = server(Box::leak(head.into_boxed_slice())).await;
    assert!(matches!(ask(large, Bounds::default()).await, OutboundError::Broken { .. }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap().port();
    let short = Bounds { time: Duration::from_millis(300), ..Bounds::default() };
    assert!(matches!(ask(silent, short).await, OutboundError::TimedOut { .. }));
}

#[tokio::test]
async fn nothing_compressed_is_asked_for_and_an_error_quotes_no_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).await.unwrap();
        head.truncate(length);
        String::from_utf8(head).unwrap().to_lowercase()
    });
    let address = format!("http://127.0.0.1:{port}/path");
    let refused = client(&["127.0.0.1/32"]).send(get(&address), Bounds::default()).await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("canary"));
    let head = heard.await.unwrap();
    assert!(head.starts_with("get /path http/1.1\r\n"), "{head}");
    assert!(head.contains("accept-encoding: identity") && head.contains(&format!("host: 127.0.0.1:{port}")));
}

/// A server that speaks TLS for `localhost`, and who trusts it.
async fn secure() -> (u16, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 4096];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            stream.write_all(HELLO).await.unwrap();
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    (port, roots)
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_be_for_this_host() {
    let (port, roots) = secure().await;
    let here = || vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let trusting = Client::with_roots(here(), roots).unwrap();
    let ask = async |client: &Client, host: &str| {
        client.send(get(&format!("https://{host}:{port}/")), Bounds::default()).await
    };
    assert_eq!(ask(&trusting, "localhost").await.unwrap().status(), StatusCode::OK);
    let named = ask(&trusting, "127.0.0.1").await;
    assert!(matches!(named, Err(OutboundError::Unreachable { .. })), "another name: {named:?}");
    let stranger = ask(&Client::new(here()).unwrap(), "localhost").await;
    assert!(matches!(stranger, Err(OutboundError::Unreachable { .. })), "nobody vouches: {stranger:?}");
}
