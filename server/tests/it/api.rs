//! The REST API on the real router and a real database.

mod audit;
mod changes;
mod document;
mod events;
mod idempotency;
mod identity;
mod input;
mod keys;
mod logs;
mod pages;
mod permissions;
mod repositories;
mod sessions;
mod support;
mod tasks;
mod walls;
mod workspaces;
