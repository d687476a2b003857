//! Where a repository is: a path under the operator's roots, or a URL of the two kinds that are supported.

use super::RepositoryError;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// Canonical, under a root.
    Path(PathBuf),
    Url {
        url: String,
        host: String,
    },
}

impl Location {
    pub(super) fn parse(url: &str, roots: &[PathBuf]) -> Result<Self, RepositoryError> {
        let url = url.trim();
        if url.is_empty() || url.starts_with('-') || url.contains(|character: char| character.is_control()) {
            return Err(RepositoryError::UnsupportedUrl);
        }
        if let Some(path) = url.strip_prefix("file://") {
            return local(Path::new(path), roots);
        }
        if url.starts_with('/') {
            return local(Path::new(url), roots);
        }
        if url.contains(char::is_whitespace) {
            return Err(RepositoryError::UnsupportedUrl);
        }
        if let Some(rest) = url.strip_prefix("https://") {
            // A user name may stand before the host, a secret may not.
            return remote(url, rest, |user| user.is_empty());
        }
        if let Some(rest) = url.strip_prefix("ssh://") {
            return remote(url, rest, |user| !user.contains(':'));
        }
        // `helper::address` names a program for git to run.
        if url.contains("://") || url.contains("::") {
            return Err(RepositoryError::UnsupportedUrl);
        }
        match url.split_once(':') {
            // The short form of ssh, `git@host:path`.
            Some((host, path)) if !host.contains('/') && !path.is_empty() => {
                remote(url, &format!("{host}/{path}"), |_| true)
            }
            _ => Err(RepositoryError::NotAbsolute),
        }
    }

    /// Refuses a host that is this machine. What does not resolve is left for git to say.
    pub(super) async fn refuse_own_machine(&self) -> Result<(), RepositoryError> {
        let Self::Url { host, .. } = self else {
            return Ok(());
        };
        let Ok(mut addresses) = tokio::net::lookup_host((host.as_str(), 443)).await else {
            return Ok(());
        };
        if addresses.any(|address| is_own(address.ip())) {
            return Err(RepositoryError::Unreachable("its host is the server's own machine".to_owned()));
        }
        Ok(())
    }

    /// As git takes it, after `--`.
    pub(super) fn argument(&self) -> &std::ffi::OsStr {
        match self {
            Self::Path(path) => path.as_os_str(),
            Self::Url { url, .. } => url.as_ref(),
        }
    }
}

fn remote(url: &str, rest: &str, admits: impl Fn(&str) -> bool) -> Result<Location, RepositoryError> {
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    // A host or user that begins with `-` would be an option of ssh.
    if host.is_empty() || host.starts_with('-') || user.starts_with('-') || !admits(user) {
        return Err(RepositoryError::UnsupportedUrl);
    }
    Ok(Location::Url { url: url.to_owned(), host: host_name(host).to_owned() })
}

/// Without the port, and an IPv6 address without its brackets.
fn host_name(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    }
}

/// Addresses that lead back to this machine or to what only its own link sees, such as a cloud's metadata: no
/// workspace has business there. A private network is where many keep their git.
fn is_own(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => {
            let this_network = four.octets().first() == Some(&0);
            this_network
                || four.is_loopback()
                || four.is_link_local()
                || four.is_multicast()
                || four.is_broadcast()
        }
        IpAddr::V6(six) => {
            six.is_loopback() || six.is_unspecified() || six.is_multicast() || six.is_unicast_link_local()
        }
    }
}

fn local(path: &Path, roots: &[PathBuf]) -> Result<Location, RepositoryError> {
    if !path.is_absolute() {
        return Err(RepositoryError::NotAbsolute);
    }
    // Whether something outside exists is nobody's business: what can't be resolved is judged as it is written.
    let canonical = match fs::canonicalize(path) {
        Ok(canonical) => canonical,
        Err(_) if is_under(&lexical(path), roots) => return Err(RepositoryError::Missing),
        Err(_) => return Err(RepositoryError::OutsideRoots),
    };
    if !is_under(&canonical, roots) {
        return Err(RepositoryError::OutsideRoots);
    }
    let git = git_folder(&canonical)?;
    for inner in ["", "objects", "refs", "packed-refs", "HEAD", "config", "commondir"] {
        let inner = git.join(inner);
        if inner.exists() && !is_under(&fs::canonicalize(inner)?, roots) {
            return Err(RepositoryError::OutsideRoots);
        }
    }
    borrowed(&git, roots)?;
    Ok(Location::Path(canonical))
}

