//! Where the two sides of `app` part, what keeps server code out of a browser, and what the page may hold.

use std::collections::BTreeSet;
use std::fs;

use super::source::{Source, product, root, sources};
use super::{all_well, refused};

/// Parts of the kit that draw nothing, or nothing of their own.
const WITHOUT_STYLE: [&str; 4] = ["document", "keys", "notification", "time"];

/// Styles of plain elements, which need no part around them.
const WITHOUT_PART: [&str; 7] = ["badge", "card", "kbd", "layout", "progress", "table", "tooltip"];

fn sides(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in sources {
        let is_api = source.path == "app/src/api.rs" || source.path.starts_with("app/src/api/");
        // The feature's name stands in a string, so the text is read.
        let parts = |line: &str| line.contains("feature = \"ssr\"") && !line.trim_start().starts_with("//");
        for (index, _) in source.text.lines().enumerate().filter(|(_, line)| parts(line) && !is_api) {
            problems.push(format!(
                "{}:{}: only app/src/api knows which side it is on",
                source.path,
                index + 1
            ));
        }
    }
    problems
}

fn unguarded(sources: &[Source]) -> Vec<String> {
    let root_file = |source: &&Source| {
        let parts: Vec<&str> = source.path.split('/').collect();
        match parts.as_slice() {
            ["server", "src", "lib.rs"] => true,
            ["server", "crates", _, "src", file] => {
                let program =
                    ["crates/trials/", "crates/xtask/"].iter().any(|name| source.path.contains(name));
                *file == "lib.rs" || (*file == "main.rs" && program)
            }
            _ => false,
        }
    };
    let guard = "#[cfg(target_family = \"wasm\")]\ncompile_error!(\"server-only\");";
    let bare = sources.iter().filter(root_file).filter(|source| !source.text.contains(guard));
    bare.map(|source| {
        format!("{}: must begin with {guard:?}, so that it never gets into a browser", source.path)
    })
    .collect()
}

/// `style=` and `style:name=` write an attribute that the content security policy blocks.
fn styled(sources: &[Source]) -> Vec<String> {
    let writes = |line: &str| {
        let tokens = line.split([' ', '<', '\t']);
        let mut tokens = tokens.filter(|token| token.contains('='));
        tokens.any(|token| {
            token.starts_with("style=") || (token.starts_with("style:") && !token.starts_with("style::"))
        })
    };
    let app = sources.iter().filter(|source| source.path.starts_with("app/src/"));
    let places = app.flat_map(|source| source.places(writes));
    places.map(|place| format!("{place}: no style attribute: a class, or an attribute of SVG")).collect()
}

fn unpaired(parts: &BTreeSet<String>, styles: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    for part in parts.difference(styles).filter(|part| !WITHOUT_STYLE.contains(&part.as_str())) {
        problems.push(format!("app/src/ui/{part}.rs: has no style/ui/{part}.css; a part that draws nothing is named in places.rs"));
    }
    for style in styles.difference(parts).filter(|style| !WITHOUT_PART.contains(&style.as_str())) {
        problems.push(format!("style/ui/{style}.css: has no app/src/ui/{style}.rs; a style of plain elements is named in places.rs"));
    }
    let stale = WITHOUT_STYLE.iter().filter(|name| styles.contains(**name) || !parts.contains(**name));
    let stale =
        stale.chain(WITHOUT_PART.iter().filter(|name| parts.contains(**name) || !styles.contains(**name)));
    problems.extend(stale.map(|name| format!("places.rs: {name} is no exception any more: take it out")));
    problems
}

fn stems(folder: &str, extension: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|found| found == extension));
    files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

fn unimported(main: &str, files: &[String]) -> Vec<String> {
    let missing = files.iter().filter(|file| !main.contains(&format!("@import \"{file}\"")));
    missing.map(|file| format!("style/{file}: style/main.css does not import it")).collect()
}

#[test]
fn only_the_api_knows_its_side() {
    all_well(&sides(&sources("app")));
    let bad = Source::new("app/src/ui/button.rs", "#[cfg(feature = \"ssr\")]\nfn a() {}");
    refused(&sides(&[bad]), "app/src/ui/button.rs:1");
}

#[test]
fn every_server_crate_guards_itself() {
    all_well(&unguarded(&sources("server")));
    refused(
        &unguarded(&[Source::new("server/crates/jobs/src/lib.rs", "//! Jobs.")]),
        "server/crates/jobs/src/lib.rs",
    );
}

#[test]
fn no_page_writes_a_style_attribute() {
    all_well(&styled(&product()));
    for text in ["<div style=width>", "<div\n  style:width=move || 1>"] {
        refused(&styled(&[Source::new("app/src/ui/bar.rs", text)]), "app/src/ui/bar.rs");
    }
    all_well(&styled(&[Source::new(
        "app/src/ui/bar.rs",
        "Bar { style: Style::new(a == b) }; let style = style::a();",
    )]));
}

#[test]
fn every_part_of_the_kit_has_its_style() {
    all_well(&unpaired(&stems("app/src/ui", "rs"), &stems("style/ui", "css")));
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    refused(&unpaired(&set(&["dial"]), &set(&[])), "app/src/ui/dial.rs");
    refused(&unpaired(&set(&[]), &set(&["dial"])), "style/ui/dial.css");
}

#[test]
fn every_style_is_imported() {
    let main = super::source::read("style/main.css");
    let files = ["ui", "features"].into_iter().flat_map(|folder| {
        stems(&format!("style/{folder}"), "css").into_iter().map(move |name| format!("{folder}/{name}.css"))
    });
    all_well(&unimported(&main, &files.collect::<Vec<_>>()));
    refused(&unimported("", &["ui/dial.css".to_owned()]), "style/ui/dial.css");
}
