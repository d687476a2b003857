//! Our kit: small parts that every page is made of.
//!
//! Native elements do the hard half (`dialog`, `details`, form validation). What varies is a closed enum that becomes
//! `data-variant`, `data-size` or `data-tone`; looks are in `style/ui/`. Browser APIs are called only here and in
//! `live/`, and only from effects and handlers, so that everything also renders on a server.

pub mod ask;
pub mod avatar;
pub mod banner;
pub mod button;
pub mod chart;
pub mod dialog;
pub mod document;
pub mod empty;
pub mod field;
pub mod icon;
pub mod keys;
pub mod menu;
pub mod notification;
pub mod popover;
pub mod segment;
pub mod skeleton;
pub mod status;
pub mod time;
pub mod toast;
pub mod windowed;

/// What a thing is doing, as a colour. A word or an icon always stands beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    #[default]
    Idle,
    Run,
    Wait,
    Good,
    Bad,
    Accent,
}

impl Tone {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Run => "run",
            Self::Wait => "wait",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Accent => "accent",
        }
    }
}
