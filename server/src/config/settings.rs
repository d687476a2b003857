//! Every setting by its name in the environment. In the file it has the same name in lower case, without
//! `switchboard_`.

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) default: Option<&'static str>,
    pub(super) kind: Kind,
}

/// How it is shown, and whether a file may set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Secret,
    /// Of the process's surroundings: read, but neither printed nor taken from a file.
    Ambient,
}

const fn plain(name: &'static str) -> Setting {
    Setting { name, default: None, kind: Kind::Plain }
}

const fn with_default(name: &'static str, default: &'static str) -> Setting {
    Setting { name, default: Some(default), kind: Kind::Plain }
}

const fn secret(name: &'static str) -> Setting {
    Setting { name, default: None, kind: Kind::Secret }
}

const fn ambient(name: &'static str) -> Setting {
    Setting { name, default: None, kind: Kind::Ambient }
}

pub(super) const SETTINGS: &[Setting] = &[
    secret("DATABASE_URL"),
    secret("DATABASE_OWNER_URL"),
    plain("PG_BIN_DIR"),
    plain("SWITCHBOARD_DATA"),
    plain("SWITCHBOARD_URL"),
    plain("SWITCHBOARD_REPOSITORY_ROOTS"),
    plain("SWITCHBOARD_ALLOW_NETWORKS"),
    plain("SWITCHBOARD_CUSTOM_AGENT"),
    with_default("SWITCHBOARD_RATE_PER_MINUTE", "600"),
    with_default("SWITCHBOARD_RATE_BURST", "1200"),
    with_default("SWITCHBOARD_SIGN_INS_PER_MINUTE", "10"),
    plain("SWITCHBOARD_TRUSTED_PROXIES"),
    with_default("SWITCHBOARD_SOCKETS", "50"),
    with_default("SWITCHBOARD_SLOTS", "2"),
    with_default("SWITCHBOARD_MEMORY_RESERVE", "512"),
    secret("SWITCHBOARD_MASTER_KEYS"),
    plain("SWITCHBOARD_MASTER_KEYS_FILE"),
    plain("SWITCHBOARD_MASTER_KEYS_COMMAND"),
    plain("SWITCHBOARD_TLS_CERT"),
    plain("SWITCHBOARD_TLS_KEY"),
    with_default("LOG", "info,sqlx=warn,graphile_worker=error,graphile_worker_migrations=warn"),
    with_default("LOG_FORMAT", "pretty"),
    ambient("HOME"),
    ambient("LEPTOS_WATCH"),
];

impl Setting {
    /// Its key in the TOML file.
    pub(super) fn key(self) -> String {
        let name = self.name.to_ascii_lowercase();
        name.strip_prefix("switchboard_").map_or(name.clone(), str::to_owned)
    }
}
