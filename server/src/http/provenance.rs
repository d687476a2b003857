//! The database as one request uses it: what is noted in the audit trail says where it came from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use tenancy::{Database, Provenance};

use crate::http::address::ClientAddress;
use crate::http::request_id::RequestId;
use crate::state::AppState;

/// The database, for a handler that begins transactions of its own.
#[derive(Debug, Clone)]
pub struct Asked(pub Database);

impl FromRequestParts<AppState> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(asked(&state.database, &parts.extensions)))
    }
}

/// The same database, on behalf of a request.
pub fn asked(database: &Database, request: &Extensions) -> Database {
    let address = request.get::<ClientAddress>().map(|address| address.0);
    let request_id = request.get::<RequestId>().map(RequestId::shared);
    database.asked_from(Provenance { address, request_id })
}
