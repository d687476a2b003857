//! The doors and the feed, on a real PostgreSQL.

mod doors;
mod feed;
