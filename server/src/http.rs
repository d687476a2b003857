//! HTTP: how a request is let in, and what every answer carries. The routes themselves are in `router.rs`.
//!
//! From the outside in: [`accept`] (sockets and their limits), [`request_id`] (the id, the span, the form of
//! problems), [`metrics`], [`headers`], panics, [`address`] (who is asking, behind proxies), [`gate`] (methods, hosts, NUL), [`origin`] (forged requests),
//! [`limit`] (rates).

pub mod accept;
pub mod address;
pub mod apart;
pub mod api;
pub mod denials;
mod failure;
pub mod gate;
pub mod headers;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod ops;
pub mod origin;
pub mod problem;
pub mod provenance;
pub mod read;
pub mod request_id;
pub mod sign_in;
pub mod socket;
pub mod stream;
pub mod tls;
pub mod visitor;
