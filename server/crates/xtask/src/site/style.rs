//! One stylesheet out of many, in the order of its layers.

use std::path::Path;

use anyhow::anyhow;
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

/// The oldest browsers that layers, `:has` and nesting work in; nothing is rewritten for older ones.
fn targets() -> Targets {
    Targets::from(Browsers {
        chrome: Some(120 << 16),
        edge: Some(120 << 16),
        firefox: Some(121 << 16),
        ios_saf: Some(17 << 16 | 2 << 8),
        safari: Some(17 << 16 | 2 << 8),
        ..Browsers::default()
    })
}

/// The stylesheet with all that it imports.
pub(crate) fn bundle(entry: &Path, small: bool) -> anyhow::Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler.bundle(entry).map_err(|error| anyhow!("{error}"))?;
    let targets = targets();
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| anyhow!("{error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: small, targets, ..PrinterOptions::default() })
        .map_err(|error| anyhow!("{error}"))?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn imports_come_into_their_layers() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("main.css");
        fs::write(&main, "@layer base, ui;\n@import \"button.css\" layer(ui);").unwrap();
        fs::write(folder.path().join("button.css"), ".button { color: red; & span { color: blue } }")
            .unwrap();
        let css = bundle(&main, true).unwrap();
        assert_eq!(css, "@layer base;@layer ui{.button{color:red;& span{color:#00f}}}");
    }

    #[test]
    fn a_mistake_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("main.css");
        fs::write(&main, "@import \"nowhere.css\";").unwrap();
        let error = bundle(&main, true).unwrap_err().to_string();
        assert!(error.contains("main.css") || error.contains("nowhere.css"), "{error}");
    }
}
