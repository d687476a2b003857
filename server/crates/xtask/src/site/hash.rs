//! Names that change with the content, so that a browser may keep a file for ever.
//!
//! Script and wasm name each other (the loader names the chunks, the chunks import the loader), so all of
//! them share one hash over all of them: a page never mixes two builds. The style has a hash of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::HASH_FILE;
use super::wasm::MANIFEST;

/// The loader's name while the hash isn't known. Of the same length as the final one: it stands in binaries.
pub(crate) const LINK_NAME: &str = "__wasm_split.______________________.js";
const PLACEHOLDER: &str = "______________________";

/// The hash as it stands in a file's name: 22 letters.
pub(crate) fn of(bytes: &[u8]) -> String {
    short(Sha256::new_with_prefix(bytes))
}

fn short(digest: Sha256) -> String {
    let digest = digest.finalize();
    URL_SAFE_NO_PAD.encode(digest.get(..16).unwrap_or_default())
}

/// Puts the hash into the names of script and wasm, and into everything that names them.
pub(crate) fn name_code(pkg: &Path, name: &str) -> anyhow::Result<String> {
    let files = files(pkg)?;
    let mut digest = Sha256::new();
    for file in &files {
        digest.update(relative(file, pkg)?.as_bytes());
        digest.update(fs::read(file)?);
    }
    let hash = short(digest);
    let renames = renames(&files, pkg, name, &hash)?;
    for file in &files {
        let bytes = rewritten(file, &renames, &hash)?;
        let old = relative(file, pkg)?;
        let new = renames.iter().find(|rename| rename.old == old).map_or(old, |rename| rename.new.clone());
        let target = pkg.join(new);
        fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        fs::remove_file(file)?;
        fs::write(&target, bytes).with_context(|| target.display().to_string())?;
    }
    Ok(hash)
}

struct Rename {
    old: String,
    new: String,
}

fn renames(files: &[PathBuf], pkg: &Path, name: &str, hash: &str) -> anyhow::Result<Vec<Rename>> {
    let mut renames = Vec::new();
    for file in files {
        let old = relative(file, pkg)?;
        let new = if old.contains(PLACEHOLDER) {
            old.replace(PLACEHOLDER, hash)
        } else if let Some(inside) = old.strip_prefix("snippets/") {
            format!("snippets.{hash}/{inside}")
        } else if let Some((stem, extension)) = old.rsplit_once('.') {
            format!("{stem}.{hash}.{extension}")
        } else {
            bail!("{old} has no extension");
        };
        renames.push(Rename { old, new });
    }
    // What the bindings call the main wasm, where a page doesn't say it.
    renames.push(Rename { old: format!("{name}_bg.wasm"), new: format!("{name}.{hash}.wasm") });
    Ok(renames)
}

fn rewritten(file: &Path, renames: &[Rename], hash: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::read(file)?;
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    Ok(match extension {
        "wasm" => replace_bytes(bytes, PLACEHOLDER.as_bytes(), hash.as_bytes()),
        "js" => {
            let mut text = String::from_utf8(bytes)?;
            for rename in renames {
                // The quotes and the slash keep `a.wasm` from being found inside `ba.wasm`.
                for quote in ['"', '\''] {
                    for lead in ["", "./"] {
                        let old = format!("{quote}{lead}{}{quote}", rename.old);
                        text = text.replace(&old, &format!("{quote}{lead}{}{quote}", rename.new));
                    }
                }
            }
            text.into_bytes()
        }
        "json" if file.ends_with(MANIFEST) => manifest(&bytes, hash)?,
        _ => bytes,
    })
}

/// The manifest names chunks without their extension.
fn manifest(bytes: &[u8], hash: &str) -> anyhow::Result<Vec<u8>> {
    let mut map: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_slice(bytes)?;
    for chunk in map.values_mut().flatten() {
        *chunk = format!("{chunk}.{hash}");
    }
    Ok(serde_json::to_vec(&map)?)
}

