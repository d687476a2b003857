//! Where the built site lies.

use std::path::PathBuf;

use anyhow::Context as _;
use leptos::config::{LeptosOptions, get_config_from_str};

/// The embedded options. `site/` and `hash.txt` lie beside the binary, where xtask puts them;
/// `LEPTOS_SITE_ROOT` (set by cargo-leptos, or by an operator) wins. Without a `hash.txt` there is no
/// built site (a test renders pages, say), and Leptos would panic looking for it.
///
/// # Errors
/// When the embedded options or a `LEPTOS_` variable can't be read.
pub(crate) fn options() -> anyhow::Result<LeptosOptions> {
    let mut options = get_config_from_str(include_str!("../../Leptos.toml")).context("the site options")?;
    if !crate::config::names_site_root()
        && let Some(site) = beside_binary("site")
    {
        options.site_root = site.to_string_lossy().as_ref().into();
    }
    options.hash_files &= beside_binary(&options.hash_file).is_some();
    Ok(options)
}

fn beside_binary(name: &str) -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.parent()?.join(name);
    path.exists().then_some(path)
}
