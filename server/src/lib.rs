//! The composition root: puts the capabilities, the pages and HTTP together.
//!
//! It owns configuration, routing and the life of the process. It must never hold a business rule.
//! Start reading in `main.rs`, then `router.rs`.

#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod router;
mod site;

use std::net::SocketAddr;

use anyhow::Context as _;

/// Serves until the process is told to end.
///
/// # Errors
/// When the site options can't be read or the address can't be taken.
pub async fn serve(addr: SocketAddr) -> anyhow::Result<()> {
    let router = router::router(site::options()?);
    let listener =
        tokio::net::TcpListener::bind(addr).await.with_context(|| format!("can't listen on {addr}"))?;
    axum::serve(listener, router).await.context("the web server stopped")
}