fn replace_bytes(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    debug_assert_eq!(old.len(), new.len(), "a binary keeps its offsets");
    let mut position = 0;
    while let Some(window) = bytes.get_mut(position..position + old.len()) {
        if window == old {
            window.copy_from_slice(new);
            position += old.len();
        } else {
            position += 1;
        }
    }
    bytes
}

/// Writes `hash.txt`, in the form that Leptos reads.
pub(crate) fn write(folder: &Path, code: &str, css: &str) -> anyhow::Result<()> {
    let text = format!("js: {code}\nwasm: {code}\ncss: {css}\nmanifest: {code}\nsplit: {code}\n");
    replace(folder, &text)
}

/// Puts another style into `hash.txt`.
pub(crate) fn replace_style(folder: &Path, css: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(folder.join(HASH_FILE)).context(HASH_FILE)?;
    let lines = text
        .lines()
        .map(|line| if line.starts_with("css:") { format!("css: {css}\n") } else { format!("{line}\n") });
    replace(folder, &lines.collect::<String>())
}

/// In one step: a server may be reading it.
fn replace(folder: &Path, text: &str) -> anyhow::Result<()> {
    let new = folder.join(format!("{HASH_FILE}.new"));
    fs::write(&new, text).and_then(|()| fs::rename(&new, folder.join(HASH_FILE))).context(HASH_FILE)
}

/// Every file below a folder, sorted.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn relative(file: &Path, folder: &Path) -> anyhow::Result<String> {
    Ok(file.strip_prefix(folder)?.to_str().context("a file's name is not UTF-8")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pkg(chunk: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        write("board.js", b"import './snippets/a/inline0.js'; new URL('board_bg.wasm'); import \"./__wasm_split.______________________.js\"");
        write("board.wasm", b"\0./__wasm_split.______________________.js\0");
        write(LINK_NAME, b"import { initSync } from \"./board.js\"; new URL(\"./split_a.wasm\")");
        write("split_a.wasm", chunk);
        write("snippets/a/inline0.js", b"export {}");
        write(MANIFEST, br#"{"a":["split_a"]}"#);
        folder
    }

    #[test]
    fn everything_names_the_hashed_files() {
        let folder = pkg(b"chunk");
        let hash = name_code(folder.path(), "board").unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let main = read(&format!("board.{hash}.js"));
        assert!(main.contains(&format!("'./snippets.{hash}/a/inline0.js'")), "{main}");
        assert!(main.contains(&format!("'board.{hash}.wasm'")), "{main}");
        assert!(main.contains(&format!("\"./__wasm_split.{hash}.js\"")), "{main}");
        let loader = read(&format!("__wasm_split.{hash}.js"));
        assert!(loader.contains(&format!("\"./board.{hash}.js\"")), "{loader}");
        assert!(loader.contains(&format!("\"./split_a.{hash}.wasm\"")), "{loader}");
        assert!(read(&format!("board.{hash}.wasm")).contains(&hash));
        let manifest = read(&format!("__wasm_split_manifest.{hash}.json"));
        assert_eq!(manifest, format!(r#"{{"a":["split_a.{hash}"]}}"#));
    }

    #[test]
    fn another_chunk_renames_all_of_them() {
        let (first, second) = (pkg(b"one"), pkg(b"two"));
        let hashes = [name_code(first.path(), "board").unwrap(), name_code(second.path(), "board").unwrap()];
        assert_ne!(hashes[0], hashes[1]);
        assert_eq!(hashes[0].len(), PLACEHOLDER.len());
    }

    #[test]
    fn a_new_style_leaves_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "code", "old").unwrap();
        replace_style(folder.path(), "new").unwrap();
        let text = fs::read_to_string(folder.path().join(HASH_FILE)).unwrap();
        assert_eq!(text, "js: code\nwasm: code\ncss: new\nmanifest: code\nsplit: code\n");
    }
}
