//! A person's own sessions: where they are signed in, and how to end it there. What is ended is refused by the very
//! next request, and its sockets are closed when those who listen are looked at next.

use super::{AuthError, rules, sql};
use crate::audit::{self, By, Event, HOUSE};
use domain::audit::Action;
use domain::session::SessionInfo;
use domain::{SessionId, UserId};
use tenancy::{AuthTx, Person, Secret, StoreError};

/// The sessions that can still be used, the one that asks first, then by last use.
pub async fn list(tx: &mut AuthTx, person: &Person) -> Result<Vec<SessionInfo>, StoreError> {
    let rows = sql::sessions::open_of(tx, person.user()).await?;
    let mut sessions: Vec<SessionInfo> = rows
        .into_iter()
        .map(|row| SessionInfo {
            id: row.id,
            current: row.id == person.session(),
            device: rules::device(&row.user_agent),
            address: row.address,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
        })
        .collect();
    sessions.sort_by_key(|session| !session.current);
    Ok(sessions)
}

/// Ends one of the person's own sessions. Somebody else's is not there.
pub async fn revoke(tx: &mut AuthTx, person: &Person, session: SessionId) -> Result<(), AuthError> {
    if end(tx, person.user(), session).await? { Ok(()) } else { Err(AuthError::NotFound) }
}

/// Ends every session of the person but the one that asks.
pub async fn revoke_others(tx: &mut AuthTx, person: &Person) -> Result<usize, StoreError> {
    let sessions = sql::sessions::open_of(tx, person.user()).await?;
    let others = sessions.into_iter().filter(|row| row.id != person.session());
    let mut ended = 0;
    for row in others {
        ended += usize::from(end(tx, person.user(), row.id).await?);
    }
    Ok(ended)
}

/// Gives the session that asks another token, because what the person may do has just changed. The one before opens
/// nothing any more.
pub async fn rotate(tx: &mut AuthTx, person: &Person) -> Result<Secret, StoreError> {
    let token = Secret::make("");
    sql::sessions::set_token(tx, person.session(), &token.digest()).await?;
    Ok(token)
}

/// Ends the session whose cookie a browser still held when it signed in anew: an old one is never left behind, and
/// never taken over.
pub async fn replace(tx: &mut AuthTx, before: &Secret) -> Result<(), StoreError> {
    match sql::sessions::by_token(tx, &before.digest()).await? {
        Some((user, session)) => end(tx, user, session).await.map(|_| ()),
        None => Ok(()),
    }
}

/// `false` where this person has no such session that could still be used.
pub(super) async fn end(tx: &mut AuthTx, user: UserId, session: SessionId) -> Result<bool, StoreError> {
    let now = tx.now();
    let Some(last) = sql::sessions::revoke(tx, user, session, now).await? else {
        return Ok(false);
    };
    let event = Event::new(Action::SessionRevoked).on("session", session.0);
    audit::record_in(tx, last.unwrap_or(HOUSE), By::Person(user), event).await?;
    Ok(true)
}
