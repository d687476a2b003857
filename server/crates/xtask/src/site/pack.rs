//! One file for the small chunks.
//!
//! What two pages share and a third does without becomes a chunk of its own, and most are a few hundred bytes: a page
//! asked for dozens of them, and a phone was busy with asking. They travel together, as the custom sections of an
//! otherwise empty wasm module, which browsers preload, cache and open like any other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::hash::LINK_NAME;
use super::wasm::MANIFEST;

/// The name of that file, without its extension.
pub(crate) const PACK: &str = "shared";
/// What is larger is worth a request of its own, which a page that does without it never makes.
const SMALL: usize = 16 * 1024;
const EMPTY_MODULE: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM_SECTION: u8 = 0;
/// How the loader opens what is packed. A failed fetch is forgotten, so that the next try is a new one.
const OPENER: &str = r#"
let packed = undefined;
function unpack(name) {
    if (packed === undefined) {
        const opening = WebAssembly.compileStreaming(fetch(new URL("./shared.wasm", import.meta.url)));
        opening.catch(() => { if (packed === opening) packed = undefined; });
        packed = opening;
    }
    return packed.then((module) => WebAssembly.Module.customSections(module, name)[0]);
}
"#;

/// Packs the small chunks that lie in `pkg`, and tells the loader and the manifest.
pub(crate) fn pack(pkg: &Path) -> anyhow::Result<()> {
    let chunks = small_chunks(pkg)?;
    if chunks.is_empty() {
        return Ok(());
    }
    let mut module = EMPTY_MODULE.to_vec();
    for (name, chunk) in &chunks {
        push_section(&mut module, name, chunk);
    }
    fs::write(pkg.join(format!("{PACK}.wasm")), module).context(PACK)?;
    let loader = pkg.join(LINK_NAME);
    let script = fs::read_to_string(&loader).context(LINK_NAME)?;
    fs::write(&loader, unpacking(script, chunks.keys())?).context(LINK_NAME)?;
    let manifest = pkg.join(MANIFEST);
    let map = serde_json::from_slice(&fs::read(&manifest).context(MANIFEST)?)?;
    fs::write(&manifest, serde_json::to_vec_pretty(&preloading(map, &chunks))?).context(MANIFEST)?;
    for name in chunks.keys() {
        fs::remove_file(pkg.join(format!("{name}.wasm"))).with_context(|| name.clone())?;
    }
    Ok(())
}

type Chunks = BTreeMap<String, Vec<u8>>;

fn small_chunks(pkg: &Path) -> anyhow::Result<Chunks> {
    let mut chunks = Chunks::new();
    for entry in fs::read_dir(pkg)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|name| name.to_str()).context("a file's name is not UTF-8")?;
        let Some(name) = file.strip_suffix(".wasm").filter(|name| name.starts_with("chunk_")) else {
            continue;
        };
        let chunk = fs::read(&path)?;
        if chunk.len() <= SMALL {
            chunks.insert(name.to_owned(), chunk);
        }
    }
    Ok(chunks)
}

fn push_section(module: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut named = Vec::with_capacity(content.len() + name.len() + 1);
    push_leb128(&mut named, name.len());
    named.extend_from_slice(name.as_bytes());
    named.extend_from_slice(content);
    module.push(CUSTOM_SECTION);
    push_leb128(module, named.len());
    module.extend_from_slice(&named);
}

/// A number of the wasm format.
fn push_leb128(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// The loader, which opens these chunks instead of fetching them.
fn unpacking<'name>(
    mut script: String,
    names: impl Iterator<Item = &'name String>,
) -> anyhow::Result<String> {
    const STREAMED: &str = "WebAssembly.instantiateStreaming(src, imports)";
    for name in names {
        let fetched = format!(r#"fetch(new URL("./{name}.wasm", import.meta.url))"#);
        let Some(at) = script.find(&fetched) else { bail!("the loader does not fetch {name} as it used to") };
        script.replace_range(at..at + fetched.len(), &format!(r#"unpack("{name}")"#));
        let Some(after) = script.get(at..).and_then(|rest| rest.find(STREAMED)) else {
            bail!("the loader does not open {name} as it used to")
        };
        let streamed = at + after..at + after + STREAMED.len();
        script.replace_range(streamed, "WebAssembly.instantiate(await src, imports)");
    }
    let imports_end = script.find('\n').context("the loader has one line")?;
    script.insert_str(imports_end, OPENER);
    Ok(script)
}

/// Which files a lazy function needs: the pack in place of what is in it.
fn preloading(mut map: BTreeMap<String, Vec<String>>, packed: &Chunks) -> BTreeMap<String, Vec<String>> {
    for files in map.values_mut() {
        let before = files.len();
        files.retain(|file| !packed.contains_key(file));
        if files.len() < before {
            files.insert(0, PACK.to_owned());
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADER: &str = r#"import { initSync } from "./board.js";
const __chunk_1 = makeLoad(() => {
    const src = fetch(new URL("./chunk_1.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}, []);
const __chunk_10 = makeLoad(() => {
    const src = fetch(new URL("./chunk_10.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}, []);
"#;

    #[test]
    fn small_chunks_travel_together_and_large_ones_alone() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        write("chunk_1.wasm", b"\0asm small");
        write("chunk_10.wasm", &[7; SMALL + 1]);
        write("split_board.wasm", b"\0asm board");
        write(LINK_NAME, LOADER.as_bytes());
        write(MANIFEST, br#"{"board": ["chunk_1", "chunk_10", "split_board"], "login": ["chunk_10"]}"#);
        pack(folder.path()).unwrap();
        let read = |name: &str| fs::read(folder.path().join(name));
        assert_eq!(read("shared.wasm").unwrap(), b"\0asm\x01\0\0\0\0\x12\x07chunk_1\0asm small");
        assert!(read("chunk_1.wasm").is_err());
        assert!(read("chunk_10.wasm").is_ok());
        let loader = String::from_utf8(read(LINK_NAME).unwrap()).unwrap();
        assert_eq!(loader.matches(r#"unpack("chunk_1");"#).count(), 1);
        assert_eq!(loader.matches("instantiate(await src, imports)").count(), 1);
        assert!(loader.contains(r#"fetch(new URL("./chunk_10.wasm", import.meta.url))"#));
        let manifest: BTreeMap<String, Vec<String>> =
            serde_json::from_slice(&read(MANIFEST).unwrap()).unwrap();
        assert_eq!(manifest["board"], ["shared", "chunk_10", "split_board"]);
        assert_eq!(manifest["login"], ["chunk_10"]);
    }

    #[test]
    fn a_loader_of_another_shape_is_refused() {
        let names = ["chunk_2".to_owned()];
        assert!(unpacking(LOADER.to_owned(), names.iter()).is_err());
    }

    #[test]
    fn numbers_are_written_as_wasm_has_them() {
        for (number, expected) in
            [(0, vec![0]), (127, vec![127]), (128, vec![0x80, 1]), (624_485, vec![0xE5, 0x8E, 0x26])]
        {
            let mut bytes = Vec::new();
            push_leb128(&mut bytes, number);
            assert_eq!(bytes, expected);
        }
    }
}
