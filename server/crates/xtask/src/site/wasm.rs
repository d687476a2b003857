//! From the crate `frontend` to wasm files and the JavaScript that loads them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use super::hash::LINK_NAME;
use super::options::SiteOptions;
use crate::process;
use crate::workspace::{Build, Workspace};

const TRIPLE: &str = "wasm32-unknown-unknown";
/// Which lazy function needs which files; the server preloads by it.
pub(crate) const MANIFEST: &str = "__wasm_split_manifest.json";

/// Compiles the browser's side and says where the wasm lies.
pub(crate) fn compile(workspace: &Workspace, build: Build) -> anyhow::Result<PathBuf> {
    let profile = build.wasm_profile();
    process::run(&mut workspace.cargo(&[
        "build",
        "--package",
        "frontend",
        "--lib",
        "--target",
        TRIPLE,
        "--profile",
        profile,
    ]))?;
    Ok(workspace.products(Some(TRIPLE), profile).join("frontend.wasm"))
}

/// Splits the lazy routes off, makes the bindings and leaves all of it in `pkg`.
pub(crate) fn bind(wasm: &Path, build: Build, options: &SiteOptions, pkg: &Path) -> anyhow::Result<()> {
    let staging = tempfile::tempdir_in(pkg)?;
    let whole = fs::read(wasm).with_context(|| wasm.display().to_string())?;
    let main = staging.path().join("main.wasm");
    split(&whole, options, pkg, &main)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&main)
        .out_name(&options.name)
        .web(true)?
        .typescript(false)
        // The chunks link against what the main module exports.
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(build.is_small())
        .remove_producers_section(build.is_small())
        .generate(pkg)
        .context("wasm-bindgen")?;
    let bound = pkg.join(format!("{}_bg.wasm", options.name));
    fs::rename(&bound, pkg.join(format!("{}.wasm", options.name))).context("the main wasm")?;
    if build.is_small() { drop_names(pkg) } else { Ok(()) }
}

fn split(whole: &[u8], options: &SiteOptions, pkg: &Path, main: &Path) -> anyhow::Result<()> {
    let link_name = format!("./{LINK_NAME}");
    let main_module = format!("./{}.js", options.name);
    let mut split = wasm_split_cli_support::Options::new(whole);
    split.output_dir = pkg;
    split.main_out_path = main;
    split.main_module = &main_module;
    split.link_name = &link_name;
    let made = wasm_split_cli_support::transform(split)
        .map_err(|error| anyhow!("{error:#}"))
        .context("splitting into lazy chunks")?;
    let link = pkg.join(LINK_NAME);
    let patient = patient(&fs::read_to_string(&link)?)?;
    fs::write(&link, patient).context("the loader of the lazy chunks")?;
    let manifest = serde_json::to_string_pretty(&made.prefetch_map)?;
    fs::write(pkg.join(MANIFEST), manifest).context("the manifest of the lazy chunks")
}

/// The loader with our own way to wait for a chunk that can't be fetched.
fn patient(loader: &str) -> anyhow::Result<String> {
    const OURS: &str = include_str!("chunks.js");
    let from = loader.find("function wrapAsyncCb(").context("the loader has no wrapAsyncCb any more")?;
    let length = loader.get(from..).and_then(|rest| rest.find("function makeLoad("));
    let until = from + length.context("the loader has no makeLoad any more")?;
    let (before, after) = (loader.get(..from), loader.get(until..));
    Ok([before.unwrap_or_default(), OURS, after.unwrap_or_default()].concat())
}

/// Names of functions are a third of the bytes, and nobody reads them in production.
fn drop_names(pkg: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(pkg)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let bytes = fs::read(&path)?;
            let without = without_names(&bytes).with_context(|| path.display().to_string())?;
            fs::write(&path, without)?;
        }
    }
    Ok(())
}

/// The module without its custom sections `name` and `producers`.
fn without_names(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    const HEADER: usize = 8;
    let mut kept = module.get(..HEADER).context("too short for a wasm module")?.to_vec();
    let mut rest = module.get(HEADER..).unwrap_or_default();
    while let Some((id, after_id)) = rest.split_first() {
        let (length, body) = leb128(after_id)?;
        let content = body.get(..length).context("a section ends too early")?;
        let next = body.get(length..).unwrap_or_default();
        let dropped = *id == 0 && is_named(content, &["name", "producers"])?;
        if !dropped {
            kept.extend_from_slice(rest.get(..rest.len() - next.len()).unwrap_or_default());
        }
        rest = next;
    }
    Ok(kept)
}

fn is_named(custom: &[u8], names: &[&str]) -> anyhow::Result<bool> {
    let (length, text) = leb128(custom)?;
    let name = text.get(..length).context("a section's name ends too early")?;
    Ok(names.iter().any(|known| known.as_bytes() == name))
}

/// A number of the wasm format, and what follows it.
fn leb128(bytes: &[u8]) -> anyhow::Result<(usize, &[u8])> {
    let mut value = 0_usize;
    for (position, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * position);
        if byte & 0x80 == 0 {
            return Ok((value, bytes.get(position + 1..).unwrap_or_default()));
        }
    }
    Err(anyhow!("a number of the wasm format does not end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        let mut section = vec![id, u8::try_from(content.len()).unwrap()];
        section.extend_from_slice(content);
        section
    }

    #[test]
    fn the_loader_waits_and_one_that_is_made_otherwise_is_refused() {
        let made = "let a;\nfunction wrapAsyncCb(callee) {\n  x\n}\nfunction makeLoad(f) {}\nconst b = 1;";
        let ours = patient(made).unwrap();
        assert!(ours.starts_with("let a;\n") && ours.ends_with("function makeLoad(f) {}\nconst b = 1;"));
        assert!(ours.contains("chunk-missing") && !ours.contains("  x\n"));
        assert!(patient("function somethingElse() {}").is_err());
    }

    #[test]
    fn only_the_names_are_dropped() {
        let names = section(0, b"\x04name\x01\x02\x03");
        let features = section(0, b"\x0ftarget_features\x01");
        let types = section(1, b"\x00");
        let module = [HEADER, &types, &names, &features].concat();
        assert_eq!(without_names(&module).unwrap(), [HEADER, &types, &features].concat());
    }

    #[test]
    fn a_torn_module_is_refused() {
        let torn = [HEADER, &[1, 100, 0]].concat();
        assert!(without_names(&torn).is_err());
        assert!(without_names(b"\0as").is_err());
    }
}
