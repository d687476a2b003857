//! `run`: builds, serves, and on every change rebuilds just what it touches and reloads the pages.

mod changes;
mod reload;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::Context as _;
use notify::{RecursiveMode, Watcher as _};

use crate::bundle::{self, Bundle};
use crate::console::{failure, say};
use crate::process::{self, Running};
use crate::server::Server;
use crate::site;
use crate::workspace::{Build, Workspace};
use changes::Changes;
use reload::Reloader;

/// An editor writes several files, and each several times: wait until it is quiet.
const QUIET: Duration = Duration::from_millis(120);
const LOOK: Duration = Duration::from_millis(500);

/// Serves what is shipped, until interrupted or until the server ends.
pub(crate) fn run_release(workspace: &Workspace, addr: SocketAddr) -> anyhow::Result<()> {
    let bundle = bundle::build(workspace, Build::Release)?;
    let mut server = start(&bundle, addr, &[])?;
    while server.ended()?.is_none() && !process::interrupted() {
        std::thread::sleep(LOOK);
    }
    server.stop()
}

/// Serves and watches, until interrupted.
pub(crate) fn run(workspace: &Workspace, addr: SocketAddr) -> anyhow::Result<()> {
    let options = site::options::SiteOptions::read(workspace)?;
    let reloader = Reloader::listen(SocketAddr::new(addr.ip(), options.reload_port))?;
    let (told, changed) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| drop(told.send(event)))?;
    for folder in changes::FOLDERS {
        watcher
            .watch(&workspace.path(folder), RecursiveMode::Recursive)
            .with_context(|| folder.to_owned())?;
    }
    for file in changes::FILES {
        watcher.watch(&workspace.path(file), RecursiveMode::NonRecursive).with_context(|| file.to_owned())?;
    }
    let mut session = Session::start(workspace, addr, reloader)?;
    say(&format!("Switchboard is on http://{addr} and reloads on every change. Ctrl-C ends it."));
    while !process::interrupted() {
        match next(workspace, &changed)? {
            Some(changes) if changes.any() => session.apply(&changes),
            _ => session.look()?,
        }
    }
    session.end()
}

/// The next changes, gathered until it is quiet; nothing when there are none for a while.
fn next(
    workspace: &Workspace,
    changed: &Receiver<notify::Result<notify::Event>>,
) -> anyhow::Result<Option<Changes>> {
    let mut changes = Changes::default();
    let mut wait = LOOK;
    loop {
        match changed.recv_timeout(wait) {
            Ok(event) => {
                let event = event?;
                if event.kind.is_access() {
                    continue;
                }
                for path in &event.paths {
                    changes.add(path.strip_prefix(workspace.path("")).unwrap_or(path));
                }
                wait = QUIET;
            }
            Err(RecvTimeoutError::Timeout) => return Ok(changes.any().then_some(changes)),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the watch on the sources ended"),
        }
    }
}

/// A running server and the bundle that it runs from.
struct Session<'a> {
    workspace: &'a Workspace,
    addr: SocketAddr,
    reloader: Reloader,
    bundle: Bundle,
    server: Option<Server>,
}

impl<'a> Session<'a> {
    fn start(workspace: &'a Workspace, addr: SocketAddr, reloader: Reloader) -> anyhow::Result<Self> {
        let bundle = bundle::build_aside(workspace, Build::Dev)?;
        let server = start_watched(&bundle, addr)?;
        Ok(Self { workspace, addr, reloader, bundle, server: Some(server) })
    }

    /// A failure is shown and leaves the server of before: the next change may mend it.
    fn apply(&mut self, changes: &Changes) {
        match self.rebuild(changes) {
            Ok(()) => self.reloader.reload(),
            Err(error) => failure(&format!("{error:#}")),
        }
    }

    fn rebuild(&mut self, changes: &Changes) -> anyhow::Result<()> {
        if changes.both_sides {
            let bundle = bundle::build_aside(self.workspace, Build::Dev)?;
            self.stop_server()?;
            let before = std::mem::replace(&mut self.bundle, bundle);
            before.discard();
            return self.start_server();
        }
        let folder = self.bundle.folder();
        if changes.style {
            site::rebuild_style(self.workspace, folder)?;
        }
        if changes.assets {
            site::rebuild_assets(self.workspace, folder)?;
        }
        if changes.server {
            bundle::renew_binary(self.workspace, Build::Dev, &self.bundle)?;
            self.stop_server()?;
            self.start_server()?;
        }
        Ok(())
    }

    fn look(&mut self) -> anyhow::Result<()> {
        let Some(server) = &mut self.server else {
            return Ok(());
        };
        if let Some(status) = server.ended()?
            && !process::interrupted()
        {
            self.server = None;
            failure(&format!("the server ended with {status}; it starts again with the next change"));
        }
        Ok(())
    }

    fn start_server(&mut self) -> anyhow::Result<()> {
        self.server = Some(start_watched(&self.bundle, self.addr)?);
        Ok(())
    }

    fn stop_server(&mut self) -> anyhow::Result<()> {
        self.server.take().map_or(Ok(()), Server::stop)
    }

    fn end(mut self) -> anyhow::Result<()> {
        let stopped = self.stop_server();
        self.bundle.discard();
        stopped
    }
}

fn start_watched(bundle: &Bundle, addr: SocketAddr) -> anyhow::Result<Server> {
    start(bundle, addr, &[("LEPTOS_WATCH", "1")])
}

fn start(bundle: &Bundle, addr: SocketAddr, environment: &[(&str, &str)]) -> anyhow::Result<Server> {
    let mut command = serve(&bundle.binary(), addr);
    for (name, value) in environment {
        command.env(name, value);
    }
    Server::attend(Running::start(&mut command)?, addr)
}

/// With the settings of whoever runs it: this is their server.
fn serve(binary: &Path, addr: SocketAddr) -> Command {
    let mut command = Command::new(binary);
    command.args(["serve", "--addr", &addr.to_string()]);
    command
}
