//! One folder per capability: its page, its parts, its forms.

pub mod frame;
pub mod home;
pub mod missing;
pub mod place;
pub mod repositories;
pub mod room;
pub mod session;
pub mod settings;
pub mod tasks;
