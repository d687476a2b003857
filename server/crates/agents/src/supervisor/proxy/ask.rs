//! What a program in a sandbox asks of the proxy: a tunnel (`CONNECT host:port`), or one request to an `http://` URL.

use super::Way;
use super::relay::{BUFFER, Counted, relay};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use outbound::Refusal;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;

const HEADER_TIME: Duration = Duration::from_secs(30);
const HEADER_BYTES: usize = 64 * 1024;
const MOST_HEADERS: usize = 128;
/// A name is at most so long.
const LONGEST_HOST: usize = 255;
/// What belongs to one connection and is not passed on.
const HOP_BY_HOP: [HeaderName; 7] = [
    hyper::header::PROXY_AUTHENTICATE,
    hyper::header::PROXY_AUTHORIZATION,
    hyper::header::TE,
    hyper::header::TRAILER,
    hyper::header::TRANSFER_ENCODING,
    hyper::header::UPGRADE,
    CONNECTION,
];

type Body = BoxBody<Bytes, hyper::Error>;
/// A tunnel that was agreed to: it begins when the answer is out.
type Tunnel = Mutex<Option<(OnUpgrade, Counted)>>;

/// What is answered where nothing could be done.
struct Refused {
    status: StatusCode,
    what: String,
}

impl Refused {
    fn said(self) -> Response<Body> {
        let mut response = Response::new(text(self.what));
        *response.status_mut() = self.status;
        response
    }
}

/// One connection of the sandbox, to its end.
pub(super) async fn answer(stream: TcpStream, way: Way) {
    let tunnel = Tunnel::default();
    let service = service_fn(|request| async {
        let answered = if request.method() == Method::CONNECT {
            connect(request, &way, &tunnel).await
        } else {
            forward(request, &way).await
        };
        Ok::<_, Infallible>(answered.unwrap_or_else(Refused::said))
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(MOST_HEADERS)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a request of the sandbox was not served");
    }
    let agreed = tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((upgrade, outside)) = agreed
        && let Ok(inside) = upgrade.await
    {
        relay(TokioIo::new(inside), outside).await;
    }
}

async fn connect(
    mut request: Request<Incoming>,
    way: &Way,
    tunnel: &Tunnel,
) -> Result<Response<Body>, Refused> {
    let (host, port) = place(request.uri(), None)?;
    let outside = dial(way, &host, port).await?;
    let upgrade = hyper::upgrade::on(&mut request);
    *tunnel.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, outside));
    Ok(Response::new(text(String::new())))
}

async fn forward(mut request: Request<Incoming>, way: &Way) -> Result<Response<Body>, Refused> {
    if request.uri().scheme_str() != Some("http") {
        let what = "this is an HTTP proxy: it takes CONNECT, and requests to http:// URLs";
        return Err(refusal(StatusCode::BAD_REQUEST, what));
    }
    let (host, port) = place(request.uri(), Some(80))?;
    let outside = dial(way, &host, port).await?;
    rewrite(&mut request)?;
    let activity = outside.activity();
    let broken = |error: hyper::Error| refusal(StatusCode::BAD_GATEWAY, &format!("{host}:{port}: {error}"));
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(HEADER_BYTES.max(BUFFER))
        .handshake(TokioIo::new(outside))
        .await
        .map_err(broken)?;
    way.spawn(async move {
        tokio::select! {
            _ = connection => {}
            () = activity.ceases() => {}
        }
    });
    let mut response = sender.send_request(request).await.map_err(broken)?;
    strip(response.headers_mut());
    Ok(response.map(BodyExt::boxed))
}

async fn dial(way: &Way, host: &str, port: u16) -> Result<Counted, Refused> {
    let place = format!("{host}:{port}");
    match way.dialler.dial(host, port).await {
        Ok(stream) => Ok(Counted::new(stream, way.ledger.reach(&place))),
        Err(Refusal::Denied(reason)) => {
            let why = format!("is refused: {reason}");
            way.ledger.refuse(&place, &why);
            Err(refusal(StatusCode::FORBIDDEN, &format!("{place} {why}")))
        }
        Err(Refusal::Unreachable(reason)) => {
            let why = format!("can't be reached: {reason}");
            way.ledger.refuse(&place, &why);
            Err(refusal(StatusCode::BAD_GATEWAY, &format!("{place} {why}")))
        }
    }
}

/// Host, without the brackets of an IPv6 address, and port.
fn place(uri: &Uri, default: Option<u16>) -> Result<(String, u16), Refused> {
    let port = uri.port_u16().or(default).filter(|port| *port != 0);
    match (uri.host(), port) {
        (Some(host), Some(port)) if !host.is_empty() && host.len() <= LONGEST_HOST => {
            Ok((host.trim_start_matches('[').trim_end_matches(']').to_owned(), port))
        }
        _ => Err(refusal(StatusCode::BAD_REQUEST, "name a host and a port")),
    }
}

/// As the place itself expects it: the path alone, its own host, and nothing of this connection.
fn rewrite(request: &mut Request<Incoming>) -> Result<(), Refused> {
    let unreadable = || refusal(StatusCode::BAD_REQUEST, "the URL can't be read");
    let authority = request.uri().authority().ok_or_else(unreadable)?;
    let without_user = authority.as_str().rsplit('@').next().unwrap_or_default();
    let host = HeaderValue::from_str(without_user).map_err(|_| unreadable())?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path: Uri = path.parse().map_err(|_| unreadable())?;
    *request.uri_mut() = path;
    strip(request.headers_mut());
    request.headers_mut().insert(HOST, host);
    // One connection for one request, so that what is counted for a place is that place's.
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(())
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let fixed = ["proxy-connection", "keep-alive"].map(HeaderName::from_static);
    for name in named.iter().chain(&HOP_BY_HOP).chain(&fixed) {
        headers.remove(name);
    }
}

fn refusal(status: StatusCode, what: &str) -> Refused {
    Refused { status, what: format!("Switchboard: {what}\n") }
}

fn text(text: String) -> Body {
    Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed()
}
