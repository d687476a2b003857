//! What a browser gets, from the program as it is shipped.

use super::{get, serve, signal};

/// Does this with the address of a server, and ends it in order.
fn with_server(what: impl FnOnce(&str)) {
    let data = tempfile::tempdir().unwrap();
    let (mut child, address) = serve(data.path());
    what(&address);
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    found.unwrap_or_else(|| panic!("no {name} in {head}"))
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap()
}

#[test]
fn every_page_has_a_nonce_of_its_own_and_nothing_unsafe() {
    with_server(|address| {
        let mut nonces = Vec::new();
        for target in ["/login", "/login", "/no-such-page"] {
            let answer = get(address, target);
            assert!(header(&answer, "content-type").starts_with("text/html"), "{answer}");
            let policy = header(&answer, "content-security-policy");
            assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
            for part in
                ["'wasm-unsafe-eval'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
            {
                assert!(policy.contains(part), "{policy}");
            }
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
            for script in answer.split("<script").skip(1) {
                assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{script}");
            }
            assert!(!answer.contains(" style="), "the policy blocks it");
            assert_eq!(header(&answer, "cache-control"), "no-store");
            nonces.push(nonce.to_owned());
        }
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), 3);
    });
}

#[test]
fn what_is_not_there_is_a_problem_under_api_and_a_page_elsewhere() {
    with_server(|address| {
        for target in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/tasks"] {
            let answer = get(address, target);
            assert_eq!(status(&answer), "404", "{target}: {answer}");
            assert_eq!(header(&answer, "content-type"), "application/problem+json", "{target}");
        }
        let page = get(address, "/no-such-page");
        assert_eq!((status(&page), page.contains("<html")), ("404", true), "{page}");
    });
}

#[test]
fn a_static_path_cannot_leave_the_site() {
    with_server(|address| {
        for target in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/pkg/..%2f..%2fCargo.toml", "//etc/passwd"] {
            let answer = get(address, target);
            assert!(!answer.contains("[workspace]") && !answer.contains("root:x"), "{target}");
            assert_ne!(status(&answer), "500", "{target}");
        }
    });
}
