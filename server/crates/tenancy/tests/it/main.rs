//! The doors and the feed, on a real PostgreSQL.

#[cfg(test)]
mod doors;
#[cfg(test)]
mod feed;
