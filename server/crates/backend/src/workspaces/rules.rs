//! Who may give and take which role. Pure.

use domain::UserId;
use domain::session::Role;

/// Days that an invitation can be used.
pub(super) const INVITATION_DAYS: i64 = 7;
/// The most invitations that a workspace may have open.
pub(super) const INVITATIONS: i64 = 200;

/// Nobody hands out a role above their own.
pub(super) fn may_give(own: Role, wanted: Role) -> Result<(), &'static str> {
    if wanted == Role::System {
        return Err("must be one of viewer, member, admin, owner");
    }
    if wanted > own { Err("must not be above your own role") } else { Ok(()) }
}

/// Nobody changes somebody who stands above them.
pub(super) fn may_touch(own: Role, theirs: Role) -> bool {
    theirs <= own
}

/// Whether the workspace has an owner left when this member has `then`, or is gone.
pub(super) fn has_owner(members: &[(UserId, Role)], member: UserId, then: Option<Role>) -> bool {
    let others = members.iter().any(|(user, role)| *user != member && *role == Role::Owner);
    others || then == Some(Role::Owner)
}

/// The roles of keys that somebody with this role may not have made.
pub(super) fn above(role: Role) -> Vec<&'static str> {
    let all = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
    all.into_iter().filter(|known| *known > role).map(Role::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn roles_are_given_and_taken_downwards() {
        for (own, wanted, good) in [
            (Role::Admin, Role::Admin, true),
            (Role::Admin, Role::Owner, false),
            (Role::Owner, Role::Owner, true),
            (Role::Owner, Role::System, false),
            (Role::System, Role::Owner, true),
            (Role::System, Role::System, false),
        ] {
            assert_eq!(may_give(own, wanted).is_ok(), good, "{own} {wanted}");
        }
        assert!(!may_touch(Role::Admin, Role::Owner) && may_touch(Role::Admin, Role::Admin));
        assert_eq!(above(Role::Member), ["admin", "owner"]);
        assert!(above(Role::Owner).is_empty());
    }

    #[test]
    fn an_owner_is_left() {
        let (a, b) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let one = [(a, Role::Owner), (b, Role::Admin)];
        let two = [(a, Role::Owner), (b, Role::Owner)];
        for (members, member, then, good) in [
            (&one, a, None, false),
            (&one, a, Some(Role::Admin), false),
            (&one, a, Some(Role::Owner), true),
            (&one, b, None, true),
            (&two, a, None, true),
            (&two, a, Some(Role::Viewer), true),
        ] {
            assert_eq!(has_owner(members, member, then), good, "{member} {then:?}");
        }
    }
}
