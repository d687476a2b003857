//! The socket: connects, follows, and comes back. Browser only; called from effects.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use domain::executions::ExecutionEvent;
use domain::{Code, ExecutionId, TaskId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use crate::api::session::{SessionQuery, get_session};
use crate::live::backoff;
use crate::live::frames::{ClientFrame, ServerFrame};
use crate::live::reduce::{Cursor, ENTITIES, Effect as Followed, follow};
use crate::live::store::{Live, Status};

/// Pings go out at this pace; a connection that has been silent for two of them is dead.
const HEARTBEAT: std::time::Duration = std::time::Duration::from_secs(15);

/// Among so many attempts one asks whether we are still let in.
const ATTEMPTS_PER_QUESTION: u32 = 4;

/// Hears the output of an execution: its next event's place, and what to do with an event; false where it is none.
struct Watcher {
    after: Box<dyn Fn() -> i64>,
    hear: Box<dyn Fn(Value) -> bool>,
}

/// One workspace's connection.
struct Connection {
    live: Live,
    workspace: String,
    cursor: Cursor,
    socket: Option<Socket>,
    attempt: u32,
    retry: Option<TimeoutHandle>,
    /// Something was heard since the last ping.
    heard: bool,
    watchers: HashMap<ExecutionId, Watcher>,
    /// The page asks who looks at what, and is itself at this task.
    attending: Option<Option<TaskId>>,
}

/// A socket with the closures that it calls; they live as long as it does.
struct Socket {
    socket: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
    _open: Closure<dyn FnMut()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.socket.set_onopen(None);
        // Closing a socket that is closed already is no failure.
        drop(self.socket.close());
    }
}

type Shared = Rc<RefCell<Connection>>;

