//! The site's options, from the one place where the server has them too.

use anyhow::Context as _;

use crate::workspace::Workspace;

/// What xtask needs of `Leptos.toml`.
#[derive(Debug)]
pub(crate) struct SiteOptions {
    /// The first part of the files' names.
    pub(crate) name: String,
    /// The folder of the built files inside the site.
    pub(crate) pkg: String,
    /// The stylesheet that imports the others.
    pub(crate) style: String,
    /// The folder whose files are served as they are.
    pub(crate) assets: String,
    /// The port on which pages wait for a reload.
    pub(crate) reload_port: u16,
}

impl SiteOptions {
    /// Reads `Leptos.toml`.
    pub(crate) fn read(workspace: &Workspace) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(workspace.path("Leptos.toml")).context("Leptos.toml")?;
        Self::parse(&text).context("Leptos.toml")
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let table: toml::Table = text.parse()?;
        let section = ["workspace", "metadata", "leptos"]
            .iter()
            .try_fold(&toml::Value::Table(table), |value, key| value.get(key))
            .and_then(|sections| sections.get(0))
            .cloned()
            .context("there is no [[workspace.metadata.leptos]]")?;
        let text = |key: &str| {
            let value = section.get(key).and_then(toml::Value::as_str);
            value.map(ToOwned::to_owned).with_context(|| format!("{key} is missing"))
        };
        let port = section.get("reload-port").and_then(toml::Value::as_integer);
        Ok(Self {
            name: text("output-name")?,
            pkg: text("site-pkg-dir")?,
            style: text("style-file")?,
            assets: text("assets-dir")?,
            reload_port: port.and_then(|port| u16::try_from(port).ok()).context("reload-port is missing")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_option_is_named() {
        let error = SiteOptions::parse("[[workspace.metadata.leptos]]\noutput-name = \"x\"").unwrap_err();
        assert_eq!(error.to_string(), "site-pkg-dir is missing");
    }
}
