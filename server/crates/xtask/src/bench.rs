//! Figures against their targets, one row each in the table below.

mod browser;
mod log;
mod machine;
pub(crate) mod size;
mod start;
mod web;

use anyhow::bail;

use crate::bundle::{self, Bundle};
use crate::console::{say, step};
use crate::process;
use crate::trials;
use crate::workspace::{Build, Workspace};

/// A bench: its name, what it tells, and how it is measured.
struct Bench {
    name: &'static str,
    about: &'static str,
    measure: Measure,
}

/// Who measures it.
enum Measure {
    /// We, with this build of the product.
    Here(Build, fn(&Workspace, &Bundle) -> anyhow::Result<Vec<Figure>>),
    /// The crate `trials`, which loads the product from outside. It judges and prints by itself.
    UnderLoad,
    /// A crate of the product, by a bench of its own with the same name. It judges and prints by itself.
    Inside(&'static str),
}

const fn bench(name: &'static str, about: &'static str, measure: Measure) -> Bench {
    Bench { name, about, measure }
}

const BENCHES: [Bench; 9] = [
    // The site is the same in a release and in a test build.
    bench("size", "bytes of the board's first load, with brotli", Measure::Here(Build::Test, size::measure)),
    bench("start", "from starting `serve` to its being ready", Measure::Here(Build::Release, start::measure)),
    bench("log", "a log of a million lines in a real browser", Measure::Here(Build::Release, log::measure)),
    bench(
        "web",
        "the board on a phone, by Lighthouse and by use",
        Measure::Here(Build::Release, web::measure),
    ),
    bench("feed", "from a write to the frame that tells of it, at 1,000 sockets", Measure::UnderLoad),
    bench("ssr", "pages per second, beside a bare handler", Measure::UnderLoad),
    bench("task", "from creating a task to its first line of output", Measure::UnderLoad),
    bench(
        "jobs",
        "jobs that do nothing per second, and how soon an idle worker takes one",
        Measure::Inside("jobs"),
    ),
    bench(
        "rls",
        "what the walls cost, at a million rows of a thousand workspaces",
        Measure::Inside("tenancy"),
    ),
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
        let shown = format!("at most {shown}");
        if value <= most { Self::Met { target: shown } } else { Self::Missed { target: shown } }
    }

    /// Judges a number by the least it must be.
    pub(crate) fn at_least<T: PartialOrd>(value: &T, least: &T, shown: String) -> Self {
        let shown = format!("at least {shown}");
        if value >= least { Self::Met { target: shown } } else { Self::Missed { target: shown } }
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
        met &= measure(workspace, bench)?;
    }
    Ok(met)
}

fn measure(workspace: &Workspace, bench: &Bench) -> anyhow::Result<bool> {
    let name = format!("bench {}: {}", bench.name, bench.about);
    match bench.measure {
        Measure::Here(build, measure) => {
            let bundle = bundle::build(workspace, build)?;
            Ok(tell(&step(&name, || measure(workspace, &bundle))?))
        }
        Measure::UnderLoad => {
            let bundle = bundle::build(workspace, Build::Release)?;
            step(&name, || trials::bench(workspace, &bundle, bench.name))
        }
        Measure::Inside(owner) => step(&name, || {
            let arguments = ["bench", "--quiet", "--package", owner, "--bench", bench.name];
            // What went wrong it has said itself.
            Ok(process::run(&mut workspace.cargo(&arguments)).is_ok())
        }),
    }
}

fn tell(figures: &[Figure]) -> bool {
    for figure in figures {
        say(&row(figure));
    }
    !figures.iter().any(|figure| matches!(figure.verdict, Verdict::Missed { .. }))
}

fn row(figure: &Figure) -> String {
    let verdict = match &figure.verdict {
        Verdict::Met { target } => format!("met ({target})"),
        Verdict::Missed { target } => format!("MISSED ({target})"),
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
        let met = Verdict::Met { target: "at least 350".to_owned() };
        assert_eq!(Verdict::at_least(&350, &350, "350".to_owned()), met);
    }
}
