//! Landlock: what paths may be touched, enforced by the kernel even where a mount was forgotten.

use super::policy::Restriction;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use std::path::Path;

/// What is asked for; a kernel that knows less gives what it has.
const WANTED: ABI = ABI::V7;
/// Devices that programs may write to.
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];

pub(crate) fn available() -> bool {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create)
        .is_ok()
}

/// Restricts this process and all it becomes. False where the kernel enforces nothing.
pub(super) fn restrict(restriction: &Restriction) -> Result<bool, RulesetError> {
    let mut ruleset =
        Ruleset::default().handle_access(AccessFs::from_all(WANTED))?.scope(Scope::from_all(WANTED))?;
    if !restriction.network {
        ruleset = ruleset.handle_access(AccessNet::from_all(WANTED))?;
    }
    let read = AccessFs::from_read(WANTED);
    let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let mut created = ruleset.create()?;
    for path in &restriction.readable {
        created = allow(created, path, read)?;
    }
    for path in &restriction.writable {
        created =
            allow(created, path, AccessFs::from_all(WANTED) & !AccessFs::MakeBlock & !AccessFs::MakeChar)?;
    }
    for path in DEVICES {
        created = allow(created, Path::new(path), device)?;
    }
    Ok(created.restrict_self()?.ruleset != RulesetStatus::NotEnforced)
}

/// A path that is not there needs no rule: what has none is refused.
fn allow(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(ruleset);
    };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(WANTED) };
    ruleset.add_rule(PathBeneath::new(opened, access))
}
