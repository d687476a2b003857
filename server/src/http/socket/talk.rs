//! What is said over one open socket, from `resume` to the close.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use backend::{Failure, tasks};
use domain::{Code, TaskId};
use futures::SinkExt as _;
use tenancy::Caller;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tungstenite::error::{CapacityError, Error as SocketError};

use crate::live::frames::{ClientFrame, Frame, NO_VOICE};
use crate::live::hub::Hub;
use crate::live::hub::seats::Seat;
use crate::live::presence::{self, Attendance};
use crate::live::reader::{Ended, Reader, Wish};
use crate::live::watches::{TooMany, Watches};
use crate::live::{come_back_after, figures};

use super::pace::Pace;

/// Frames that can't be read, in a row, after which a client is not worth listening to.
const BAD_FRAMES: u8 = 5;
/// How long the other side may take to answer our close, so that it can read why.
const FAREWELL: Duration = Duration::from_secs(1);

/// An open socket.
pub(super) struct Talk {
    socket: WebSocket,
    hub: Hub,
    seat: Arc<Seat>,
    reader: Reader,
    watches: Watches,
    attendance: Option<Box<Attendance>>,
    pace: Pace,
    bad: u8,
    heard: Instant,
}

/// Why a talk ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The other side is gone or has closed.
    Gone,
    Shutdown,
    Revoked,
    BadFrames,
    TooLarge,
    TooSlow,
    Unavailable,
    Silent,
}

impl Talk {
    pub(super) fn new(socket: WebSocket, hub: Hub, seat: Arc<Seat>) -> Self {
        let (reader, watches) = (Reader::new(hub.clone()), Watches::new(hub.clone()));
        let (attendance, pace) = (None, Pace::new());
        Self { socket, hub, seat, reader, watches, attendance, pace, bad: 0, heard: Instant::now() }
    }

    pub(super) async fn run(mut self) {
        let Err(end) = self.talk().await;
        tracing::debug!(?end, "a socket ends");
        self.close(end).await;
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, End> {
        let (ending, seat, bounds) =
            (self.hub.shutdown().token(), Arc::clone(&self.seat), *self.hub.bounds());
        let mut beat = interval_at(Instant::now() + bounds.heartbeat, bounds.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ending.cancelled() => return Err(End::Shutdown),
                () = seat.revoked() => return Err(End::Revoked),
                message = self.socket.recv() => self.hear(message).await?,
                () = self.reader.wait() => {
                    let read = Box::pin(self.reader.read(&seat.caller())).await;
                    let frames = read.map_err(|ended| self.end_of(&ended))?;
                    self.say(frames).await?;
                }
                () = self.watches.wait() => {
                    let frames = Box::pin(self.watches.read(&seat.caller())).await;
                    self.say(frames).await?;
                }
                () = presence::wait(&mut self.attendance) => {
                    let caller = seat.caller();
                    let told = self.attendance.as_mut().map(|attendance| attendance.read(&caller));
                    self.say(told.unwrap_or_default()).await?;
                }
                _ = beat.tick() => {
                    if self.heard.elapsed() > bounds.silence {
                        return Err(End::Silent);
                    }
                    self.send(vec![Message::Ping(axum::body::Bytes::new())]).await?;
                }
            }
        }
    }

    fn end_of(&self, ended: &Ended) -> End {
        match ended {
            Ended::TooSlow => End::TooSlow,
            Ended::Store(error) => {
                tracing::warn!(%error, "the change feed can't be read; a socket is closed");
                End::Unavailable
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        match message {
            None | Some(Ok(Message::Close(_))) => Err(End::Gone),
            Some(Err(error)) => Err(end_of_error(error)),
            // tungstenite answers pings by itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(_)) if !self.pace.allows(self.heard) => {
                self.bad(Frame::problem(Code::Limited, "rate: too many frames. Wait a little.", None)).await
            }
            Some(Ok(Message::Binary(_))) => {
                self.bad(Frame::problem(Code::Invalid, NO_VOICE, Some("binary"))).await
            }
            Some(Ok(Message::Text(text))) => match ClientFrame::parse(&text) {
                Ok(frame) => {
                    self.bad = 0;
                    Box::pin(self.obey(frame)).await
                }
                Err(refused) => {
                    let problem = Frame::problem(Code::Invalid, &refused.detail, refused.about.as_deref());
                    if refused.known { self.say(vec![problem]).await } else { self.bad(problem).await }
                }
            },
        }
    }

    async fn obey(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Resume { epoch, after, entities } => {
                let wish = Wish { epoch, after, entities };
                let hello = self.reader.resume(&self.seat.caller(), wish).await;
                let hello = hello.map_err(|error| self.end_of(&Ended::Store(error)))?;
                self.say(hello).await
            }
            ClientFrame::Ping { t } => self.say(vec![Frame::pong(&t)]).await,
            ClientFrame::Watch { execution, after } => match self.watches.watch(execution, after) {
                Ok(()) => Ok(()),
                Err(TooMany) => {
                    let most = self.hub.bounds().watches;
                    let detail =
                        format!("This socket watches {most} executions already; unwatch one of them.");
                    self.say(vec![Frame::unwatched(Code::Limited, &detail, execution)]).await
                }
            },
            ClientFrame::Unwatch { execution } => {
                self.watches.unwatch(execution);
                Ok(())
            }
            ClientFrame::Attend { task } => self.attend(task).await,
            ClientFrame::Unattend {} => {
                self.attendance = None;
                Ok(())
            }
        }
    }

