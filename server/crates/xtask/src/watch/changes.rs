//! What a changed file asks for.

use std::path::Path;

/// The folders that are watched.
pub(crate) const FOLDERS: [&str; 5] = ["app", "frontend", "server", "style", "migrations"];
/// The files at the root that are watched.
pub(crate) const FILES: [&str; 2] = ["Cargo.toml", "Leptos.toml"];

/// What has to be renewed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Server and browser: what is compiled twice.
    pub(crate) both_sides: bool,
    pub(crate) server: bool,
    pub(crate) style: bool,
    pub(crate) assets: bool,
}

impl Changes {
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Takes a path inside the checkout.
    pub(crate) fn add(&mut self, path: &Path) {
        let hidden = path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
        let is = |extension: &str| path.extension().is_some_and(|found| found == extension);
        let source = is("rs") || is("toml");
        if hidden {
        } else if path.starts_with("app/public") {
            self.assets = true;
        } else if path.starts_with("style") {
            self.style |= is("css");
        } else if path.starts_with("server/crates/xtask")
            || path.starts_with("server/crates/testkit")
            || path.starts_with("server/tests")
        {
            // Neither is part of a running server.
        } else if path.starts_with("server") || path.starts_with("migrations") {
            self.server |= source || is("sql") || is("html");
        } else {
            self.both_sides |= source;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Changes {
        let mut changes = Changes::default();
        changes.add(Path::new(path));
        changes
    }

    #[test]
    fn each_kind_of_file_renews_what_it_must() {
        let both = Changes { both_sides: true, ..Changes::default() };
        let server = Changes { server: true, ..Changes::default() };
        let style = Changes { style: true, ..Changes::default() };
        let assets = Changes { assets: true, ..Changes::default() };
        let table = [
            ("app/src/routes.rs", both),
            ("server/src/main.rs", server),
            ("style/ui/button.css", style),
            ("app/public/favicon.svg", assets),
        ];
        for (path, expected) in table {
            assert_eq!(of(path), expected, "{path}");
        }
        assert!(of("app/domain/Cargo.toml").both_sides);
        assert!(of("migrations/1_people.sql").server);
        assert!(of("Leptos.toml").both_sides);
    }

    #[test]
    fn what_no_server_is_made_of_renews_nothing() {
        for path in [
            "server/ARCHITECTURE.md",
            "server/crates/xtask/src/main.rs",
            "server/tests/it/main.rs",
            "app/src/.routes.rs.swp",
            "style/notes.txt",
        ] {
            assert!(!of(path).any(), "{path}");
        }
    }
}