/// The folder with the objects: `.git`, where a `.git` file points, or a bare repository itself.
fn git_folder(path: &Path) -> Result<PathBuf, RepositoryError> {
    let dot = path.join(".git");
    let folder = if dot.is_file() {
        let text = fs::read_to_string(&dot)?;
        let target = text.trim().strip_prefix("gitdir: ").ok_or(RepositoryError::NotRepository)?;
        path.join(target)
    } else if dot.is_dir() {
        dot
    } else {
        path.to_path_buf()
    };
    let common = match fs::read_to_string(folder.join("commondir")) {
        Ok(text) => folder.join(text.trim()),
        Err(_) => folder,
    };
    let there = common.join("objects").is_dir() && common.join("HEAD").is_file();
    if there { Ok(common) } else { Err(RepositoryError::NotRepository) }
}

/// Objects may be borrowed from elsewhere, and elsewhere must be under the roots too.
fn borrowed(git: &Path, roots: &[PathBuf]) -> Result<(), RepositoryError> {
    let objects = git.join("objects");
    let Ok(text) = fs::read_to_string(objects.join("info/alternates")) else {
        return Ok(());
    };
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let outside = fs::canonicalize(objects.join(line)).is_ok_and(|path| !is_under(&path, roots));
        if outside {
            return Err(RepositoryError::OutsideRoots);
        }
    }
    Ok(())
}

fn is_under(path: &Path, roots: &[PathBuf]) -> bool {
    roots.iter().any(|root| path.starts_with(fs::canonicalize(root).unwrap_or_else(|_| root.clone())))
}

/// Without `..` and `.`, by its letters alone.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_url_leads_back_to_this_machine() {
        for host in [
            "127.0.0.1",
            "127.1.2.3:8443",
            "localhost",
            "0.0.0.0",
            "169.254.169.254",
            "[::1]:22",
            "[::ffff:127.0.0.1]",
            "[fe80::1]",
        ] {
            let location = Location::parse(&format!("https://{host}/a.git"), &[]).unwrap();
            assert!(location.refuse_own_machine().await.is_err(), "{host}");
        }
        let private = Location::parse("ssh://git@10.1.2.3/a.git", &[]).unwrap();
        assert!(private.refuse_own_machine().await.is_ok());
    }

    #[test]
    fn only_two_kinds_of_url_are_taken() {
        let roots = [PathBuf::from("/nowhere")];
        let parse = |url: &str| Location::parse(url, &roots);
        for url in ["https://example.com/a.git", "ssh://git@example.com/a.git", "git@example.com:a/b.git"] {
            let host = "example.com".to_owned();
            assert_eq!(parse(url).unwrap(), Location::Url { url: url.to_owned(), host });
        }
        for url in [
            "",
            "--upload-pack=touch /tmp/x",
            "ext::sh -c touch% /tmp/x",
            "file::/tmp",
            "http://example.com/a.git",
            "git://example.com/a.git",
            "https://user:secret@example.com/a.git",
            "https://token@example.com/a.git",
            "ssh://-oProxyCommand=x/a",
            "-oProxyCommand=x:a",
            "git@-oProxyCommand=x:a",
            "https://",
            "https://example.com/a b",
            "https://example.com/\na",
        ] {
            assert!(matches!(parse(url), Err(RepositoryError::UnsupportedUrl)), "{url}");
        }
        assert!(matches!(parse("relative/path"), Err(RepositoryError::NotAbsolute)));
        assert!(matches!(parse("/etc"), Err(RepositoryError::OutsideRoots)));
        assert!(matches!(parse("/nowhere/../etc/none"), Err(RepositoryError::OutsideRoots)));
        assert!(matches!(parse("/nowhere/at/all"), Err(RepositoryError::Missing)));
    }
}
