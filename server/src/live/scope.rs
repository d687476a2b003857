//! Which scope shows which entity of the feed. What is not named here is shown to nobody.

use domain::UserId;
use domain::session::Scope;
use tenancy::Caller;

/// Every entity that the feed may carry.
const ENTITIES: [(&str, Scope); 8] = [
    ("task", Scope::TasksRead),
    ("execution", Scope::TasksRead),
    ("repository", Scope::TasksRead),
    ("saved_view", Scope::TasksRead),
    ("comment", Scope::TasksRead),
    ("ask", Scope::TasksRead),
    ("lead", Scope::LeadsRead),
    ("integration", Scope::IntegrationsRead),
];

/// The scope that an entity's changes need.
pub fn of(entity: &str) -> Option<Scope> {
    ENTITIES.iter().find(|(name, _)| *name == entity).map(|(_, scope)| *scope)
}

/// Whether a caller may see a change of this entity, for this audience where it has one.
pub fn shows(caller: &Caller, entity: &str, audience: Option<UserId>) -> bool {
    of(entity).is_some_and(|scope| caller.may(scope))
        && audience.is_none_or(|user| caller.user() == Some(user))
}

/// The names, for the sentence that refuses another.
pub fn names() -> String {
    ENTITIES.map(|(name, _)| name).join(", ")
}
