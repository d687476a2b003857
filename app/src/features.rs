//! One folder per capability: its page, its parts, its form.

pub mod home;
