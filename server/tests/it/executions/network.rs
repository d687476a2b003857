//! The network that a repository gives its executions.

use super::workshop::{Workshop, output};
use backend::repositories;
use domain::executions::{EventBody, OutcomeClass, Stream};
use domain::repositories::{Network, RepositoryPatch};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

#[tokio::test]
async fn a_repository_with_the_full_network_reaches_what_is_allowed_alone() {
    let shop = Workshop::open().await;
    let listener = TcpListener::bind(("127.0.0.77", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let _ = stream
                .write_all(b"HTTP/1.1 200 Said\r\ncontent-length: 6\r\nconnection: close\r\n\r\nhello\n");
        }
    });
    let repository = shop.repository("").await;
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let patch = RepositoryPatch { network: domain::Edit::Set(Network::Full), ..RepositoryPatch::default() };
    let repository = repositories::update(&mut tx, repository.id, patch, None).await.unwrap();
    tx.commit().await.unwrap();
    let worker = shop.work(1);
    let script = format!(
        "curl -sS http://{address}/\ncurl -s -o /dev/null -w '%{{http_code}}\\n' --noproxy '' http://127.0.0.1:5432/"
    );
    let (_, execution) = shop.start(&script, Some(&repository)).await;
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Succeeded, "{events:#?}");
    assert_eq!(output(&events, Stream::Stdout), "hello\n403\n");
    let notices: Vec<&str> = events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Notice { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert!(notices.contains(&format!("Network: {address} reached.").as_str()), "{notices:?}");
    assert!(notices.contains(&"Network: 127.0.0.1:5432 is refused: 127.0.0.1 is a loopback address."));
    worker.stop().await;
}
