//! What stands around every route, over real sockets.

mod bad_input;
mod connections;
mod forged;
mod health;
mod limits;
mod problems;
mod secure;
mod support;
