//! The site: everything the browser loads, and `hash.txt`, which tells the server the files' names.
//!
//! wasm (cargo, then split into lazy chunks, then bindings, the small chunks in one file) -> names with hashes -> compressed twins.

pub(crate) mod compress;
pub(crate) mod hash;
pub(crate) mod options;
pub(crate) mod pack;
pub(crate) mod style;
pub(crate) mod wasm;

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::console::step;
use crate::workspace::{Build, Workspace};
use options::SiteOptions;

/// The name of the file that lies beside the server's binary.
pub(crate) const HASH_FILE: &str = "hash.txt";

/// Builds the whole site into `folder`: `folder/site` and `folder/hash.txt`.
pub(crate) fn build(workspace: &Workspace, build: Build, folder: &Path) -> anyhow::Result<()> {
    let options = SiteOptions::read(workspace)?;
    let built = step("compile the browser's side", || wasm::compile(workspace, build))?;
    step("pack the site", || {
        let pkg = folder.join("site").join(&options.pkg);
        fs::create_dir_all(&pkg)?;
        wasm::bind(&built, build, &options, &pkg)?;
        pack::pack(&pkg)?;
        let code = hash::name_code(&pkg, &options.name)?;
        let css = write_style(workspace, build, &options, &pkg)?;
        copy_folder(&workspace.path(&options.assets), &folder.join("site"))?;
        if build.is_small() {
            compress::compress(&folder.join("site"))?;
        }
        hash::write(folder, &code, &css)
    })
}

/// Renews nothing but the style of a site that is being served.
pub(crate) fn rebuild_style(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let options = SiteOptions::read(workspace)?;
    let pkg = folder.join("site").join(&options.pkg);
    let css = write_style(workspace, Build::Dev, &options, &pkg)?;
    hash::replace_style(folder, &css)
}

/// Renews nothing but the files that are served as they are.
pub(crate) fn rebuild_assets(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let options = SiteOptions::read(workspace)?;
    copy_folder(&workspace.path(&options.assets), &folder.join("site"))
}

fn write_style(
    workspace: &Workspace,
    build: Build,
    options: &SiteOptions,
    pkg: &Path,
) -> anyhow::Result<String> {
    let css = style::bundle(&workspace.path(&options.style), build.is_small())?;
    let hash = hash::of(css.as_bytes());
    fs::write(pkg.join(format!("{}.{hash}.css", options.name)), css).context("the stylesheet")?;
    Ok(hash)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}