thread_local! {
    /// The one connection of this page. Closures of the browser can't carry signals' owners, so it stands here.
    static CURRENT: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

/// Connects this page to a workspace's feed until the frame goes, and keeps it connected.
pub fn connect(live: Live, workspace: Memo<String>) {
    Effect::new(move |_| {
        let connection = Rc::new(RefCell::new(Connection {
            live,
            workspace: workspace.get(),
            cursor: Cursor::default(),
            socket: None,
            attempt: 0,
            retry: None,
            heard: true,
            watchers: HashMap::new(),
            attending: None,
        }));
        CURRENT.with(|current| *current.borrow_mut() = Some(Rc::clone(&connection)));
        live.status.set(Status::Connecting);
        open(&connection);
    });
    Effect::new(move |_| {
        if live.taken.get() {
            with_current(|connection| {
                if connection.borrow().socket.is_none() {
                    open(connection);
                }
            });
        }
    });
    Effect::new(move |_| {
        let beat = set_interval_with_handle(|| with_current(beat), HEARTBEAT);
        let online = window_event_listener(leptos::ev::online, |_| with_current(reopen));
        let offline = window_event_listener(leptos::ev::offline, |_| with_current(lost));
        let visible = window_event_listener_untyped("visibilitychange", |_| {
            if is_in_sight() {
                with_current(reopen);
            }
            with_current(say_where);
        });
        on_cleanup(move || {
            if let Ok(beat) = beat {
                beat.clear();
            }
            online.remove();
            offline.remove();
            visible.remove();
        });
    });
    on_cleanup(|| {
        CURRENT.with(|current| {
            if let Some(connection) = current.borrow_mut().take() {
                let mut connection = connection.borrow_mut();
                connection.socket = None;
                if let Some(retry) = connection.retry.take() {
                    retry.clear();
                }
            }
        });
    });
}

/// Hears an execution's events from `after()` on, now and after every reconnect. Unheard on [`unwatch`].
pub fn watch(
    execution: ExecutionId,
    after: impl Fn() -> i64 + 'static,
    hear: impl Fn(ExecutionEvent) + 'static,
) {
    with_current(|connection| {
        let from = after();
        connection
            .borrow_mut()
            .watchers
            .insert(execution, Watcher { after: Box::new(after), hear: Box::new(reading(hear)) });
        send(connection, &ClientFrame::Watch { execution, after: from });
    });
}

/// Reads events for whoever hears them. Only pages that hear carry the code for it.
fn reading(hear: impl Fn(ExecutionEvent) + 'static) -> impl Fn(Value) -> bool + 'static {
    move |event| serde_json::from_value(event).map(&hear).is_ok()
}

/// Stops hearing an execution.
pub fn unwatch(execution: ExecutionId) {
    with_current(|connection| {
        connection.borrow_mut().watchers.remove(&execution);
        send(connection, &ClientFrame::Unwatch { execution });
    });
}

/// Asks who looks at which task, and says which one this page is at, for as long as the page is there.
pub fn attend_here(workspace: Memo<String>, task: Option<TaskId>) {
    Effect::new(move |_| {
        // Another workspace is another connection.
        workspace.track();
        with_current(|connection| {
            connection.borrow_mut().attending = Some(task);
            say_where(connection);
        });
        on_cleanup(move || unattend(task));
    });
}

/// Doesn't ask any more, unless another page does by now.
fn unattend(task: Option<TaskId>) {
    with_current(|connection| {
        if connection.borrow().attending != Some(task) {
            return;
        }
        connection.borrow_mut().attending = None;
        connection.borrow().live.looking.try_set(Vec::new());
        send(connection, &ClientFrame::Unattend);
    });
}

/// A page that nobody sees is at no task.
fn say_where(connection: &Shared) {
    let attending = connection.borrow().attending;
    if let Some(task) = attending {
        send(connection, &ClientFrame::Attend { task: task.filter(|_| is_in_sight()) });
    }
}

fn is_in_sight() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Asks again for an execution's events, because some are missing in between.
pub fn rewind(execution: ExecutionId) {
    with_current(|connection| {
        let after = connection.borrow().watchers.get(&execution).map(|watcher| (watcher.after)());
        if let Some(after) = after {
            send(connection, &ClientFrame::Watch { execution, after });
        }
    });
}

fn with_current(work: impl FnOnce(&Shared)) {
    let connection = CURRENT.with(|current| current.borrow().clone());
    if let Some(connection) = connection {
        work(&connection);
    }
}

fn socket_url(workspace: &str) -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    let host = location.host().unwrap_or_default();
    format!("{scheme}://{host}/api/v1/events?workspace={workspace}")
}

fn open(connection: &Shared) {
    if !connection.borrow().live.taken.try_get_untracked().unwrap_or_default() {
        return;
    }
    let url = socket_url(&connection.borrow().workspace);
    let Ok(socket) = WebSocket::new(&url) else {
        schedule(connection, None);
        return;
    };
    let shared = Rc::downgrade(connection);
    let opened = Closure::<dyn FnMut()>::new(move || {
        if let Some(connection) = shared.upgrade() {
            let Cursor { epoch, seq } = connection.borrow().cursor.clone();
            send(&connection, &ClientFrame::Resume { epoch, after: seq, entities: ENTITIES.to_vec() });
        }
    });
    let shared = Rc::downgrade(connection);
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(connection) = shared.upgrade() {
            receive(&connection, event.data().as_string());
        }
    });
    let shared = Rc::downgrade(connection);
    let closed = Closure::<dyn FnMut(CloseEvent)>::new(move |_| {
        if let Some(connection) = shared.upgrade() {
            schedule(&connection, None);
        }
    });
    socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
    let mut connection = connection.borrow_mut();
    connection.heard = true;
    connection.socket = Some(Socket { socket, _message: message, _close: closed, _open: opened });
}

fn receive(connection: &Shared, text: Option<String>) {
    let Some(frame) = text.and_then(|text| ServerFrame::parse(&text)) else {
        // What can't be read may be a change: only a new connection brings it again.
        schedule(connection, None);
        return;
    };
    let live = {
        let mut state = connection.borrow_mut();
        state.heard = true;
        state.live
    };
    match frame {
        ServerFrame::Output { execution, event } => {
            let read =
                connection.borrow().watchers.get(&execution).is_none_or(|watcher| (watcher.hear)(event));
            // What can't be read may be missed output: only a new connection brings it again.
            if !read {
                schedule(connection, None);
            }
        }
        ServerFrame::Presence(looking) => drop(live.looking.try_set(looking)),
        ServerFrame::Shutdown { retry_after_ms } => schedule(connection, Some(retry_after_ms)),
        frame => {
            let greeted = if let ServerFrame::Hello { me, .. } = &frame {
                live.me.try_set(*me);
                true
            } else {
                false
            };
            let followed = follow(&mut connection.borrow_mut().cursor, frame);
            match followed {
                Followed::Nothing => {}
                Followed::Apply(change) => live.apply(&change),
                Followed::ReadAgain => live.read_again(),
                Followed::StartOver => live.start_over(),
            }
            if greeted {
                greet(connection, live);
            }
        }
    }
}

