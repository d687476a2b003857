//! What a browser loads first, and what each page adds, in bytes of brotli, against their budgets.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::{Figure, Verdict};
use crate::bundle::Bundle;
use crate::console::{kilobytes, say};
use crate::site::compress::twin;
use crate::site::hash::files;
use crate::site::pack::PACK;
use crate::workspace::Workspace;

/// The budget of the main wasm and its script, which every page loads first.
const BUDGET: u64 = 350_000;
/// The budget of one page's own chunk.
const PAGE_BUDGET: u64 = 120_000;
/// A part of the name of the lazy function that shows the board.
const BOARD: &str = "board";

/// The figures of the site in the bundle.
pub(crate) fn measure(workspace: &Workspace, bundle: &Bundle) -> anyhow::Result<Vec<Figure>> {
    let site = Site::read(&bundle.pkg(workspace)?)?;
    let first = site.first_load();
    let (main, total) = (site.bytes(&site.main()), site.bytes(&first));
    let mut figures: Vec<Figure> =
        site.sizes.iter().map(|(name, bytes)| plain(name, *bytes, first.contains(name))).collect();
    figures.push(Figure {
        what: "main wasm and script".to_owned(),
        value: kilobytes(main),
        verdict: Verdict::at_most(&main, &BUDGET, kilobytes(BUDGET)),
    });
    figures.push(Figure {
        what: "the board's first load: these and its chunks".to_owned(),
        value: kilobytes(total),
        verdict: Verdict::NoTarget,
    });
    Ok(figures)
}

/// Fails when the budget is overspent.
pub(crate) fn within_budget(workspace: &Workspace, bundle: &Bundle) -> anyhow::Result<()> {
    let site = Site::read(&bundle.pkg(workspace)?)?;
    let (main, budget) = (site.bytes(&site.main()), kilobytes(BUDGET));
    if main > BUDGET {
        let main = kilobytes(main);
        bail!(
            "main wasm and script are {main} of brotli, more than {budget}: `./dev bench size` shows what is large"
        );
    }
    for (name, bytes) in site.sizes.iter().filter(|(name, _)| is_chunk(name)) {
        if *bytes > PAGE_BUDGET {
            let (bytes, budget) = (kilobytes(*bytes), kilobytes(PAGE_BUDGET));
            bail!("the chunk {name} is {bytes} of brotli, more than {budget}");
        }
    }
    say(&format!("    main wasm and script are {} of at most {budget}", kilobytes(main)));
    Ok(())
}

fn plain(name: &str, bytes: u64, first: bool) -> Figure {
    let mark = if first { "board" } else { "later" };
    let verdict = if is_chunk(name) {
        Verdict::at_most(&bytes, &PAGE_BUDGET, kilobytes(PAGE_BUDGET))
    } else {
        Verdict::NoTarget
    };
    Figure { what: format!("{name} ({mark})"), value: kilobytes(bytes), verdict }
}

/// The script and wasm of a site, by name without the hash.
struct Site {
    sizes: BTreeMap<String, u64>,
    manifest: BTreeMap<String, Vec<String>>,
}

impl Site {
    fn read(pkg: &Path) -> anyhow::Result<Self> {
        let mut sizes = BTreeMap::new();
        let mut manifest = None;
        for file in files(pkg)? {
            let name =
                file.file_name().and_then(|name| name.to_str()).context("a file's name is not UTF-8")?;
            if name.ends_with(".json") {
                manifest = Some(serde_json::from_slice(&fs::read(&file)?)?);
            } else if name.ends_with(".wasm") || name.ends_with(".js") {
                let packed = twin(&file, "br");
                // What is too small to have a twin is sent as it is.
                let sent = if packed.exists() { &packed } else { &file };
                sizes.insert(without_hash(name), fs::metadata(sent)?.len());
            }
        }
        Ok(Self { sizes, manifest: manifest.context("the site has no manifest of lazy chunks")? })
    }

    /// What every page loads before anything of its own.
    fn main(&self) -> BTreeSet<String> {
        self.sizes.keys().filter(|name| !is_chunk(name)).cloned().collect()
    }

    /// The names of what the board needs. While no lazy function is the board's, everything counts.
    fn first_load(&self) -> BTreeSet<String> {
        let boards: Vec<&Vec<String>> =
            self.manifest.iter().filter(|(lazy, _)| lazy.contains(BOARD)).map(|(_, chunks)| chunks).collect();
        let chunks: BTreeSet<String> = if boards.is_empty() {
            self.manifest.values().flatten().map(|chunk| without_hash(&format!("{chunk}.wasm"))).collect()
        } else {
            boards.into_iter().flatten().map(|chunk| without_hash(&format!("{chunk}.wasm"))).collect()
        };
        let is_first = |name: &&String| !is_chunk(name) || chunks.contains(*name);
        self.sizes.keys().filter(is_first).cloned().collect()
    }

    fn bytes(&self, names: &BTreeSet<String>) -> u64 {
        names.iter().filter_map(|name| self.sizes.get(name)).sum()
    }
}

fn is_chunk(name: &str) -> bool {
    name.starts_with("split_") || name.starts_with("chunk_") || name == format!("{PACK}.wasm")
}

/// `a.HASH.wasm` -> `a.wasm`.
fn without_hash(name: &str) -> String {
    let parts: Vec<&str> = name.rsplitn(3, '.').collect();
    match parts.as_slice() {
        [extension, _hash, stem] => format!("{stem}.{extension}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(lazies: &[(&str, &[&str])]) -> Site {
        let sizes = [
            ("app.js", 10),
            ("app.wasm", 100),
            ("split_board.wasm", 20),
            ("split_room.wasm", 40),
            ("chunk_1.wasm", 5),
        ];
        Site {
            sizes: sizes.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect(),
            manifest: lazies
                .iter()
                .map(|(name, chunks)| {
                    ((*name).to_owned(), chunks.iter().map(|chunk| format!("{chunk}.HASH")).collect())
                })
                .collect(),
        }
    }

    #[test]
    fn the_board_counts_its_chunks_and_no_others() {
        let site = site(&[
            ("board_page_view_1", &["chunk_1", "split_board"]),
            ("room_page_view_2", &["split_room"]),
        ]);
        assert_eq!(site.bytes(&site.first_load()), 10 + 100 + 5 + 20);
    }

    #[test]
    fn main_is_what_is_no_chunk() {
        assert_eq!(site(&[]).bytes(&site(&[]).main()), 110);
    }

    #[test]
    fn without_a_board_everything_counts() {
        let site = site(&[("room_page_view_2", &["chunk_1", "split_board", "split_room"])]);
        assert_eq!(site.bytes(&site.first_load()), 175);
    }

    #[test]
    fn hashes_are_left_out() {
        assert_eq!(without_hash("__wasm_split.abc.js"), "__wasm_split.js");
        assert_eq!(without_hash("inline0.js"), "inline0.js");
    }
}
