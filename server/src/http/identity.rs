//! Who is asking, and in which workspace. Looked up for every request: a key or session that is revoked is refused by
//! the very next one.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use domain::Code;
use tenancy::{Admission, Caller, Credential, Database, Identity, Secret, TenantTx, WorkspaceRef};

use crate::http::denials::Known;
use crate::http::origin::KEY_HEADER;
use crate::http::problem::Refusal;
use crate::http::provenance::asked;
use crate::state::AppState;

/// Names the workspace of a request that comes with a cookie.
pub const WORKSPACE_HEADER: HeaderName = HeaderName::from_static("x-workspace");
/// The same, where a header can't be set: the socket, streams, exports.
pub const WORKSPACE_PARAMETER: &str = "workspace";
/// Every API key begins like this.
const KEY_PREFIX: &str = "sb_";

/// The name of the session cookie. Over https the browser itself holds the `__Host-` name to Secure, no Domain and
/// the path `/`.
pub fn session_cookie(https: bool) -> &'static str {
    if https { "__Host-session" } else { "session" }
}

/// What a request came with. It can be looked up again, by those who answer for long.
#[derive(Debug, Clone)]
pub struct Visit {
    credential: Credential,
    workspace: Option<WorkspaceRef>,
}

impl Visit {
    /// Reads the credential and the workspace's name, without asking whether they are good.
    ///
    /// # Errors
    /// 401 where there is no credential.
    pub fn read(parts: &Parts, https: bool) -> Result<Self, Refusal> {
        let credential = credential(&parts.headers, https).ok_or_else(unauthenticated)?;
        Ok(Self { credential, workspace: workspace(parts)? })
    }

    /// The workspace that the request names.
    pub fn workspace(&self) -> Option<&WorkspaceRef> {
        self.workspace.as_ref()
    }

    /// Who this is.
    ///
    /// # Errors
    /// 401 where nobody is known by it, 404 where a key names a workspace that is not its own.
    pub async fn identify(&self, database: &Database) -> Result<Identity, Refusal> {
        let identity = database.authenticate(&self.credential).await?.ok_or_else(unauthenticated)?;
        if let (Identity::Caller(caller), Some(named)) = (&identity, &self.workspace) {
            check_own(database, caller, named).await?;
        }
        Ok(identity)
    }

    /// Who this is in the workspace that they named, or in the key's own.
    ///
    /// # Errors
    /// As [`identify`](Self::identify); 400 where a person names no workspace, and the same 404 for one that does not
    /// exist and one that they are not in.
    pub async fn enter(&self, database: &Database) -> Result<Caller, Refusal> {
        let Some(named) = &self.workspace else {
            return match self.identify(database).await? {
                Identity::Caller(caller) => Ok(caller),
                Identity::Person(_) => Err(unnamed()),
            };
        };
        match database.admit(&self.credential, named).await? {
            Admission::Unknown => Err(unauthenticated()),
            Admission::Stranger => Err(Refusal::not_found()),
            Admission::Admitted(caller) => {
                if matches!(self.credential, Credential::Key(_)) {
                    check_own(database, &caller, named).await?;
                }
                Ok(caller)
            }
        }
    }
}

/// Somebody known: a person, or a key.
#[derive(Debug, Clone)]
pub struct Who {
    pub identity: Identity,
    /// The workspace that the request names.
    pub workspace: Option<WorkspaceRef>,
}

/// Somebody in a workspace. Nearly every handler begins with this.
#[derive(Debug, Clone)]
pub struct InWorkspace {
    pub caller: Caller,
    pub visit: Visit,
    pub database: Database,
}

impl InWorkspace {
    /// Opens a transaction in the workspace.
    ///
    /// # Errors
    /// 503 where the database does not answer.
    pub async fn begin(&self) -> Result<TenantTx, Refusal> {
        Ok(self.database.begin(&self.caller).await?)
    }
}

impl FromRequestParts<AppState> for Who {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let visit = Visit::read(parts, state.config.https())?;
        let identity = visit.identify(&state.database).await?;
        Ok(Self { identity, workspace: visit.workspace })
    }
}

