//! Where the built site lies.

use std::path::PathBuf;

use anyhow::Context as _;
use leptos::config::{LeptosOptions, get_config_from_str};

/// The embedded options. The site lies beside the binary where xtask has put it there, as it does for
/// every profile; `LEPTOS_SITE_ROOT` (set by cargo-leptos, or by an operator) wins.
///
/// # Errors
/// When the embedded options or a `LEPTOS_` variable can't be read.
pub(crate) fn options() -> anyhow::Result<LeptosOptions> {
    let mut options =
        get_config_from_str(include_str!("../../Leptos.toml")).context("the site options")?;
    if std::env::var_os("LEPTOS_SITE_ROOT").is_none()
        && let Some(beside) = site_beside_binary()
    {
        options.site_root = beside.to_string_lossy().as_ref().into();
    }
    Ok(options)
}

fn site_beside_binary() -> Option<PathBuf> {
    let site = std::env::current_exe().ok()?.parent()?.join("site");
    site.is_dir().then_some(site)
}
