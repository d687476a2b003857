//! How a workspace works: whether urgent tasks may pause others, how results are published.
//!
//! It owns the choices and their limits; what follows from them is the business of whoever asks for them.
//! Start reading at [`update`].

mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::audit::{self, Event};
use domain::audit::Action;
use domain::permission::Permission;
use domain::settings::{Settings, SettingsPatch};
use tenancy::leases::{self, Preemption};
use tenancy::{StoreError, TenantTx};

crate::error::capability_error! {
    /// Why the settings could not be changed.
    SettingsError, "workspace"
}

/// The workspace's settings; the defaults where nothing was chosen yet.
pub async fn get(tx: &mut TenantTx) -> Result<Settings, SettingsError> {
    tx.caller().require(Permission::SettingsRead)?;
    Ok(current(tx).await?)
}

/// As [`get`], for other capabilities, whose own right was asked for.
pub(crate) async fn current(tx: &mut TenantTx) -> Result<Settings, StoreError> {
    Ok(sql::find(tx).await?.unwrap_or_default())
}

/// Changes some fields. With `version`, a field that another changed since then to something else is a conflict.
pub async fn update(tx: &mut TenantTx, patch: SettingsPatch) -> Result<Settings, SettingsError> {
    tx.caller().require(Permission::SettingsWrite)?;
    sql::ensure(tx, &Settings::default()).await?;
    let (before, mut versions) = sql::lock(tx).await?;
    let seen = patch.version;
    let mut settings = before.clone();
    rules::apply(&mut settings, patch)?;
    let wishes = rules::wishes(&before, &settings);
    let conflicts = crate::patch::conflicts(&wishes, &versions, seen);
    if !conflicts.is_empty() {
        return Err(SettingsError::Changed(conflicts));
    }
    if crate::patch::note(&wishes, &mut versions, before.version + 1) {
        settings.version = before.version + 1;
        sql::update(tx, &settings, &versions).await?;
    }
    if before.preempt != settings.preempt {
        let allowed = if settings.preempt { Preemption::Allowed } else { Preemption::Refused };
        leases::allow_preemption(tx, allowed).await?;
    }
    if before.version != settings.version {
        audit::record(tx, Event::new(Action::PolicyChanged).on_all("settings")).await?;
    }
    Ok(settings)
}
