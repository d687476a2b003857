//! The table of security properties names tests that exist.

use std::collections::BTreeSet;

use super::source::{read, sources};
use super::{all_well, refused};

const TABLE: &str = "server/docs/security.md";
/// How many properties there are.
const PROPERTIES: usize = 65;

/// The names of all test functions of the server and the vocabulary.
fn tests() -> BTreeSet<String> {
    let sources = ["server", "app/domain"].into_iter().flat_map(sources);
    let mut names = BTreeSet::new();
    for source in sources {
        let mut lines = source.text.lines();
        while let Some(line) = lines.next() {
            if line.trim_start().starts_with("#[test]") || line.trim_start().starts_with("#[tokio::test") {
                let function = lines.find(|line| line.contains("fn ")).unwrap_or_default();
                let name =
                    function.split("fn ").nth(1).unwrap_or_default().split('(').next().unwrap_or_default();
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn problems(table: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| SEC-"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for row in &rows {
        let [number, _, state, by] = row.as_slice() else {
            problems.push(format!("{TABLE}: {row:?} has not four cells"));
            continue;
        };
        let named: Vec<&str> = by.split('`').skip(1).step_by(2).collect();
        let absent = named.iter().filter(|name| !tests.contains(**name));
        problems.extend(absent.map(|name| format!("{TABLE}: {number} names {name}, which is no test")));
        if *state == "tested" && named.is_empty() {
            problems.push(format!("{TABLE}: {number} says tested and names no test"));
        }
        if !["tested", "partly", "not yet", "not applicable yet"].contains(state) {
            problems.push(format!("{TABLE}: {number} has the unknown state {state}"));
        }
    }
    problems
}

#[test]
fn every_property_is_accounted_for_by_tests_that_exist() {
    let table = read(TABLE);
    all_well(&problems(&table, &tests()));
    let rows: Vec<String> = (1..=PROPERTIES).map(|number| format!("| SEC-{number:02} |")).collect();
    all_well(&rows.iter().filter(|row| !table.contains(row.as_str())).cloned().collect::<Vec<_>>());
}

#[test]
fn a_claim_without_a_test_is_refused() {
    let tests = BTreeSet::from(["a_real_one".to_owned()]);
    refused(&problems("| SEC-01 | p | tested | `made_up` |", &tests), "made_up");
    refused(&problems("| SEC-01 | p | tested | it is fine |", &tests), "names no test");
    refused(&problems("| SEC-01 | p | surely | `a_real_one` |", &tests), "unknown state");
    all_well(&problems("| SEC-01 | p | tested | `a_real_one` |", &tests));
}
