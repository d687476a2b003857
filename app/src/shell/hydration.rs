//! The script that makes a page live, once it stands there to be read.
//!
//! Leptos's own tells the browser to fetch the code at once, and on a slow network that keeps the style waiting: a
//! phone looks at nothing meanwhile. The page works without its code, so the code comes second.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// The first frame is drawn when the style is there, and what is due after it runs once it is shown. A page that
/// nobody looks at has no frames.
const SCRIPT: &str = r#"
const live = async () => {
  const code = fetch(CODE.wasm);
  const page = await import(CODE.script);
  await page.default({ module_or_path: code });
  page.hydrate();
};
if (document.hidden) live();
else requestAnimationFrame(() => setTimeout(live));
"#;

#[component]
pub fn Hydration(options: LeptosOptions) -> impl IntoView {
    let code = Code::read(&options);
    let names = serde_json::json!({ "script": code.script, "wasm": code.wasm });
    view! { <script type="module" nonce=use_nonce()>{format!("const CODE = {names};{SCRIPT}")}</script> }
}

/// Where the code lies.
#[derive(Debug, PartialEq, Eq)]
struct Code {
    script: String,
    wasm: String,
}

impl Code {
    /// Read anew for each page: while developing, the code changes under a running server.
    fn read(options: &LeptosOptions) -> Self {
        let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(std::path::Path::to_owned));
        let hashes = beside
            .filter(|_| options.hash_files)
            .and_then(|folder| std::fs::read_to_string(folder.join(&*options.hash_file)).ok());
        Self::named(options, hashes.as_deref().unwrap_or_default())
    }

    /// `hashes` has a line `js: HASH` and a line `wasm: HASH`.
    fn named(options: &LeptosOptions, hashes: &str) -> Self {
        let path = |kind: &str| {
            let hash = hashes.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| *name == kind);
            let hash = hash.map(|(_, hash)| format!(".{}", hash.trim())).unwrap_or_default();
            format!("/{}/{}{hash}.{kind}", options.site_pkg_dir, options.output_name)
        };
        Self { script: path("js"), wasm: path("wasm") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_with_their_hash_where_there_is_one() {
        let options = LeptosOptions::builder().output_name("switchboard").build();
        let named = Code::named(&options, "js: abc\nwasm: def\ncss: other\n");
        assert_eq!(named.script, "/pkg/switchboard.abc.js");
        assert_eq!(named.wasm, "/pkg/switchboard.def.wasm");
        assert_eq!(Code::named(&options, "").script, "/pkg/switchboard.js");
    }
}
