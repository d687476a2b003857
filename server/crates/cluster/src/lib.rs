//! The managed local PostgreSQL: one cluster under the data folder, reached over a private Unix socket.
//!
//! Owns: finding the installed PostgreSQL, making, starting, adopting and stopping the cluster, the two login
//! roles (owner and application) with their passwords, and the database `switchboard`.
//! Must never know: tables, migrations, tenants, or who uses the database for what.
//! Start reading at [`Cluster::open`]. Every call here blocks; async callers wrap it in `spawn_blocking`.
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod account;
mod binaries;
mod create;
mod error;
mod lock;
mod place;
mod postmaster;
mod secret;
mod sql;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use error::ClusterError;

use binaries::Binaries;
use lock::{Holder, Turn};
use place::Place;
use postmaster::{Launch, Postmaster, State};
use secret::Passwords;

/// The database that [`Cluster::open`] makes.
pub const DATABASE: &str = "switchboard";
/// The role that owns the cluster and the schema. A superuser: for migrations only.
pub const OWNER: &str = "switchboard_owner";
/// The role that the application signs in as. It owns nothing and inherits nothing.
pub const APP: &str = "switchboard_app";

/// What [`Cluster::open`] needs to be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data folder of the installation; the cluster is made in `postgres` below it.
    pub data: PathBuf,
    /// Where PostgreSQL's programs are, when the operator says so.
    pub bin_dir: Option<PathBuf>,
    /// How long a start may take. Recovery after a crash can be long.
    pub start_timeout: Duration,
}

impl Settings {
    /// The defaults, for this data folder.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self { data: data.into(), bin_dir: None, start_timeout: Duration::from_secs(120) }
    }
}

/// A running cluster that this program holds. The last holder's [`Cluster::close`], or drop, stops it.
pub struct Cluster {
    place: Place,
    binaries: Binaries,
    passwords: Passwords,
    start_timeout: Duration,
    postmaster: Postmaster,
    holder: Option<Holder>,
}

/// What [`Cluster::ensure`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It was running.
    Running,
    /// It had died and runs again.
    Restarted,
}

impl Cluster {
    /// Makes the cluster where there is none, starts it where it doesn't run, adopts it where it does.
    pub fn open(settings: &Settings) -> Result<Self, ClusterError> {
        let place = Place::prepare(&settings.data)?;
        let turn = Turn::take(&place.turn_file(), settings.start_timeout)?;
        let holder = Holder::take(&place.holder_file())?;
        let binaries = Binaries::find(settings.bin_dir.as_deref(), place.made_by().as_deref())?;
        let passwords = Passwords::load_or_make(&place)?;
        create::cluster(&place, &binaries, &passwords)?;
        let deadline = Instant::now() + settings.start_timeout;
        let (postmaster, _) = bring_up(&place, &binaries, deadline)?;
        sql::prepare(&binaries, &postmaster, &passwords)?;
        drop(turn);
        Ok(Self {
            place,
            binaries,
            passwords,
            start_timeout: settings.start_timeout,
            postmaster,
            holder: Some(holder),
        })
    }

    /// Connection URL of the owner. It bypasses every wall: for migrations and the operator's commands.
    pub fn owner_url(&self) -> String {
        self.url(OWNER, self.passwords.owner())
    }

    /// Connection URL of the application's login role.
    pub fn app_url(&self) -> String {
        self.url(APP, self.passwords.app())
    }

    /// The folder of the Unix socket.
    pub fn socket_folder(&self) -> &Path {
        &self.postmaster.socket_folder
    }

    /// The process that serves the cluster.
    pub fn process_id(&self) -> u32 {
        self.postmaster.pid
    }

    /// Starts the cluster again if it has died. Call it every second or so; it costs a file read.
    pub fn ensure(&mut self) -> Result<Health, ClusterError> {
        if let State::Ready(found) = postmaster::observe(&self.place.cluster())? {
            self.postmaster = found;
            return Ok(Health::Running);
        }
        let _turn = Turn::take(&self.place.turn_file(), self.start_timeout)?;
        let deadline = Instant::now() + self.start_timeout;
        let (found, health) = bring_up(&self.place, &self.binaries, deadline)?;
        self.postmaster = found;
        Ok(health)
    }

    /// Lets go of the cluster, and stops it if nobody else holds it.
    pub fn close(mut self) -> Result<(), ClusterError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), ClusterError> {
        let Some(holder) = self.holder.take() else {
            return Ok(());
        };
        let _turn = Turn::take(&self.place.turn_file(), self.start_timeout)?;
        if holder.was_last()? {
            postmaster::stop(&self.place.cluster())?;
        }
        Ok(())
    }

    fn url(&self, role: &str, password: &str) -> String {
        let folder = sql::percent_encoded(&self.postmaster.socket_folder);
        let port = self.postmaster.port;
        format!("postgres://{role}:{password}@localhost:{port}/{DATABASE}?host={folder}")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::error!(%error, "the managed PostgreSQL could not be stopped");
        }
    }
}

impl fmt::Debug for Cluster {
    // By hand, so that no password ever reaches a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("cluster", &self.place.cluster())
            .field("postmaster", &self.postmaster)
            .finish_non_exhaustive()
    }
}

/// Waits for a cluster that is coming up or going down, starts it where there is none.
fn bring_up(
    place: &Place,
    binaries: &Binaries,
    deadline: Instant,
) -> Result<(Postmaster, Health), ClusterError> {
    let mut health = Health::Running;
    let mut launch: Option<Launch> = None;
    loop {
        match postmaster::observe(&place.cluster())? {
            State::Ready(found) => return Ok((found, health)),
            State::Changing => {}
            State::Stale => postmaster::remove_stale(&place.cluster(), place.socket_folder())?,
            State::Absent if launch.as_mut().is_none_or(Launch::has_ended) => {
                if let Some(last) = &launch {
                    if !last.may_be_repeated() {
                        return Err(ClusterError::not_ready(&place.log_file()));
                    }
                    std::thread::sleep(Duration::from_millis(200));
                }
                launch = Some(Launch::start(place, binaries)?);
                health = Health::Restarted;
            }
            State::Absent => {}
        }
        if Instant::now() >= deadline {
            return Err(ClusterError::not_ready(&place.log_file()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
