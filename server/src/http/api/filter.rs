//! A query string that says what is asked for, beside the workspace that it may name.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use serde::de::DeserializeOwned;

use crate::http::identity::WORKSPACE_PARAMETER;
use crate::http::problem::Refusal;
use crate::http::read::Query;

/// The query string without `workspace`, which every route understands and no filter knows. Unknown parameters are
/// refused by the filters themselves, as unknown fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Filter<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let kept = std::mem::take(&mut parts.uri);
        parts.uri = without_workspace(&kept);
        let read = Query::from_request_parts(parts, state).await;
        parts.uri = kept;
        read.map(|Query(filter)| Self(filter))
    }
}

fn without_workspace(uri: &Uri) -> Uri {
    let query = uri.query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| pair.split('=').next() != Some(WORKSPACE_PARAMETER));
    let query = pairs.collect::<Vec<_>>().join("&");
    // What was an address stays one when a part of it is left out.
    PathAndQuery::try_from(format!("/?{query}")).map(Uri::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_workspace_is_left_out() {
        for (uri, expected) in [
            ("/tasks?workspace=a&limit=2", "limit=2"),
            ("/tasks?limit=2&workspace=a", "limit=2"),
            ("/tasks?workspaces=a", "workspaces=a"),
            ("/tasks?q=workspace%3Da", "q=workspace%3Da"),
            ("/tasks", ""),
        ] {
            assert_eq!(without_workspace(&uri.parse().unwrap()).query(), Some(expected), "{uri}");
        }
    }
}
