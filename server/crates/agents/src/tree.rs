//! Walks over a tree that a sandbox writes or wrote: no link is followed, and no folder hides by its permissions.

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use std::fs::{self, File, Metadata, Permissions, ReadDir};
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Visits everything below a folder until told to break. What vanishes meanwhile is skipped; a path that is too
/// long to be opened is an error. Folders that withhold these rights from their owner are made to grant them.
pub(crate) fn walk(
    folder: &Path,
    rights: u32,
    mut visit: impl FnMut(&Path, &Metadata) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let root = File::open(folder)?;
    let mut queue = vec![PathBuf::new()];
    while let Some(inner) = queue.pop() {
        let entries = match entries(&root, folder, &inner, rights) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                continue;
            }
            entries => entries?,
        };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if visit(&entry.path(), &metadata).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if metadata.is_dir() {
                queue.push(inner.join(entry.file_name()));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Opens what stands at a path beneath a folder by its name only, whatever its kind, through no link.
pub(crate) fn place(root: &File, path: &Path) -> io::Result<OwnedFd> {
    open(root, path, OFlag::O_PATH)
}

/// Opens beneath a folder, through no link.
pub(crate) fn open(root: &File, path: &Path, flags: OFlag) -> io::Result<OwnedFd> {
    let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW).resolve(
        ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_MAGICLINKS,
    );
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    Ok(openat2(root, path, how)?)
}

/// Gives its owner, who is ourselves where we are not root, these rights on what is open.
pub(crate) fn grant(place: &OwnedFd, rights: u32) -> io::Result<()> {
    let path = format!("/proc/self/fd/{}", place.as_raw_fd());
    let mode = fs::metadata(&path)?.permissions().mode();
    fs::set_permissions(&path, Permissions::from_mode(mode | rights))
}

fn entries(root: &File, folder: &Path, inner: &Path, rights: u32) -> io::Result<ReadDir> {
    // Root is kept out of nothing.
    if !nix::unistd::geteuid().is_root() {
        let place = open(root, inner, OFlag::O_PATH | OFlag::O_DIRECTORY)?;
        let mode = File::from(place.try_clone()?).metadata()?.permissions().mode();
        if mode & rights != rights {
            grant(&place, rights)?;
        }
    }
    fs::read_dir(folder.join(inner))
}
