//! Every word on screen, in every language, in one place per capability.
//!
//! A capability's file names each string once, with both languages beside each other: `key: "English" | "Dansk"`.
//! A key that one language lacks does not compile. Pages call [`strings`] and never spell words themselves.

use crate::api::preferences::{Language, Preferences};
use leptos::prelude::*;

/// One capability's strings: a struct of texts and one value of it per language.
macro_rules! strings {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $en:literal | $da:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name { $(pub $key: &'static str),+ }
        impl $name {
            pub(super) const EN: Self = Self { $($key: $en),+ };
            pub(super) const DA: Self = Self { $($key: $da),+ };
        }
    };
}

mod activity;
mod asks;
mod board;
mod common;
mod home;
mod notices;
mod publish;
mod repositories;
mod review;
mod room;
mod schedules;
mod session;
mod settings;
mod shell;
mod switcher;
mod tasks;
mod templates;
mod views;
mod words;
mod work;

/// Everything that one language says.
#[derive(Debug)]
pub struct Strings {
    pub language: Language,
    pub activity: activity::Activity,
    pub asks: asks::Asks,
    pub board: board::Board,
    pub common: common::Common,
    pub home: home::Home,
    pub notices: notices::Notices,
    pub publish: publish::Publish,
    pub repositories: repositories::Repositories,
    pub review: review::Review,
    pub room: room::Room,
    pub schedules: schedules::Schedules,
    pub session: session::Session,
    pub settings: settings::Settings,
    pub shell: shell::Shell,
    pub switcher: switcher::Switcher,
    pub tasks: tasks::Tasks,
    pub templates: templates::Templates,
    pub views: views::Views,
    pub words: words::Words,
    pub work: work::Work,
}

static EN: Strings = Strings {
    language: Language::English,
    activity: activity::Activity::EN,
    asks: asks::Asks::EN,
    board: board::Board::EN,
    common: common::Common::EN,
    home: home::Home::EN,
    notices: notices::Notices::EN,
    publish: publish::Publish::EN,
    repositories: repositories::Repositories::EN,
    review: review::Review::EN,
    room: room::Room::EN,
    schedules: schedules::Schedules::EN,
    session: session::Session::EN,
    settings: settings::Settings::EN,
    shell: shell::Shell::EN,
    switcher: switcher::Switcher::EN,
    tasks: tasks::Tasks::EN,
    templates: templates::Templates::EN,
    views: views::Views::EN,
    words: words::Words::EN,
    work: work::Work::EN,
};

static DA: Strings = Strings {
    language: Language::Danish,
    activity: activity::Activity::DA,
    asks: asks::Asks::DA,
    board: board::Board::DA,
    common: common::Common::DA,
    home: home::Home::DA,
    notices: notices::Notices::DA,
    publish: publish::Publish::DA,
    repositories: repositories::Repositories::DA,
    review: review::Review::DA,
    room: room::Room::DA,
    schedules: schedules::Schedules::DA,
    session: session::Session::DA,
    settings: settings::Settings::DA,
    shell: shell::Shell::DA,
    switcher: switcher::Switcher::DA,
    tasks: tasks::Tasks::DA,
    templates: templates::Templates::DA,
    views: views::Views::DA,
    words: words::Words::DA,
    work: work::Work::DA,
};

impl Strings {
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &EN,
            Language::Danish => &DA,
        }
    }
}

/// The strings of this page's language.
pub fn strings() -> &'static Strings {
    let language = use_context::<Preferences>().map(|preferences| preferences.language);
    Strings::of(language.unwrap_or_default())
}
