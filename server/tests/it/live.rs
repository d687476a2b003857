//! The socket and the stream, over real connections.

mod feed;
mod handshake;
mod manners;
mod output;
mod presence;
mod slow;
mod stream;
mod support;
mod walls;
