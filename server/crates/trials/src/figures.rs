//! Figures under load, each beside what it must be.

mod feed;
mod spread;
mod ssr;
mod task;

use std::path::Path;

use anyhow::bail;

use crate::console::say;

/// One measured number.
#[derive(Debug)]
pub(crate) struct Figure {
    what: String,
    value: String,
    /// What it must be, and whether it is; `None` where there is no target.
    target: Option<(String, bool)>,
}

impl Figure {
    fn told(what: impl Into<String>, value: String) -> Self {
        Self { what: what.into(), value, target: None }
    }

    fn at_most(what: impl Into<String>, value: f64, most: f64, unit: &str) -> Self {
        let target = Some((format!("at most {most} {unit}"), value <= most));
        Self { what: what.into(), value: format!("{value:.1} {unit}"), target }
    }

    fn at_least(what: impl Into<String>, value: f64, least: f64, unit: &str) -> Self {
        let target = Some((format!("at least {least} {unit}"), value >= least));
        Self { what: what.into(), value: format!("{value:.2} {unit}"), target }
    }
}

/// Measures one; false when a target was missed.
pub(crate) async fn run(binary: &Path, name: &str) -> anyhow::Result<bool> {
    let figures = match name {
        "feed" => feed::measure(binary).await?,
        "task" => task::measure(binary).await?,
        "ssr" => ssr::measure(binary).await?,
        _ => bail!("there is no figure {name:?}; there are: feed, task, ssr"),
    };
    let mut met = true;
    for figure in figures {
        let verdict = match &figure.target {
            Some((target, true)) => format!("met ({target})"),
            Some((target, false)) => format!("MISSED ({target})"),
            None => String::new(),
        };
        met &= figure.target.is_none_or(|(_, met)| met);
        say(&format!("    {:<58} {:>14}  {verdict}", figure.what, figure.value));
    }
    Ok(met)
}
