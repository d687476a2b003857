//! Secrets of a workspace, sealed by the vault: stored, replaced and used, and never shown again.
//!
//! It owns the data keys and what they seal. What a secret is for is the business of whoever stores it. One that can't
//! be opened is in quarantine: it is listed and can be replaced, and no list fails for it.
//! Start reading at [`store`], then [`open`]; [`rotate`](fn@rotate) changes the master key under all of them.

mod rotate;
mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::audit::{self, Event};
use domain::audit::Action;
use domain::permission::Permission;
use domain::secrets::{SecretInfo, Unopened};
use domain::{SecretId, text};
use tenancy::{StoreError, TenantTx};
use vault::{DataKey, MasterKeys, Plain};

pub use rotate::{Rotation, rotate, under_unknown_keys};

crate::error::capability_error! {
    /// Why something could not be done with a secret.
    SecretError, "secret"
}

/// The longest secret: a certificate with its chain fits.
pub const LARGEST: usize = 64 * 1024;

/// What came of opening a secret.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    Plain(Plain),
    /// It is in quarantine from now on, once the transaction is committed.
    Quarantined(Unopened),
}

/// Seals and stores a secret.
pub async fn store(
    tx: &mut TenantTx,
    keys: &MasterKeys,
    name: &str,
    plain: &Plain,
) -> Result<SecretInfo, SecretError> {
    tx.caller().require(Permission::SecretWrite)?;
    let name = text::line(name, 100).map_err(|reason| SecretError::invalid("name", reason))?;
    rules::size(plain).map_err(|reason| SecretError::invalid("secret", reason))?;
    let key = usable_key(tx, keys).await?;
    let id: SecretId = tx.ids().make();
    let sealed = key.seal(&rules::place(id), plain);
    let stored = sql::insert(tx, id, &name, (&key, &sealed)).await?;
    audit::record(tx, Event::new(Action::SecretStored).on("secret", id.0)).await?;
    Ok(stored)
}

/// Puts another in its place; this also ends a quarantine.
pub async fn replace(
    tx: &mut TenantTx,
    keys: &MasterKeys,
    id: SecretId,
    plain: &Plain,
) -> Result<SecretInfo, SecretError> {
    tx.caller().require(Permission::SecretWrite)?;
    rules::size(plain).map_err(|reason| SecretError::invalid("secret", reason))?;
    let key = usable_key(tx, keys).await?;
    let sealed = key.seal(&rules::place(id), plain);
    let stored = sql::replace(tx, id, (&key, &sealed)).await?.ok_or(SecretError::NotFound)?;
    audit::record(tx, Event::new(Action::SecretStored).on("secret", id.0)).await?;
    Ok(stored)
}

/// Opens a secret for use. Commit afterwards, also where it is [`Opened::Quarantined`]: that is noted with it.
pub async fn open(tx: &mut TenantTx, keys: &MasterKeys, id: SecretId) -> Result<Opened, SecretError> {
    tx.caller().require(Permission::SecretUse)?;
    let row = sql::find(tx, id).await?.ok_or(SecretError::NotFound)?;
    let key = keys.unwrap(row.key.id, tx.caller().workspace(), &row.key.wrapped);
    let opened = key.and_then(|key| key.open(&rules::place(id), &row.sealed));
    let (opened, event) = match opened {
        Ok(plain) => {
            sql::used(tx, id).await?;
            (Opened::Plain(plain), Event::new(Action::SecretUsed))
        }
        Err(reason) => {
            let reason = rules::reason(reason);
            sql::quarantine(tx, id, reason).await?;
            let event = Event::new(Action::SecretQuarantined).saying(reason.as_str());
            (Opened::Quarantined(reason), event.refused())
        }
    };
    audit::record(tx, event.on("secret", id.0)).await?;
    Ok(opened)
}

/// The workspace's secrets, newest first: what they are for, and whether they can be opened.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<SecretInfo>, SecretError> {
    tx.caller().require(Permission::SecretRead)?;
    Ok(sql::list(tx).await?)
}

pub async fn remove(tx: &mut TenantTx, id: SecretId) -> Result<(), SecretError> {
    tx.caller().require(Permission::SecretWrite)?;
    if !sql::delete(tx, id).await? {
        return Err(SecretError::NotFound);
    }
    Ok(audit::record(tx, Event::new(Action::SecretRemoved).on("secret", id.0)).await?)
}

/// The workspace's data key, made where there is none yet.
async fn usable_key(tx: &mut TenantTx, keys: &MasterKeys) -> Result<DataKey, SecretError> {
    let workspace = tx.caller().workspace();
    if sql::data_key(tx).await?.is_none() {
        let (made, wrapped) = keys.make_data_key(tx.ids().make(), workspace);
        sql::insert_data_key(tx, made.id(), &wrapped).await?;
    }
    // Read again: two transactions may both have found none, and one of them made it.
    let stored = sql::data_key(tx).await?.ok_or_else(lost)?;
    keys.unwrap(stored.id, workspace, &stored.wrapped).map_err(|_| {
        SecretError::Conflict(
            "the key of this workspace can't be opened: the operator has to give the master key it was wrapped with"
                .to_owned(),
        )
    })
}

fn lost() -> StoreError {
    StoreError::Corrupt("a data key that was just made is not there".to_owned())
}
