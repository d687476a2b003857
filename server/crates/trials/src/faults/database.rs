//! PostgreSQL goes, stands still, or drops its connections. The server has to bring it back and heal by itself.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::house::House;
use crate::postgres;

const NOTICED_WITHIN: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(200);

/// Ends the whole cluster by this signal to its first process.
pub(super) async fn end(house: &mut House, signal: Signal) -> anyhow::Result<String> {
    let data = house.data();
    let first = postgres::postmaster(&data).context("no PostgreSQL runs")?;
    postgres::signal(&[first], signal);
    let since = Instant::now();
    while postgres::postmaster(&data).is_none_or(|now| now == first) {
        if since.elapsed() > NOTICED_WITHIN {
            bail!("nobody has started PostgreSQL again");
        }
        if house.health("/health/live").await != Some(200) {
            bail!("the server does not live without its database");
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(format!("another PostgreSQL after {:.1} s", since.elapsed().as_secs_f64()))
}

/// Stops every process of it, as a machine does that swaps itself to death.
pub(super) async fn freeze(house: &mut House, time: Duration) -> anyhow::Result<String> {
    let frozen = postgres::processes(&house.data());
    postgres::signal(&frozen, Signal::SIGSTOP);
    let seen = watch(house, time).await;
    postgres::signal(&frozen, Signal::SIGCONT);
    seen
}

async fn watch(house: &House, time: Duration) -> anyhow::Result<String> {
    let (since, mut noticed) = (Instant::now(), None);
    while since.elapsed() < time {
        if house.health("/health/live").await != Some(200) {
            bail!("the server does not live while its database stands still");
        }
        if noticed.is_none() && house.health("/health/ready").await == Some(503) {
            noticed = Some(since.elapsed());
        }
        sleep(BETWEEN).await;
    }
    let noticed = noticed.context("the server said that it is ready the whole time")?;
    Ok(format!("frozen for {} s, told as not ready after {:.1} s", time.as_secs(), noticed.as_secs_f64()))
}

/// Ends every connection, again and again.
pub(super) async fn terminate_connections(house: &mut House, time: Duration) -> anyhow::Result<String> {
    let (since, mut ended) = (Instant::now(), 0);
    while since.elapsed() < time {
        let backends = postgres::backends(&house.data());
        postgres::signal(&backends, Signal::SIGTERM);
        ended += backends.len();
        sleep(BETWEEN).await;
    }
    Ok(format!("{ended} connections ended in {} s", time.as_secs()))
}
