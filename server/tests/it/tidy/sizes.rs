//! Files that can be read in one go.

use super::source::{Source, sources};
use super::{all_well, refused};

const MOST_LINES: usize = 500;
const MANY_LINES: usize = 300;

/// Lines without the file's own tests.
fn lines(source: &Source) -> usize {
    source.lines().count()
}

fn too_long(sources: &[Source], most: usize) -> Vec<String> {
    let long = sources.iter().filter(|source| !source.is_test() && lines(source) > most);
    long.map(|source| {
        let count = lines(source);
        format!("{}: {count} lines without tests, more than {most}: cut it along its parts into a folder of its name", source.path)
    })
    .collect()
}

fn named_mod(sources: &[Source]) -> Vec<String> {
    let found = sources.iter().filter(|source| source.path.ends_with("/mod.rs"));
    found.map(|source| format!("{}: name the module's file as the folder beside it", source.path)).collect()
}

fn everything() -> Vec<Source> {
    ["app", "frontend", "server"].into_iter().flat_map(sources).collect()
}

#[test]
fn files_can_be_read_in_one_go() {
    let sources = everything();
    for warning in too_long(&sources, MANY_LINES) {
        println!("{warning}");
    }
    all_well(&too_long(&sources, MOST_LINES));
}

#[test]
fn a_long_file_is_refused_and_its_tests_are_not_counted() {
    let long = Source::new("a/src/long.rs", &"fn a() {}\n".repeat(MOST_LINES + 1));
    refused(&too_long(&[long], MOST_LINES), "a/src/long.rs: 501 lines");
    let tested = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(MOST_LINES));
    all_well(&too_long(&[Source::new("a/src/tested.rs", &tested)], MOST_LINES));
}

#[test]
fn no_module_is_named_mod() {
    all_well(&named_mod(&everything()));
    refused(&named_mod(&[Source::new("a/src/b/mod.rs", "")]), "a/src/b/mod.rs");
}