    /// Somebody is at a task, if it is there for them, and is told who else is.
    async fn attend(&mut self, task: Option<TaskId>) -> Result<(), End> {
        let caller = self.seat.caller();
        if let Err(Failure { problem, cause }) = visible(&self.hub, &caller, task).await {
            if let Some(cause) = cause {
                tracing::warn!(%cause, "a task that somebody looks at can't be read");
            }
            return self.say(vec![Frame::problem(problem.code, &problem.detail, Some("attend"))]).await;
        }
        let hub = &self.hub;
        let attendance =
            self.attendance.get_or_insert_with(|| Box::new(hub.presence(caller.workspace()).attend()));
        attendance.look_at(&caller, task);
        Ok(())
    }

    async fn bad(&mut self, problem: Frame) -> Result<(), End> {
        self.say(vec![problem]).await?;
        self.bad += 1;
        if self.bad >= BAD_FRAMES { Err(End::BadFrames) } else { Ok(()) }
    }

    async fn say(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        figures::sent("socket", frames.len());
        self.send(frames.into_iter().map(|frame| Message::Text(frame.text)).collect()).await
    }

    /// Waits until the kernel has all of it. Whoever takes nothing for too long is ended from outside.
    async fn send(&mut self, messages: Vec<Message>) -> Result<(), End> {
        let (ending, seat) = (self.hub.shutdown().token(), Arc::clone(&self.seat));
        let socket = &mut self.socket;
        let sending = async {
            for message in messages {
                // One by one: a slow reader that takes some is not stuck.
                let _writing = seat.writing();
                socket.feed(message).await?;
            }
            let _writing = seat.writing();
            socket.flush().await
        };
        tokio::select! {
            sent = sending => sent.map_err(|_| End::Gone),
            () = ending.cancelled() => Err(End::Shutdown),
            () = seat.revoked() => Err(End::Revoked),
        }
    }

    /// Says why, and lets the other side read it: closing at once while it still sends would lose our last words.
    async fn close(mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::Shutdown => (close_code::RESTART, "the server restarts; come back soon"),
            End::Revoked => (close_code::POLICY, "you may not listen here any more"),
            End::BadFrames => (close_code::POLICY, "too many frames that can't be read"),
            End::TooLarge => (close_code::SIZE, "a frame was too large"),
            End::TooSlow => (close_code::AGAIN, "you take too slowly; come back and resume"),
            End::Unavailable => (close_code::AGAIN, "the database is not available right now"),
            End::Silent => (close_code::AWAY, "nothing was heard for too long"),
        };
        if end == End::TooSlow {
            figures::lag_close();
        }
        let seat = Arc::clone(&self.seat);
        let farewell = async {
            let _writing = seat.writing();
            if end == End::Shutdown {
                let frame = Frame::shutdown(come_back_after());
                self.socket.send(Message::Text(frame.text)).await?;
            }
            self.socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
        };
        if !matches!(timeout(FAREWELL, farewell).await, Ok(Ok(()))) {
            return;
        }
        let answer = async {
            while let Some(Ok(_)) = self.socket.recv().await {}
            if end == End::TooLarge {
                // What is unread can't be read any more, and would make the kernel throw our close away.
                std::future::pending().await
            }
        };
        drop(timeout(FAREWELL, answer).await);
    }
}

async fn visible(hub: &Hub, caller: &Caller, task: Option<TaskId>) -> Result<(), Failure> {
    if let Some(task) = task {
        let mut tx = hub.database().begin(caller).await?;
        tasks::get(&mut tx, task.into()).await?;
    }
    Ok(())
}

fn end_of_error(error: axum::Error) -> End {
    let too_long =
        |error: &SocketError| matches!(error, SocketError::Capacity(CapacityError::MessageTooLong { .. }));
    match error.into_inner().downcast::<SocketError>() {
        Ok(error) if too_long(&error) => End::TooLarge,
        _ => End::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_future<F>(_: impl FnOnce(Talk) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_socket_is_small() {
        let size = size_of_future(Talk::run);
        assert!(size <= 6 * 1024, "{size} bytes");
    }
}