impl FromRequestParts<AppState> for InWorkspace {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let visit = Visit::read(parts, state.config.https())?;
        let caller = visit.enter(&state.database).await?;
        state.limits.check_workspace(caller.workspace())?;
        if let Some(known) = parts.extensions.get::<Known>() {
            known.is(&caller);
        }
        Ok(Self { caller, visit, database: asked(&state.database, &parts.extensions) })
    }
}

/// The one refusal of everybody who is not known.
pub fn unauthenticated() -> Refusal {
    Refusal::new(Code::Unauthenticated, "Sign in, or send an API key as Authorization: Bearer sb_….")
}

fn unnamed() -> Refusal {
    let detail =
        "Name the workspace with the header x-workspace or the parameter workspace: its slug or its id.";
    Refusal::invalid(WORKSPACE_PARAMETER, detail).with_status(StatusCode::BAD_REQUEST)
}

/// A key opens its own workspace alone, whatever it calls it.
async fn check_own(database: &Database, caller: &Caller, named: &WorkspaceRef) -> Result<(), Refusal> {
    let own = match named {
        WorkspaceRef::Id(id) => *id == caller.workspace(),
        WorkspaceRef::Slug(slug) => {
            let mut tx = database.begin(caller).await?;
            backend::auth::own_workspace(&mut tx).await?.slug == *slug
        }
    };
    if own { Ok(()) } else { Err(Refusal::not_found()) }
}

/// The session cookie that a request came with, whether it is good or not.
pub(crate) fn session(headers: &HeaderMap, https: bool) -> Option<Secret> {
    match credential(headers, https)? {
        Credential::Session(secret) => Some(secret),
        Credential::Key(_) => None,
    }
}

/// A key, where one is sent, else the session. A key that is no good is never made up for by a cookie.
fn credential(headers: &HeaderMap, https: bool) -> Option<Credential> {
    if headers.contains_key(AUTHORIZATION) || headers.contains_key(KEY_HEADER) {
        // What can't be a key is looked up as one all the same: it is nobody's, and refused like any wrong key.
        let key = match headers.get(AUTHORIZATION) {
            Some(value) => value.to_str().ok().and_then(bearer).unwrap_or_default(),
            None => headers.get(KEY_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default().trim(),
        };
        return key.starts_with(KEY_PREFIX).then(|| Credential::Key(Secret::received(key)));
    }
    let name = session_cookie(https);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let session = pairs.into_iter().find(|(key, _)| *key == name)?;
    Some(Credential::Session(Secret::received(session.1)))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn workspace(parts: &Parts) -> Result<Option<WorkspaceRef>, Refusal> {
    if let Some(named) = parts.headers.get(WORKSPACE_HEADER) {
        let named = named.to_str().map_err(|_| Refusal::not_found())?.trim();
        return Ok((!named.is_empty()).then(|| WorkspaceRef::parse(named)));
    }
    let query = parts.uri.query().unwrap_or_default();
    let named =
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == WORKSPACE_PARAMETER);
    // Slugs and ids need no encoding; what has one names nothing here.
    Ok(named.filter(|(_, named)| !named.is_empty()).map(|(_, named)| WorkspaceRef::parse(named)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    type Header = (&'static str, &'static str);

    fn read(pairs: &[Header], https: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        credential(&headers, https).map(|credential| match credential {
            Credential::Key(secret) => format!("key {}", secret.reveal()),
            Credential::Session(secret) => format!("session {}", secret.reveal()),
        })
    }

    #[test]
    fn keys_come_before_cookies_and_are_never_made_up_for_by_one() {
        let cases: [(&[Header], bool, Option<&str>); 9] = [
            (&[("authorization", "Bearer sb_1")], false, Some("key sb_1")),
            (&[("authorization", "bearer  sb_1")], false, Some("key sb_1")),
            (&[("x-tenant-key", "sb_2")], false, Some("key sb_2")),
            (&[("authorization", "Basic abc"), ("cookie", "session=s")], false, None),
            (&[("authorization", "Bearer other"), ("cookie", "session=s")], false, None),
            (&[("cookie", "theme=dark; session=s")], false, Some("session s")),
            (&[("cookie", "a=b"), ("cookie", "session=s")], false, Some("session s")),
            (&[("cookie", "session=s")], true, None),
            (&[("cookie", "__Host-session=s")], true, Some("session s")),
        ];
        for (headers, https, expected) in cases {
            assert_eq!(read(headers, https).as_deref(), expected, "{headers:?}");
        }
    }
}
