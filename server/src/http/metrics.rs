//! The figures of HTTP, by route template: never by path, which anyone can make up without end.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

/// Sockets and streams that are open. Set by whoever serves them.
pub const SOCKETS: &str = "switchboard_sockets";
/// Executions under way. Set by the runner.
pub const EXECUTIONS: &str = "switchboard_executions";
/// Connections of the database pool, by `state`: used, idle.
pub const POOL: &str = "switchboard_database_connections";
const REQUESTS: &str = "switchboard_http_requests_total";
const DURATION: &str = "switchboard_http_request_duration_seconds";
const IN_FLIGHT: &str = "switchboard_http_requests_in_flight";
/// TCP connections that are open.
pub(crate) const CONNECTIONS: &str = "switchboard_http_connections";

/// What the figures mean, for whoever scrapes them.
pub(crate) fn describe() {
    describe_counter!(REQUESTS, Unit::Count, "Requests answered, by route, method and status.");
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "From the request's header to the answer's, by route and method."
    );
    describe_gauge!(IN_FLIGHT, Unit::Count, "Requests being answered.");
    describe_gauge!(CONNECTIONS, Unit::Count, "Open connections.");
    describe_gauge!(SOCKETS, Unit::Count, "Open WebSockets and event streams, by kind.");
    describe_gauge!(EXECUTIONS, Unit::Count, "Executions under way here.");
    describe_gauge!(POOL, Unit::Count, "Connections of the database pool, by state.");
}

/// The layer.
pub async fn layer(request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let method = known(request.method());
    let began = Instant::now();
    let flight = InFlight::begin();
    let response = next.run(request).await;
    drop(flight);
    let status = response.status().as_str().to_owned();
    counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status).increment(1);
    histogram!(DURATION, "route" => route, "method" => method).record(began.elapsed().as_secs_f64());
    response
}

/// Counts down also when the client goes away and the future is dropped.
struct InFlight;

impl InFlight {
    fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
