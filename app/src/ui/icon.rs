//! Icons: a small closed set of strokes on a 20 by 20 grid, inlined as SVG.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Glyph {
    Alert,
    Ban,
    Board,
    Branch,
    Check,
    ChevronDown,
    ChevronUp,
    Circle,
    Clock,
    Close,
    Command,
    Copy,
    Download,
    External,
    File,
    Filter,
    Globe,
    Home,
    Keyboard,
    Layers,
    List,
    Lock,
    More,
    Pause,
    Pencil,
    Play,
    Plus,
    Pulse,
    Repository,
    Retry,
    Search,
    Settings,
    SignOut,
    Square,
    Terminal,
    Trash,
    User,
}

impl Glyph {
    /// The strokes, as one path.
    #[expect(clippy::too_many_lines, reason = "a table: one line or two for each icon")]
    fn path(self) -> &'static str {
        match self {
            Self::Alert => "M10 3.2 18 16.8H2zM10 8.2v3.6M10 14.3v.1",
            Self::Ban => "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4M5 5l10 10",
            Self::Board => {
                "M4.2 3.5h2.6A1.2 1.2 0 0 1 8 4.7v10.6a1.2 1.2 0 0 1-1.2 1.2H4.2A1.2 1.2 0 0 1 3 15.3V4.7a1.2 1.2 0 0 1 1.2-1.2M12.2 3.5h3.6A1.2 1.2 0 0 1 17 4.7v5.6a1.2 1.2 0 0 1-1.2 1.2h-3.6a1.2 1.2 0 0 1-1.2-1.2V4.7a1.2 1.2 0 0 1 1.2-1.2"
            }
            Self::Branch => {
                "M6 6.8v6.4M14 8.8c0 3-4 2.8-7.2 4M6 3.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M6 13.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6M14 5.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6"
            }
            Self::Check => "m4.5 10.5 3.5 3.5 7.5-8",
            Self::ChevronDown => "m5.5 8 4.5 4.5L14.5 8",
            Self::ChevronUp => "m5.5 12.5L10 8l4.5 4.5",
            Self::Circle => "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6",
            Self::Clock => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 6.2V10l2.6 1.8",
            Self::Close => "m5.5 5.5 9 9M14.5 5.5l-9 9",
            Self::Command => "m5 6 4 4-4 4M10.5 14.5H15",
            Self::Copy => {
                "M8.5 7h6A1.5 1.5 0 0 1 16 8.5v6a1.5 1.5 0 0 1-1.5 1.5h-6A1.5 1.5 0 0 1 7 14.5v-6A1.5 1.5 0 0 1 8.5 7M13 7V5.5A1.5 1.5 0 0 0 11.5 4h-6A1.5 1.5 0 0 0 4 5.5v6A1.5 1.5 0 0 0 5.5 13H7"
            }
            Self::Download => "M10 3.5v9M6.2 9.2 10 13l3.8-3.8M4 16.5h12",
            Self::External => {
                "M11.5 4H16v4.5M16 4l-7 7M13.5 11.5v3A1.5 1.5 0 0 1 12 16H5.5A1.5 1.5 0 0 1 4 14.5V8a1.5 1.5 0 0 1 1.5-1.5h3"
            }
            Self::File => {
                "M11 3H6.5A1.5 1.5 0 0 0 5 4.5v11A1.5 1.5 0 0 0 6.5 17h7a1.5 1.5 0 0 0 1.5-1.5V7zM11 3v4h4"
            }
            Self::Filter => "M3.5 5.5h13M6 10h8M8.5 14.5h3",
            Self::Globe => {
                "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M3 10h14M10 3c4 4.4 4 9.6 0 14M10 3C6 7.4 6 12.6 10 17"
            }
            Self::Home => "M3 9.5 10 4l7 5.5V16a1 1 0 0 1-1 1h-4v-5H8v5H4a1 1 0 0 1-1-1z",
            Self::Keyboard => {
                "M4 5.5h12A1.5 1.5 0 0 1 17.5 7v6a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 13V7A1.5 1.5 0 0 1 4 5.5M5.5 8.5h.1M8.5 8.5h.1M11.5 8.5h.1M14.5 8.5h.1M7 11.8h6"
            }
            Self::Layers => "m10 3 7.5 4-7.5 4-7.5-4zM2.8 10.8 10 14.6l7.2-3.8M2.8 13.8 10 17.4l7.2-3.6",
            Self::List => "M7.5 5.5h9M7.5 10h9M7.5 14.5h9M3.5 5.5h.1M3.5 10h.1M3.5 14.5h.1",
            Self::Lock => {
                "M6.1 9h7.8a1.6 1.6 0 0 1 1.6 1.6v4.3a1.6 1.6 0 0 1-1.6 1.6H6.1a1.6 1.6 0 0 1-1.6-1.6v-4.3A1.6 1.6 0 0 1 6.1 9M7 9V6.5a3 3 0 0 1 6 0V9"
            }
            Self::More => "M4.5 10h.1M10 10h.1M15.5 10h.1",
            Self::Pause => "M7 4.5v11M13 4.5v11",
            Self::Pencil => "m12.5 4.5 3 3L7 16l-3.5.5L4 13zM11 6l3 3",
            Self::Play => "M6.5 4.2v11.6l9-5.8z",
            Self::Plus => "M10 4.5v11M4.5 10h11",
            Self::Pulse => "M2.5 10h4l2-5.5 3 11 2-5.5h4",
            Self::Repository => {
                "M5 15.2V4.8A1.8 1.8 0 0 1 6.8 3H15v14H6.8A1.8 1.8 0 0 1 5 15.2M5 15.2a1.8 1.8 0 0 1 1.8-1.8H15M8.5 6.5h3"
            }
            Self::Retry => "M16 10a6 6 0 1 1-1.8-4.3L16 7.4M16 3.6v3.8h-3.8",
            Self::Search => "M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4M12.7 12.7 16.5 16.5",
            Self::Settings => {
                "M10 7.4a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2M10 2.5v2.2M10 15.3v2.2M2.5 10h2.2M15.3 10h2.2M4.7 4.7l1.5 1.5M13.8 13.8l1.5 1.5M15.3 4.7l-1.5 1.5M6.2 13.8l-1.5 1.5"
            }
            Self::SignOut => {
                "M8 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16H8M12.5 13.5 16 10l-3.5-3.5M16 10H8"
            }
            Self::Square => {
                "M6.5 5h7A1.5 1.5 0 0 1 15 6.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 5 13.5v-7A1.5 1.5 0 0 1 6.5 5"
            }
            Self::Terminal => {
                "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9A1.5 1.5 0 0 1 4.5 4M6 8l2.2 2L6 12M10.5 12.5h3"
            }
            Self::Trash => {
                "M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.7 10a1.2 1.2 0 0 0 1.2 1h5.2a1.2 1.2 0 0 0 1.2-1l.7-10M8.5 8.5v5M11.5 8.5v5"
            }
            Self::User => "M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4.5 16.5c.6-2.6 2.7-4 5.5-4s4.9 1.4 5.5 4",
        }
    }
}

/// An icon for the eye alone: the word that it stands for is beside it, or is the name of its control.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
}

/// Our mark.
#[component]
pub fn Mark(#[prop(default = "small")] size: &'static str) -> impl IntoView {
    view! { <span class="mark" data-size=size><Icon glyph=Glyph::Pulse/></span> }
}