/// The connection stands: what was watched is watched again, from where it stopped.
fn greet(connection: &Shared, live: Live) {
    connection.borrow_mut().attempt = 0;
    live.status.set(Status::Live);
    let watched: Vec<ClientFrame> = connection
        .borrow()
        .watchers
        .iter()
        .map(|(execution, watcher)| ClientFrame::Watch { execution: *execution, after: (watcher.after)() })
        .collect();
    for frame in watched {
        send(connection, &frame);
    }
    say_where(connection);
}

fn send(connection: &Shared, frame: &ClientFrame) {
    let Ok(text) = serde_json::to_string(frame) else {
        return;
    };
    let state = connection.borrow();
    if let Some(socket) = state.socket.as_ref().map(|socket| &socket.socket)
        && socket.ready_state() == WebSocket::OPEN
    {
        // A socket that refuses is about to say that it is closed, and then everything is sent anew.
        drop(socket.send_with_str(&text));
    }
}

/// Gives the socket up and comes back after a while: the server's wish, else by the count of attempts.
fn schedule(connection: &Shared, wish_ms: Option<u64>) {
    let mut state = connection.borrow_mut();
    state.socket = None;
    // Without a connection nobody knows who is where.
    state.live.looking.try_set(Vec::new());
    if let Some(retry) = state.retry.take() {
        retry.clear();
    }
    if !window().navigator().on_line() {
        state.live.status.set(Status::Offline);
        return;
    }
    state.live.status.set(if state.attempt > 3 { Status::Offline } else { Status::Reconnecting });
    if state.attempt % ATTEMPTS_PER_QUESTION == 1 {
        give_up_if_refused(Rc::downgrade(connection), state.workspace.clone());
    }
    let random = js_sys::Math::random();
    let own = backoff::wait(state.attempt, random);
    // Everybody hears the same wish: spread them as well.
    let wait = wish_ms.map_or(own, |wish| std::time::Duration::from_millis(wish.min(30_000)) + own);
    state.attempt = state.attempt.saturating_add(1);
    let shared = Rc::downgrade(connection);
    let retry = set_timeout_with_handle(
        move || {
            if let Some(connection) = shared.upgrade() {
                open(&connection);
            }
        },
        wait,
    );
    state.retry = retry.ok();
}

/// A refused socket doesn't say why. Whoever may not come in any more is told so, and stops knocking.
fn give_up_if_refused(connection: Weak<RefCell<Connection>>, workspace: String) {
    spawn_local(async move {
        let query = SessionQuery { workspace: Some(workspace) };
        let answer = get_session(query).await;
        let refusals = [Code::Unauthenticated, Code::Forbidden, Code::NotFound];
        let refused = answer.is_err_and(|error| refusals.contains(&error.code));
        if let Some(connection) = connection.upgrade().filter(|_| refused) {
            let mut state = connection.borrow_mut();
            state.socket = None;
            if let Some(retry) = state.retry.take() {
                retry.clear();
            }
            state.live.status.set(Status::Refused);
        }
    });
}

/// The network or the person is back: no reason to wait any longer.
fn reopen(connection: &Shared) {
    let standing = connection
        .borrow()
        .socket
        .as_ref()
        .is_some_and(|socket| socket.socket.ready_state() <= WebSocket::OPEN);
    if standing {
        return;
    }
    let live = {
        let mut state = connection.borrow_mut();
        state.attempt = 0;
        if let Some(retry) = state.retry.take() {
            retry.clear();
        }
        state.live
    };
    live.status.set(Status::Reconnecting);
    open(connection);
}

fn lost(connection: &Shared) {
    let mut state = connection.borrow_mut();
    state.socket = None;
    state.live.status.set(Status::Offline);
}

/// Asks whether the other side is still there; silence since the last time means that it is not.
fn beat(connection: &Shared) {
    let (standing, heard) = {
        let mut state = connection.borrow_mut();
        (state.socket.is_some(), std::mem::replace(&mut state.heard, false))
    };
    if !standing {
        return;
    }
    if heard {
        let t = crate::ui::document::browser_time().map_or(0, |now| now.timestamp_millis());
        send(connection, &ClientFrame::Ping { t });
    } else {
        schedule(connection, None);
    }
}
