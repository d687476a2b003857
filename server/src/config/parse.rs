//! Texts become values here, each refusal in one sentence that names the setting.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use axum::http::Uri;
use ipnet::IpNet;
use tracing_subscriber::EnvFilter;

use super::settings::{Kind, Setting};
use super::{LogFormat, Origin, Secret};

/// Where a value comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Environment,
    File,
    Default,
}

/// The text of every setting that is set.
#[derive(Debug)]
pub(super) struct Values {
    settings: &'static [Setting],
    texts: BTreeMap<&'static str, (String, Source)>,
}

impl Values {
    /// An empty variable counts as not set, as `VARIABLE= command` means.
    pub(super) fn read(
        settings: &'static [Setting],
        environment: &dyn Fn(&str) -> Option<String>,
        file: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut from_file = file.map(|text| read_file(settings, text)).transpose()?.unwrap_or_default();
        let texts = settings
            .iter()
            .filter_map(|setting| {
                let environment = environment(setting.name).filter(|text| !text.is_empty());
                let found = environment
                    .map(|text| (text, Source::Environment))
                    .or_else(|| from_file.remove(setting.name).map(|text| (text, Source::File)))
                    .or_else(|| setting.default.map(|text| (text.to_owned(), Source::Default)))?;
                Some((setting.name, found))
            })
            .collect();
        Ok(Self { settings, texts })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|(text, _)| text.as_str())
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// Separated by `:`, as in PATH.
    pub(super) fn paths(&self, name: &str) -> Vec<PathBuf> {
        let text = self.text(name).unwrap_or_default();
        text.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect()
    }

    /// In CIDR notation, separated by commas; a single address is a network of one.
    pub(super) fn networks(&self, name: &str) -> anyhow::Result<Vec<IpNet>> {
        let texts = self.text(name).unwrap_or_default().split([',', ' ']).filter(|text| !text.is_empty());
        let read = |text: &str| text.parse().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
        texts
            .map(|text| {
                read(text).with_context(|| {
                    format!("{name} must be networks such as 10.0.0.0/8,fd00::/8, and holds {text:?}")
                })
            })
            .collect()
    }

    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }

    pub(super) fn number(&self, name: &str, most: u32) -> anyhow::Result<NonZeroU32> {
        let text = self.text(name).unwrap_or_default();
        let number: Option<NonZeroU32> = text.parse().ok();
        match number.filter(|number| number.get() <= most) {
            Some(number) => Ok(number),
            None => bail!("{name} must be a whole number from 1 to {most}, and is {text:?}"),
        }
    }

    pub(super) fn log_format(&self, name: &str) -> anyhow::Result<LogFormat> {
        match self.text(name) {
            Some("json") => Ok(LogFormat::Json),
            Some("pretty") => Ok(LogFormat::Pretty),
            other => bail!("{name} must be json or pretty, and is {:?}", other.unwrap_or_default()),
        }
    }

    pub(super) fn log_filter(&self, name: &str) -> anyhow::Result<String> {
        let text = self.text(name).unwrap_or_default();
        let filter = EnvFilter::try_new(text);
        filter.with_context(|| format!("{name} must be a filter such as `info` or `info,server=debug`"))?;
        Ok(text.to_owned())
    }

    pub(super) fn origin(&self, name: &str) -> anyhow::Result<Option<Origin>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong =
            || format!("{name} must be an origin such as https://switchboard.example, and is {text:?}");
        let uri: Uri = text.parse().with_context(wrong)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => bail!(wrong()),
        };
        let plain = uri.path() == "/" && uri.query().is_none();
        let authority = uri.authority().filter(|authority| plain && !authority.as_str().contains('@'));
        let Some(authority) = authority else { bail!(wrong()) };
        let own_port = if https { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(own_port).unwrap_or(&authority).to_owned();
        Ok(Some(Origin { https, authority }))
    }
}

impl fmt::Display for Values {
    /// As a TOML file that could be read again, but for the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for setting in self.settings.iter().filter(|setting| setting.kind != Kind::Ambient) {
            let key = setting.key();
            match self.texts.get(setting.name) {
                None => writeln!(f, "# {key} is not set ({})", setting.name)?,
                Some((text, source)) => {
                    let shown = if setting.kind == Kind::Secret { "***" } else { text };
                    let source = match source {
                        Source::Environment => "environment",
                        Source::File => "file",
                        Source::Default => "default",
                    };
                    writeln!(f, "{key} = {} # {source}", toml::Value::from(shown))?;
                }
            }
        }
        Ok(())
    }
}

fn read_file(settings: &[Setting], text: &str) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let table: toml::Table = text.parse().context("the configuration file is not TOML")?;
    let mut texts = BTreeMap::new();
    for (key, value) in table {
        let allowed = || settings.iter().filter(|setting| setting.kind != Kind::Ambient);
        let Some(setting) = allowed().find(|setting| setting.key() == key) else {
            let known: Vec<String> = allowed().map(|setting| setting.key()).collect();
            bail!("the configuration file has the unknown key {key:?}; known are {}", known.join(", "));
        };
        texts.insert(setting.name, plain_text(&key, value)?);
    }
    Ok(texts)
}

