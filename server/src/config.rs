//! What the operator decides: the environment first, then a TOML file, then defaults.
//!
//! This is the only place that reads the process's environment. A new setting is one line in `config/settings.rs`
//! and one field here.

mod parse;
mod settings;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ipnet::IpNet;

use parse::Values;
use settings::SETTINGS;

/// The effective configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Everything that Switchboard keeps outside PostgreSQL lies here.
    pub data: PathBuf,
    pub database: Database,
    /// The origin under which people reach it; none on loopback alone.
    pub public: Option<Origin>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    /// Local repositories are taken only from below these folders.
    pub repository_roots: Vec<PathBuf>,
    /// What executions with a network may reach although it is not public.
    pub allow_networks: Vec<IpNet>,
    /// The operator's own agent: a program that speaks the agents' wire.
    pub custom_agent: Option<PathBuf>,
    pub rate: Rate,
    /// Sockets and streams that one person, or one API key, may have open.
    pub sockets: NonZeroU32,
    pub tls: Option<Tls>,
    pub master_keys: MasterKeySource,
    /// A filter as `tracing-subscriber` reads it.
    pub log: String,
    pub log_format: LogFormat,
    /// How many executions may run here at once.
    pub slots: NonZeroU32,
    /// MiB of memory that executions leave to everything else on this machine.
    pub memory_reserve: NonZeroU32,
    /// The page may connect to the development server's reload socket.
    pub live_reload: bool,
}

/// Which PostgreSQL: the operator's, or the managed one.
#[derive(Debug, Clone)]
pub struct Database {
    pub url: Option<Secret>,
    pub owner_url: Option<Secret>,
    pub bin_dir: Option<PathBuf>,
}

/// Requests per key.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_minute: NonZeroU32,
    pub burst: NonZeroU32,
    /// Failed attempts to sign in, per minute and address.
    pub sign_ins: NonZeroU32,
}

/// Where the master keys of the vault come from.
#[derive(Debug, Clone)]
pub enum MasterKeySource {
    Text(Secret),
    File(PathBuf),
    /// A program with its arguments, whose output they are.
    Command(String),
    /// A file below the data folder, made where there is none.
    Own,
}

/// Files in PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Pretty,
}

/// `https://host` or `https://host:port`, in lower case and without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub https: bool,
    /// With the port where it is not the scheme's own.
    pub authority: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

