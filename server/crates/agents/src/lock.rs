//! The lock that a supervisor holds for as long as it lives. Nothing else says so: not a file, not a process id.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FILE: &str = "lock";

/// Held until dropped, or until the process is gone, however it goes.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// `None` where another supervisor lives.
pub(crate) fn take(directory: &Path) -> io::Result<Option<Lock>> {
    let file =
        File::options().create(true).truncate(false).write(true).mode(0o600).open(directory.join(FILE))?;
    match fcntl(&file, FcntlArg::F_OFD_SETLK(&whole(libc::F_WRLCK))) {
        Ok(_) => Ok(Some(Lock(file))),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a supervisor lives. It looks without touching, so that it never stands in one's way.
pub(crate) fn is_held(directory: &Path) -> bool {
    let Ok(file) = File::open(directory.join(FILE)) else {
        return false;
    };
    let mut question = whole(libc::F_WRLCK);
    match fcntl(&file, FcntlArg::F_OFD_GETLK(&mut question)) {
        Ok(_) => i32::from(question.l_type) != libc::F_UNLCK,
        Err(_) => false,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "these constants fit, whatever width the system gives them"
)]
fn whole(kind: i32) -> libc::flock {
    libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 0, l_pid: 0 }
}
