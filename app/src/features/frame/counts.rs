//! How many tasks there are, for the navigation and Home; counted again shortly after tasks have changed.

use std::time::Duration;

use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::tasks::{Counts, count_tasks};
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;

/// A burst of changes is counted once.
const REST: Duration = Duration::from_millis(800);

/// The counts of this workspace. From context.
#[derive(Debug, Clone, Copy)]
pub struct Counted(pub Resource<Result<Counts, ApiError>>);

impl Counted {
    pub fn load(slug: Memo<String>, live: Live) -> Self {
        let stale = RwSignal::new(0_u32);
        let waiting = StoredValue::new(false);
        let resource = Resource::new(
            move || (slug.get(), stale.get(), live.generation.get()),
            |(slug, _, _)| count_tasks(slug),
        );
        let tasks = live.lists.tasks();
        Effect::new(move |ran: Option<()>| {
            tasks.track();
            // The first run only begins to listen, and a count that is already due counts this change as well.
            if ran.is_none() || waiting.try_get_value().unwrap_or(true) {
                return;
            }
            waiting.set_value(true);
            set_timeout(
                move || {
                    waiting.try_update_value(|waiting| *waiting = false);
                    stale.try_update(|count| *count = count.wrapping_add(1));
                },
                REST,
            );
        });
        Self(resource)
    }
}
