//! What opens over any page, or hears beside it: one chunk of code for all of it, so that pages share less with it.

use leptos::prelude::*;

use super::{notices, switcher};
use crate::features::tasks::composer;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Over {
    /// Only to be fetched.
    Nothing,
    Composer(RwSignal<bool>),
    Switcher(RwSignal<bool>),
    Notices,
}

#[leptos::lazy]
pub fn over(what: Over) -> AnyView {
    match what {
        Over::Nothing => ().into_any(),
        Over::Composer(open) => composer::written(open),
        Over::Switcher(open) => switcher::opened(open),
        Over::Notices => notices::hearing(),
    }
}
