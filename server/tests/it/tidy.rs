//! The architecture's invariants, each a test with a message that names the file and the remedy.
//!
//! Every check is a function over sources or manifests, so that each has a second test: a bad sample that it
//! must refuse. Start reading in `crates.rs`.

mod capabilities;
mod crates;
mod names;
mod places;
mod security;
mod settings;
mod sizes;
mod source;
mod words;

/// Fails with everything that is wrong at once.
#[track_caller]
fn all_well(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// A guard that refuses nothing guards nothing.
#[track_caller]
fn refused(problems: &[String], with: &str) {
    assert!(
        problems.iter().any(|problem| problem.contains(with)),
        "expected a refusal with {with:?}: {problems:?}"
    );
}
