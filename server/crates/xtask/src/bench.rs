//! Figures against their targets, one row each in the table below.

mod machine;
pub(crate) mod size;
mod start;

use anyhow::bail;

use crate::bundle::{self, Bundle};
use crate::console::{say, step};
use crate::trials;
use crate::workspace::{Build, Workspace};

/// A bench: its name, what it tells, and how it is measured.
struct Bench {
    name: &'static str,
    about: &'static str,
    /// What is measured: the site is the same in a release and in a test build.
    build: Build,
    measure: Measure,
}

/// Who measures it.
enum Measure {
    Here(fn(&Workspace, &Bundle) -> anyhow::Result<Vec<Figure>>),
    /// Under load, which the crate `trials` makes. It judges and prints by itself.
    UnderLoad,
}

const BENCHES: [Bench; 5] = [
    Bench {
        name: "size",
        about: "bytes of the board's first load, with brotli",
        build: Build::Test,
        measure: Measure::Here(size::measure),
    },
    Bench {
        name: "start",
        about: "from starting `serve` to its being ready",
        build: Build::Release,
        measure: Measure::Here(start::measure),
    },
    Bench {
        name: "feed",
        about: "from a write to the frame that tells of it, at 1,000 sockets",
        build: Build::Release,
        measure: Measure::UnderLoad,
    },
    Bench {
        name: "ssr",
        about: "pages per second, beside a bare handler",
        build: Build::Release,
        measure: Measure::UnderLoad,
    },
    Bench {
        name: "task",
        about: "from creating a task to its first line of output",
        build: Build::Release,
        measure: Measure::UnderLoad,
    },
];

/// One measured number.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) value: String,
    pub(crate) verdict: Verdict,
}

/// Whether a number is what it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met { target: String },
    Missed { target: String },
    NoTarget,
}

impl Verdict {
    /// Judges a number by the most it may be.
    pub(crate) fn at_most<T: PartialOrd>(value: &T, most: &T, shown: String) -> Self {
        if value <= most { Self::Met { target: shown } } else { Self::Missed { target: shown } }
    }
}

/// Measures one figure or all; false when a target was missed.
pub(crate) fn run(workspace: &Workspace, name: Option<&str>) -> anyhow::Result<bool> {
    let chosen: Vec<&Bench> =
        BENCHES.iter().filter(|bench| name.is_none_or(|name| bench.name == name)).collect();
    if chosen.is_empty() {
        let known: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
        bail!("there is no bench of that name; there are: {}", known.join(", "));
    }
    say(&format!("On {}", machine::shape()));
    let mut met = true;
    for bench in chosen {
        let bundle = bundle::build(workspace, bench.build)?;
        let name = format!("bench {}: {}", bench.name, bench.about);
        met &= match bench.measure {
            Measure::UnderLoad => step(&name, || trials::bench(workspace, &bundle, bench.name))?,
            Measure::Here(measure) => tell(&step(&name, || measure(workspace, &bundle))?),
        };
    }
    Ok(met)
}

fn tell(figures: &[Figure]) -> bool {
    for figure in figures {
        say(&row(figure));
    }
    !figures.iter().any(|figure| matches!(figure.verdict, Verdict::Missed { .. }))
}

fn row(figure: &Figure) -> String {
    let verdict = match &figure.verdict {
        Verdict::Met { target } => format!("met (at most {target})"),
        Verdict::Missed { target } => format!("MISSED (at most {target})"),
        Verdict::NoTarget => String::new(),
    };
    format!("    {:<58} {:>12}  {verdict}", figure.what, figure.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_says_so() {
        let verdict = Verdict::at_most(&351, &350, "350".to_owned());
        let figure = Figure { what: "x".to_owned(), value: "351".to_owned(), verdict };
        assert!(row(&figure).contains("MISSED (at most 350)"));
        assert_eq!(Verdict::at_most(&350, &350, "350".to_owned()), Verdict::Met { target: "350".to_owned() });
    }
}
