//! TLS without a proxy in front.

use std::sync::Arc;

use server::config::Tls;
use server::http::accept::{Bounds, Door};
use server::http::tls::acceptor;
use server::shutdown::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::support::{answer, around, routes, within_time};

/// A certificate for `localhost` of its own making, in files.
fn files(folder: &std::path::Path) -> (Tls, rcgen::CertifiedKey<rcgen::KeyPair>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    (tls, made)
}

#[tokio::test]
async fn it_is_served_and_a_client_that_speaks_none_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, made) = files(folder.path());
    let shutdown = Shutdown::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (cert, key) = (tls.certificate.display().to_string(), tls.key.display().to_string());
    let router = around(routes(), &[("SWITCHBOARD_TLS_CERT", &cert), ("SWITCHBOARD_TLS_KEY", &key)]);
    let door = Door::new(listener, Bounds::default()).with_tls(acceptor(&tls).unwrap());
    shutdown.spawn(door.serve(router, shutdown.clone()));

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let plain = TcpStream::connect(address).await.unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, plain).await.unwrap();
    let own = format!("cookie: session=a\r\norigin: https://localhost:{}\r\n", address.port());
    let request = format!(
        "POST /api/v1/notes HTTP/1.1\r\nhost: localhost:{}\r\n{own}content-type: application/json\r\n\
         content-length: 13\r\nconnection: close\r\n\r\n{{\"title\":\"a\"}}",
        address.port()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    within_time(stream.read_to_end(&mut bytes)).await.unwrap();
    let answer = answer(&bytes);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("strict-transport-security").is_some());

    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let _ = within_time(plain.read_to_end(&mut bytes)).await;
    assert!(!bytes.starts_with(b"HTTP"));
    shutdown.begin();
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, _) = files(folder.path());
    let said = |tls: &Tls| format!("{:#}", acceptor(tls).err().expect("refused"));
    let missing = Tls { certificate: folder.path().join("none.pem"), ..tls.clone() };
    assert!(said(&missing).contains("SWITCHBOARD_TLS_CERT"), "{}", said(&missing));
    let swapped = Tls { certificate: tls.key.clone(), key: tls.certificate.clone() };
    assert!(said(&swapped).contains("SWITCHBOARD_TLS_CERT"), "{}", said(&swapped));
    let other = tempfile::tempdir().unwrap();
    let mixed = Tls { key: files(other.path()).0.key, ..tls };
    assert!(said(&mixed).contains("do not belong together"), "{}", said(&mixed));
}
