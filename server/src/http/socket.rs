//! `GET /api/v1/events`: the WebSocket over which changes and the output of executions go out live.
//!
//! The handshake is a request like any other: the layers have checked its Origin, and the extractor who is asking and
//! in which workspace. What is said afterwards is in [`talk`].

mod pace;
mod talk;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use domain::problem::Code;
use futures::future::abortable;
use tokio::sync::oneshot;

use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::live::hub::seats::Full;
use crate::state::AppState;
use talk::Talk;

/// The longest message that a client may send.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// tungstenite takes 128 KiB for each of these where nobody says otherwise, the first at once and for every socket.
const READ_BUFFER: usize = 2 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
/// More than the longest frame of ours. No more than one ever waits, because every write is waited for.
const WRITE_BUFFER_MOST: usize = 2 * 1024 * 1024;

/// The handler.
///
/// # Errors
/// 401, 403 and 404 as everywhere; 429 with too many sockets; 400 and 426 where it is no handshake.
pub async fn open(
    State(state): State<AppState>,
    entered: InWorkspace,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(no_handshake)?;
    let seat = Arc::new(state.live.seat(entered.caller, "socket").map_err(full)?);
    let (give, given) = oneshot::channel::<WebSocket>();
    let (hub, held) = (state.live.clone(), Arc::clone(&seat));
    let (talking, abort) = abortable(async move {
        if let Ok(socket) = given.await {
            Talk::new(socket, hub, held).run().await;
        }
    });
    seat.set_abort(abort);
    // The shutdown's from the handshake on: an upgraded connection is nobody else's.
    state.shutdown.spawn(async move { talking.await.unwrap_or_default() });
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MOST)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(|socket| async move { drop(give.send(socket)) }))
}

/// The refusal of one listener too many.
pub(crate) fn full(full: Full) -> Refusal {
    match full {
        Full::Person => {
            Refusal::limited("rate: too many sockets and streams are open. Close some of them.", 5)
        }
        Full::Process => {
            Refusal::unavailable("This server holds as many sockets as it can. Try again soon.", 5)
        }
    }
}

fn no_handshake(rejection: WebSocketUpgradeRejection) -> Refusal {
    let status = rejection.into_response().status();
    let detail = "This address speaks WebSocket; for server-sent events there is /api/v1/events/stream.";
    Refusal::new(Code::Invalid, detail).with_status(status)
}
