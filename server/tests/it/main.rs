//! One integration binary for the whole server.
