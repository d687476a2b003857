//! A change of the master key: every data key is wrapped anew by the newest, a few at a time, while everything goes on.
//! What was done stays done, so that a rotation that was cut off is simply begun again.

use super::{rules, sql};
use crate::audit::{self, By, Event, HOUSE};
use domain::audit::Action;
use tenancy::{Database, StoreError};
use vault::MasterKeys;

/// Data keys that are wrapped anew in one transaction.
const BATCH: i64 = 100;

/// What a rotation came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    pub rewrapped: u64,
    /// Those that none of the given master keys opens. They stay as they were.
    pub unopened: u64,
}

/// Wraps every data key with the newest master key.
pub async fn rotate(database: &Database, keys: &MasterKeys) -> Result<Rotation, StoreError> {
    let mut rotation = Rotation::default();
    let mut after = None;
    loop {
        let (batch, last) = one_batch(database, keys, after).await?;
        rotation.rewrapped += batch.rewrapped;
        rotation.unopened += batch.unopened;
        if last.is_none() {
            break;
        }
        after = last;
    }
    if rotation != Rotation::default() {
        let mut tx = database.auth().await?;
        let said = format!("{} rewrapped, {} unopened", rotation.rewrapped, rotation.unopened);
        let event = Event::new(Action::PolicyChanged).on_all("master_key").saying(&said);
        audit::record_in(&mut tx, HOUSE, By::Operator, event).await?;
        tx.commit().await?;
    }
    Ok(rotation)
}

/// How many data keys need a master key that was not given: what they seal can't be opened.
pub async fn under_unknown_keys(database: &Database, keys: &MasterKeys) -> Result<i64, StoreError> {
    let known: Vec<String> = keys.ids().map(|id| id.as_str().to_owned()).collect();
    sql::under_other_keys(&mut database.work().await?, &known).await
}

/// The rows of a batch are locked, so that two rotations at once share the work.
async fn one_batch(
    database: &Database,
    keys: &MasterKeys,
    after: Option<sql::KeyPlace>,
) -> Result<(Rotation, Option<sql::KeyPlace>), StoreError> {
    let mut tx = database.work().await?;
    let batch = sql::stale(&mut tx, keys.newest(), after, BATCH).await?;
    let last = batch.last().map(|key| (key.workspace, key.stored.id));
    let mut rotation = Rotation::default();
    for key in batch {
        let place = (key.workspace, key.stored.id);
        match keys.rewrap(key.stored.id, key.workspace, &key.stored.wrapped) {
            Ok(wrapped) => {
                sql::rewrap(&mut tx, place, &wrapped).await?;
                rotation.rewrapped += 1;
            }
            Err(reason) => {
                sql::mark_unopened(&mut tx, place, rules::reason(reason)).await?;
                rotation.unopened += 1;
            }
        }
    }
    tx.commit().await?;
    Ok((rotation, last))
}