/// A value that no log and no page may show.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one who needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Config {
    /// Reads the process's environment and the file that `SWITCHBOARD_CONFIG` names.
    ///
    /// # Errors
    /// One sentence that names the setting and what it may be.
    pub fn load() -> anyhow::Result<Self> {
        Self::from_values(&Self::values()?)
    }

    /// What `switchboard config` prints: every setting, where it comes from, secrets as `***`.
    ///
    /// # Errors
    /// As [`Config::load`]: what can't be used is not printed as if it could.
    pub fn describe() -> anyhow::Result<String> {
        let values = Self::values()?;
        Self::from_values(&values)?;
        Ok(values.to_string())
    }

    /// From the given environment and the text of a file.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from(environment: &dyn Fn(&str) -> Option<String>, file: Option<&str>) -> anyhow::Result<Self> {
        Self::from_values(&Values::read(SETTINGS, environment, file)?)
    }

    /// Refuses an address that passwords and sessions would reach in the clear.
    ///
    /// # Errors
    /// Names the two ways to https.
    pub fn check_listen(&self, addr: SocketAddr) -> anyhow::Result<()> {
        if addr.ip().is_loopback() {
            return Ok(());
        }
        let https = self.public.as_ref().is_some_and(|public| public.https);
        match (&self.tls, https) {
            (_, true) => Ok(()),
            (None, false) => bail!(
                "refusing to listen on {addr} without https. Either put a reverse proxy in front and set \
                 SWITCHBOARD_URL=https://your.host, or set SWITCHBOARD_TLS_CERT and SWITCHBOARD_TLS_KEY"
            ),
            (Some(_), false) => bail!(
                "set SWITCHBOARD_URL to the https:// address that people will type: requests for any other host \
                 are refused"
            ),
        }
    }

    /// Notes where this process serves, so that `login-link` in another one knows where links lead.
    pub fn serves_at(&self, addr: SocketAddr) {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{addr}");
        if let Err(error) =
            std::fs::create_dir_all(&self.data).and_then(|()| std::fs::write(self.address_file(), &origin))
        {
            tracing::warn!(%error, "the address could not be noted; links lead to the default one");
        }
    }

    /// The origin that links lead to: the public one, else where `serve` on this data folder last listened.
    pub fn origin(&self) -> String {
        let noted =
            || std::fs::read_to_string(self.address_file()).ok().filter(|noted| noted.starts_with("http"));
        let public = self.public.as_ref().map(ToString::to_string);
        public.or_else(noted).unwrap_or_else(|| "http://127.0.0.1:3000".to_owned())
    }

    fn address_file(&self) -> PathBuf {
        self.data.join("address")
    }

    /// Whether cookies and links belong to https.
    pub fn https(&self) -> bool {
        self.tls.is_some() || self.public.as_ref().is_some_and(|public| public.https)
    }

    pub(crate) fn sockets_per_person(&self) -> usize {
        usize::try_from(self.sockets.get()).unwrap_or(usize::MAX)
    }

    fn values() -> anyhow::Result<Values> {
        #[expect(clippy::disallowed_methods, reason = "this is the place")]
        let environment = |name: &str| std::env::var(name).ok();
        let file = match environment("SWITCHBOARD_CONFIG").filter(|path| !path.is_empty()) {
            Some(path) => {
                let text = std::fs::read_to_string(&path);
                Some(text.with_context(|| format!("the file {path} that SWITCHBOARD_CONFIG names"))?)
            }
            None => None,
        };
        Values::read(SETTINGS, &environment, file.as_deref())
    }

    fn from_values(values: &Values) -> anyhow::Result<Self> {
        let tls = match (values.path("SWITCHBOARD_TLS_CERT"), values.path("SWITCHBOARD_TLS_KEY")) {
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            (None, None) => None,
            _ => bail!("SWITCHBOARD_TLS_CERT and SWITCHBOARD_TLS_KEY belong together: set both or neither"),
        };
        Ok(Self {
            data: data(values)?,
            database: Database {
                url: values.secret("DATABASE_URL"),
                owner_url: values.secret("DATABASE_OWNER_URL"),
                bin_dir: values.path("PG_BIN_DIR"),
            },
            public: values.origin("SWITCHBOARD_URL")?,
            proxies: proxies(values)?,
            repository_roots: values.paths("SWITCHBOARD_REPOSITORY_ROOTS"),
            allow_networks: values.networks("SWITCHBOARD_ALLOW_NETWORKS")?,
            custom_agent: values.path("SWITCHBOARD_CUSTOM_AGENT"),
            rate: Rate {
                per_minute: values.number("SWITCHBOARD_RATE_PER_MINUTE", 1_000_000)?,
                burst: values.number("SWITCHBOARD_RATE_BURST", 1_000_000)?,
                sign_ins: values.number("SWITCHBOARD_SIGN_INS_PER_MINUTE", 1_000_000)?,
            },
            sockets: values.number("SWITCHBOARD_SOCKETS", 100_000)?,
            tls,
            master_keys: master_keys(values)?,
            log: values.log_filter("LOG")?,
            log_format: values.log_format("LOG_FORMAT")?,
            slots: values.number("SWITCHBOARD_SLOTS", 256)?,
            memory_reserve: values.number("SWITCHBOARD_MEMORY_RESERVE", 1024 * 1024)?,
            live_reload: values.text("LEPTOS_WATCH").is_some(),
        })
    }
}

/// Whether `LEPTOS_SITE_ROOT` says where the site lies; Leptos itself reads its value.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn names_site_root() -> bool {
    std::env::var_os("LEPTOS_SITE_ROOT").is_some()
}

/// Those that are named. Where none is and there is a public origin, a reverse proxy on this very machine.
fn proxies(values: &Values) -> anyhow::Result<Vec<IpNet>> {
    const NAME: &str = "SWITCHBOARD_TRUSTED_PROXIES";
    let behind_one =
        values.text("SWITCHBOARD_URL").is_some() && values.text("SWITCHBOARD_TLS_CERT").is_none();
    if values.text(NAME).is_none() && behind_one {
        return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST).into(), IpAddr::V6(Ipv6Addr::LOCALHOST).into()]);
    }
    values.networks(NAME)
}

fn master_keys(values: &Values) -> anyhow::Result<MasterKeySource> {
    let text = values.secret("SWITCHBOARD_MASTER_KEYS").map(MasterKeySource::Text);
    let file = values.path("SWITCHBOARD_MASTER_KEYS_FILE").map(MasterKeySource::File);
    let command = values.text("SWITCHBOARD_MASTER_KEYS_COMMAND");
    let command = command.map(|command| MasterKeySource::Command(command.to_owned()));
    let mut given = [text, file, command].into_iter().flatten();
    match (given.next(), given.next()) {
        (None, _) => Ok(MasterKeySource::Own),
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => bail!(
            "SWITCHBOARD_MASTER_KEYS, SWITCHBOARD_MASTER_KEYS_FILE and SWITCHBOARD_MASTER_KEYS_COMMAND say the \
             same in three ways: set one of them"
        ),
    }
}

fn data(values: &Values) -> anyhow::Result<PathBuf> {
    if let Some(path) = values.path("SWITCHBOARD_DATA") {
        return std::path::absolute(&path).context("SWITCHBOARD_DATA");
    }
    let home =
        values.path("HOME").context("set SWITCHBOARD_DATA: there is no HOME to keep the data below")?;
    Ok(home.join(Path::new(".local/share/switchboard")))
}
