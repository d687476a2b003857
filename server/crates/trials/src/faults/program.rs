//! The server itself is killed, or asked to end.

use std::time::Duration;

use tokio::time::sleep;

use crate::house::House;
use crate::load::Load;

/// Kills it at another moment of the burst each time.
pub(super) async fn kill(house: &mut House, load: &Load, times: u32) -> anyhow::Result<String> {
    let mut slowest = Duration::ZERO;
    for round in 0..times {
        load.until_more(5).await?;
        sleep(Duration::from_millis(u64::from(round * 37 % 400))).await;
        house.kill().await?;
        slowest = slowest.max(house.start().await?);
    }
    Ok(format!("killed {times} times, ready after {:.1} s at the slowest", slowest.as_secs_f64()))
}

/// Asks it to end while requests are under way.
pub(super) async fn terminate(house: &mut House) -> anyhow::Result<String> {
    let ended = house.terminate().await?;
    let ready = house.start().await?;
    Ok(format!("ended after {:.1} s, ready after {:.1} s", ended.as_secs_f64(), ready.as_secs_f64()))
}
