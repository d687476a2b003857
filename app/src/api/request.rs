//! What a server function knows about its request. The server provides the rest by context:
//! the [`tenancy::Database`], the [`GitStore`], the [`Visitor`], the [`TraceId`] and the [`ForwardedFlash`].

use backend::repositories::{Found, GitStore};
use domain::{Code, DateTime, Saved};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, LOCATION, SET_COOKIE};
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use std::sync::{Arc, Mutex, PoisonError};
use tenancy::{Caller, Database, Identity, Person, TenantTx, WorkspaceRef};

use crate::api::ApiError;
use crate::api::preferences::{Language, Preferences, Theme};
use crate::api::session::Appearance;

/// Who sent the request; the server has looked its credential up. Provided by context.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<Identity>);

/// Where this request was let in already: the parts of a page each ask, and all ask for the same workspace.
/// Parts that ask at once each look it up: one that waited for another could be waited for by that other, since the
/// renderer polls them as it comes to them. Provided by context, anew for each request.
#[derive(Debug, Clone, Default)]
pub struct Entered(Arc<Mutex<Option<(String, Caller)>>>);

impl Entered {
    /// Who was let in, if anybody was: the server notes what they were refused.
    pub fn caller(&self) -> Option<Caller> {
        let entered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entered.as_ref().map(|(_, caller)| caller.clone())
    }

    fn before(&self, workspace: &str) -> Option<Caller> {
        let entered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entered.as_ref().filter(|(named, _)| named == workspace).map(|(_, caller)| caller.clone())
    }

    fn keep(&self, workspace: &str, caller: &Caller) {
        let mut entered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *entered = Some((workspace.to_owned(), caller.clone()));
    }
}

/// The id of the request, to be quoted when something went wrong. Provided by context.
#[derive(Debug, Clone, Default)]
pub struct TraceId(pub String);

/// The refusal of a form sent without script, taken out of the flash cookie by the server. Provided by context.
#[derive(Debug, Clone)]
pub struct ForwardedFlash(pub Option<ApiError>);

/// The database of this server.
pub fn database() -> Result<Database, ApiError> {
    use_context::<Database>().ok_or_else(|| ApiError::new(Code::Unavailable, ""))
}

/// Who is asking, in this workspace. The same 404 for one that is not there and one that is not theirs.
pub async fn caller(workspace: &str) -> Result<Caller, ApiError> {
    let database = database()?;
    match use_context::<Visitor>().and_then(|visitor| visitor.0) {
        None => Err(refused(Code::Unauthenticated)),
        Some(Identity::Caller(caller)) => Ok(caller),
        Some(Identity::Person(person)) => enter(&database, &person, workspace).await,
    }
}

async fn enter(database: &Database, person: &Person, workspace: &str) -> Result<Caller, ApiError> {
    let entered = use_context::<Entered>().unwrap_or_default();
    if let Some(caller) = entered.before(workspace) {
        return Ok(caller);
    }
    let found = database.enter(person, &WorkspaceRef::parse(workspace)).await?;
    let caller = found.ok_or_else(|| refused(Code::NotFound))?;
    entered.keep(workspace, &caller);
    Ok(caller)
}

/// A transaction for whoever is asking, in this workspace.
pub async fn begin(workspace: &str) -> Result<TenantTx, ApiError> {
    let caller = caller(workspace).await?;
    Ok(database()?.begin(&caller).await?)
}

/// Looks at a repository from outside, before any transaction: it may take its time.
pub async fn inspect(workspace: &str, url: &str) -> Result<Found, ApiError> {
    let caller = caller(workspace).await?;
    let store = use_context::<GitStore>().ok_or_else(|| ApiError::new(Code::Unavailable, ""))?;
    Ok(backend::repositories::inspect(&store, &caller, url).await?)
}

/// What to quote when asking for help with this request.
pub fn trace_id() -> String {
    use_context::<TraceId>().unwrap_or_default().0
}

/// Commits, and says where in the feed the change stands.
pub async fn save<T>(tx: TenantTx, value: T) -> Result<Saved<T>, ApiError> {
    let seq = tx.commit().await?;
    Ok(Saved { value, seq })
}

/// Who is signed in, seen from a workspace or from none.
pub async fn session(workspace: Option<&str>) -> Result<domain::session::Session, ApiError> {
    let database = database()?;
    let identity = use_context::<Visitor>()
        .and_then(|visitor| visitor.0)
        .ok_or_else(|| refused(Code::Unauthenticated))?;
    let workspace = workspace.map(WorkspaceRef::parse);
    Ok(backend::auth::session(&database, &identity, workspace.as_ref()).await?)
}

/// The refusal of the last form, if it was sent without script.
pub fn flash() -> Option<ApiError> {
    use_context::<ForwardedFlash>().and_then(|flash| flash.0)
}

/// Where a form without script leads after success. A browser with script goes there by itself.
pub fn go_to(path: &str) {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(location) = http::HeaderValue::from_str(path)
    {
        response.insert_header(LOCATION, location);
    }
}

/// A field that the form should have had.
pub fn missing(field: &str) -> ApiError {
    let mut error = ApiError::new(Code::Invalid, format!("The field {field} is missing."));
    error.field = Some(field.to_owned());
    error
}

/// Answers with this status: a page that isn't there must not look like one that is.
pub fn answer(status: u16) {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(status)
    {
        response.set_status(status);
    }
}

/// Gives a server function's answer the status of its refusal, where a page's script reads it. A form without script
/// is led back instead, and a page has a status of its own.
pub fn refuse(code: Code) {
    let Some(parts) = use_context::<Parts>() else {
        return;
    };
    let html = parts
        .headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if parts.uri.path().starts_with("/api/fn/") && !html {
        answer(code.status());
    }
}

fn refused(code: Code) -> ApiError {
    refuse(code);
    ApiError::new(code, "")
}

/// Keeps a choice of appearance in cookies, for a year.
pub fn remember(appearance: Appearance) -> Result<(), ApiError> {
    let Some(response) = use_context::<ResponseOptions>() else {
        return Ok(());
    };
    let chosen = [
        ("theme", appearance.theme.0.map(|theme| theme.to_string())),
        ("language", appearance.language.0.map(|language| language.to_string())),
    ];
    for (name, value) in chosen {
        let Some(value) = value else { continue };
        let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
        if let Ok(cookie) = http::HeaderValue::from_str(&cookie) {
            response.append_header(SET_COOKIE, cookie);
        }
    }
    Ok(())
}

/// Language and theme by cookie, else by the browser's headers; the time by the server's clock.
pub fn preferences() -> Preferences {
    let parts = use_context::<Parts>();
    let header =
        |name| parts.as_ref().and_then(|parts| parts.headers.get(name)?.to_str().ok()).unwrap_or_default();
    let cookie = |name: &str| cookie(header(COOKIE), name);
    let language = cookie("language").and_then(|text| text.parse().ok());
    Preferences {
        language: language.unwrap_or_else(|| Language::accepted(header(ACCEPT_LANGUAGE))),
        theme: cookie("theme").and_then(|text| text.parse().ok()).unwrap_or(Theme::System),
        now: use_context::<Database>().map_or(DateTime::UNIX_EPOCH, |database| database.clock().now()),
    }
}

fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