fn plain_text(key: &str, value: toml::Value) -> anyhow::Result<String> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<String>> =
                items.into_iter().map(|item| item.as_str().map(str::to_owned)).collect();
            let texts = texts.with_context(|| format!("{key} in the configuration file must hold texts"))?;
            Ok(texts.join(":"))
        }
        _ => bail!("{key} in the configuration file must be a text, a whole number or a list of texts"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::super::settings::SETTINGS;
    use super::*;

    fn config(environment: &[(&str, &str)], file: Option<&str>) -> anyhow::Result<Config> {
        Config::from(&|name| lookup(environment, name), file)
    }

    fn lookup(environment: &[(&str, &str)], name: &str) -> Option<String> {
        let home = ("HOME", "/home/someone");
        let mut all = environment.iter().chain(std::iter::once(&home));
        all.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
        let file = Some("slots = 7\nrate_burst = 9\nrepository_roots = [\"/a\", \"/b\"]");
        let config = config(&[("SWITCHBOARD_SLOTS", "3")], file).unwrap();
        assert_eq!((config.slots.get(), config.rate.burst.get(), config.rate.per_minute.get()), (3, 9, 600));
        assert_eq!(config.repository_roots, [PathBuf::from("/a"), PathBuf::from("/b")]);
        assert_eq!(config.data, PathBuf::from("/home/someone/.local/share/switchboard"));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        type Environment<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Environment<'_>, Option<&str>, &str); 10] = [
            (&[], Some("slot = 1"), "unknown key \"slot\""),
            (&[], Some("home = \"/\""), "unknown key \"home\""),
            (&[], Some("slots = "), "not TOML"),
            (&[], Some("slots = true"), "slots"),
            (&[("SWITCHBOARD_SLOTS", "0")], None, "SWITCHBOARD_SLOTS must be a whole number"),
            (&[("LOG_FORMAT", "xml")], None, "json or pretty"),
            (&[("LOG", "a=b=c")], None, "LOG must be a filter"),
            (&[("SWITCHBOARD_URL", "https://a.example/path")], None, "SWITCHBOARD_URL must be an origin"),
            (&[("SWITCHBOARD_TLS_CERT", "/c.pem")], None, "set both or neither"),
            (&[("SWITCHBOARD_TRUSTED_PROXIES", "10.0.0.0/33")], None, "SWITCHBOARD_TRUSTED_PROXIES must be"),
        ];
        for (environment, file, expected) in cases {
            let error = format!("{:#}", config(environment, file).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn origins_are_compared_in_one_form() {
        let config = config(&[("SWITCHBOARD_URL", "https://Board.Example:443/")], None).unwrap();
        assert_eq!(config.public.unwrap().to_string(), "https://board.example");
    }

    #[test]
    fn a_proxy_on_this_machine_is_believed_only_where_there_is_a_public_address() {
        let of = |environment: &[(&str, &str)]| config(environment, None).unwrap().proxies;
        let url = ("SWITCHBOARD_URL", "https://a.example");
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[url]), ["127.0.0.1/32".parse().unwrap(), "::1/128".parse().unwrap()]);
        let named = ("SWITCHBOARD_TRUSTED_PROXIES", "10.1.0.0/16, 192.0.2.7");
        assert_eq!(of(&[url, named]), ["10.1.0.0/16".parse().unwrap(), "192.0.2.7/32".parse().unwrap()]);
        assert_eq!(of(&[url, ("SWITCHBOARD_TLS_CERT", "/c"), ("SWITCHBOARD_TLS_KEY", "/k")]), []);
    }

    #[test]
    fn only_loopback_may_do_without_https() {
        let open = "0.0.0.0:3000".parse().unwrap();
        let plain = config(&[], None).unwrap();
        assert!(plain.check_listen("127.0.0.1:3000".parse().unwrap()).is_ok());
        let refused = plain.check_listen(open).unwrap_err().to_string();
        assert!(refused.contains("reverse proxy") && refused.contains("SWITCHBOARD_TLS_CERT"), "{refused}");
        assert!(
            config(&[("SWITCHBOARD_URL", "http://a.example")], None).unwrap().check_listen(open).is_err()
        );
        assert!(
            config(&[("SWITCHBOARD_URL", "https://a.example")], None).unwrap().check_listen(open).is_ok()
        );
    }

    #[test]
    fn the_printed_configuration_hides_secrets_and_names_sources() {
        let environment =
            |name: &str| (name == "DATABASE_URL").then(|| "postgres://u:hunter2@h/d".to_owned());
        let printed = Values::read(SETTINGS, &environment, Some("slots = 4")).unwrap().to_string();
        assert!(printed.contains("database_url = \"***\" # environment"), "{printed}");
        assert!(printed.contains("slots = \"4\" # file"), "{printed}");
        assert!(printed.contains("rate_burst = \"1200\" # default"), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        let config = config(&[("DATABASE_URL", "postgres://u:hunter2@h/d")], None).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
