//! Who is in the workspace, for assignees: their names and their initials.

use domain::UserId;
use domain::session::Member;
use leptos::prelude::*;

use crate::ui::avatar::Avatar;

/// The members. From context of a page of tasks.
#[derive(Debug, Clone, Copy)]
pub struct People {
    pub all: RwSignal<Vec<Member>>,
}

impl People {
    pub fn name(self, id: UserId) -> Option<String> {
        self.all.with(|all| all.iter().find(|member| member.user_id == id).map(called))
    }
}

/// What a member is called: by name, else by address.
pub fn called(member: &Member) -> String {
    if member.name.is_empty() { member.email.clone() } else { member.name.clone() }
}

/// The initials of somebody, where they are known.
#[component]
pub fn Face(id: UserId) -> impl IntoView {
    let people = expect_context::<People>();
    move || people.name(id).map(|name| view! { <Avatar name/> })
}
