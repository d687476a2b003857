//! The way out that an execution with a network has: a socket that listens on its own loopback, handed to the
//! supervisor, who answers it from outside.

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsRawFd;

/// Where programs inside find the proxy.
const PORT: u16 = 3128;

/// Opens the socket in this process's network and hands it out by this open socket, which is closed after it.
pub(super) fn hand_out(to: i32) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT))?;
    let open = [listener.as_raw_fd()];
    sendmsg::<()>(to, &[IoSlice::new(b"l")], &[ControlMessage::ScmRights(&open)], MsgFlags::empty(), None)?;
    Ok(nix::unistd::close(to)?)
}

/// By these programs know where the proxy is, in the two spellings that are usual.
pub(super) fn environment() -> Vec<(String, String)> {
    let proxy = format!("http://127.0.0.1:{PORT}");
    let own = "localhost,127.0.0.1,::1".to_owned();
    let names = [("HTTP_PROXY", &proxy), ("HTTPS_PROXY", &proxy), ("ALL_PROXY", &proxy), ("NO_PROXY", &own)];
    names
        .into_iter()
        .flat_map(|(name, value)| [(name.to_owned(), value.clone()), (name.to_lowercase(), value.clone())])
        .collect()
}
