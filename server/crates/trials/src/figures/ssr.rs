//! Pages as the server renders them, beside a bare handler that sends the same bytes from memory.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Figure;
use super::spread::Spread;
use crate::client::Client;
use crate::house::{House, WORKSPACE};

const CONNECTIONS: usize = 25;
const ROUND: Duration = Duration::from_secs(4);
/// Ours, bare, bare, ours: what else the machine does meets both.
const ROUNDS: usize = 3;
const TASKS: usize = 100;

/// Requests a second, and how long they took.
struct Rate {
    per_second: f64,
    times: Vec<Duration>,
}

pub(super) async fn measure(binary: &Path) -> anyhow::Result<Vec<Figure>> {
    let house = House::open(binary).await?;
    let mut program = house.client()?;
    for number in 0..TASKS {
        let new = json!({ "title": format!("Task {number} of the board"), "labels": ["one", "two"] });
        program.send(Method::POST, "/tasks", &new).await?.expect(201)?;
    }
    let headers = sign_in(&house).await?;
    let path = format!("/w/{WORKSPACE}/tasks");
    let page =
        Client::with(house.address, headers.clone()).ask(Method::GET, &path, Bytes::new(), None).await?;
    anyhow::ensure!(page.status == 200, "the board answers {}", page.status);
    let bytes = page.body.len();
    let (bare, _serving) = serve_bare(page.body).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(hammer(house.address, &headers, &path).await?);
        theirs.push(hammer(bare, &headers, &path).await?);
        theirs.push(hammer(bare, &headers, &path).await?);
        ours.push(hammer(house.address, &headers, &path).await?);
    }
    let median = |rates: &mut Vec<Rate>| {
        rates.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        rates.get(rates.len() / 2).map(|rate| rate.per_second).unwrap_or_default()
    };
    let (own, other) = (median(&mut ours), median(&mut theirs));
    let spread = Spread::new(ours.into_iter().flat_map(|rate| rate.times).collect());
    Ok(vec![
        Figure::told(format!("board of {TASKS} tasks, {CONNECTIONS} connections"), format!("{own:.0}/s")),
        Figure::told("the same, p99", format!("{:.1} ms", spread.percentile(99))),
        Figure::told(format!("a bare handler with the same {bytes} bytes"), format!("{other:.0}/s")),
        Figure::at_least("ours to the bare one", own / other, 0.33, "of it"),
    ])
}

/// The cookie of somebody who has opened a sign-in link.
async fn sign_in(house: &House) -> anyhow::Result<HeaderMap> {
    let link =
        house.ask_program(&["login-link", "--email", "trial@example.com", "--workspace", WORKSPACE])?;
    let token = link.rsplit('/').next().context("a link ends with its token")?.to_owned();
    let mut headers = HeaderMap::new();
    headers.insert("sec-fetch-site", "same-origin".parse()?);
    headers.insert("content-type", "application/x-www-form-urlencoded".parse()?);
    let mut client = Client::with(house.address, headers);
    let form = Bytes::from(format!("token={token}"));
    let answer = client.ask(Method::POST, "/api/v1/auth/link", form, None).await?;
    let cookie = answer.headers.get("set-cookie").context("no cookie was set")?.to_str()?;
    let pair = cookie.split(';').next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    headers.insert("cookie", pair.parse()?);
    headers.insert("accept", "text/html".parse()?);
    Ok(headers)
}

/// Keeps all connections busy for a round.
async fn hammer(address: SocketAddr, headers: &HeaderMap, path: &str) -> anyhow::Result<Rate> {
    let until = Instant::now() + ROUND;
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut client, path) = (Client::with(address, headers.clone()), path.to_owned());
        clients.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < until {
                let since = Instant::now();
                let answer = client.ask(Method::GET, &path, Bytes::new(), None).await?;
                anyhow::ensure!(answer.status == 200, "{}", answer.status);
                times.push(since.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(more) = clients.join_next().await {
        times.extend(more??);
    }
    let count = f64::from(u32::try_from(times.len())?);
    Ok(Rate { per_second: count / ROUND.as_secs_f64(), times })
}

/// A server that knows one answer.
async fn serve_bare(body: Bytes) -> anyhow::Result<(SocketAddr, JoinSet<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let body = body.clone();
            let answer = service_fn(move |_| {
                let body = body.clone();
                async move { Ok::<_, std::convert::Infallible>(Response::new(Full::new(body))) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            connections.spawn(async move { drop(connection.await) });
        }
    });
    Ok((address, serving))
}
