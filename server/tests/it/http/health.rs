//! Health, and the operator's listener.

use server::http::accept::Bounds;
use server::http::health::{self, Health};
use server::http::ops::{Figures, router};
use server::shutdown::Shutdown;
use server::telemetry;

use super::support::{Served, around, routes, serve};

async fn start(health: Health) -> Served {
    serve(around(health::routes(health), &[]), Shutdown::new(), Bounds::default()).await
}

#[tokio::test]
async fn ready_names_each_dependency_and_never_hangs() {
    let health = Health::new(Shutdown::new())
        .with("database", || async { Ok(()) })
        .with("feed", || async { Err("lags behind".to_owned()) })
        .with("queue", std::future::pending);
    let server = start(health).await;
    let answer = server.get("/health/ready", "").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    let report = answer.json();
    assert_eq!(report["status"], "unready");
    assert_eq!(report["checks"]["database"]["ok"], true);
    assert_eq!(report["checks"]["feed"]["detail"], "lags behind");
    assert_eq!(report["checks"]["queue"]["detail"], "did not answer within a second");
    assert_eq!(server.get("/health/live", "").await.status, 200, "what it needs is down, itself it lives");
    let about = server.get("/health", "").await.json();
    assert_eq!(
        (about["status"].as_str(), about["version"].as_str()),
        (Some("ok"), Some(env!("CARGO_PKG_VERSION")))
    );
}

#[tokio::test]
async fn ready_ends_when_shutdown_begins() {
    let ending = Shutdown::new();
    let server = start(Health::new(ending.clone())).await;
    assert_eq!(server.get("/health/ready", "").await.status, 200);
    ending.begin();
    assert_eq!(server.get("/health/ready", "").await.json()["status"], "shutting down");
}

#[tokio::test]
async fn figures_are_by_route_template_and_on_the_operators_address_alone() {
    let recorder = telemetry::metrics().unwrap();
    let public = serve(around(routes(), &[]), Shutdown::new(), Bounds::default()).await;
    let sampled = Figures::new(recorder).with(|| metrics::gauge!("test_sampled").set(7.0));
    let health = Health::new(Shutdown::new());
    let operator = serve(router(sampled, health), Shutdown::new(), Bounds::default()).await;
    for number in 0..3 {
        public.get(&format!("/api/v1/notes/{number}"), "").await;
    }
    public.get("/api/v1/made-up-by-somebody", "").await;
    assert_eq!(public.get("/metrics", "").await.status, 404);
    let figures = operator.get("/metrics", "").await.body;
    let line =
        "switchboard_http_requests_total{route=\"/api/v1/notes/{number}\",method=\"GET\",status=\"200\"}";
    assert!(figures.contains(line), "{figures}");
    assert!(figures.contains("switchboard_http_request_duration_seconds_bucket"), "{figures}");
    assert!(
        figures.contains("switchboard_http_connections") && figures.contains("test_sampled 7"),
        "{figures}"
    );
    assert!(!figures.contains("made-up-by-somebody"), "{figures}");
    assert_eq!(operator.get("/health/ready", "").await.status, 200);
}
