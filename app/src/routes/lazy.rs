//! Pages that the browser fetches when they are first opened, each as a chunk of its own. They are fetched ahead as
//! soon as the first page is quiet, so that a tap without network still opens them.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::features::{home, repositories, room, session, settings, tasks};

macro_rules! lazy_pages {
    ($($name:ident => $page:path),+ $(,)?) => {$(
        #[derive(Debug)]
        pub struct $name;

        #[lazy_route]
        impl LazyRoute for $name {
            fn data() -> Self {
                Self
            }

            fn view(_page: Self) -> AnyView {
                $page().into_any()
            }
        }
    )+

        /// Fetches every chunk.
        pub async fn fetch_all() {
            $(<$name as LazyRoute>::preload().await;)+
        }
    };
}

lazy_pages! {
    Board => tasks::TasksPage,
    Composer => tasks::composer::ComposerPage,
    EditRepository => repositories::EditPage,
    Home => home::HomePage,
    Link => session::LinkPage,
    Login => session::LoginPage,
    NewRepository => repositories::NewPage,
    Repositories => repositories::RepositoriesPage,
    Room => room::RoomPage,
    Schedules => settings::schedules::SchedulesPage,
    Settings => settings::SettingsPage,
    Templates => settings::templates::TemplatesPage,
    Work => settings::work::WorkPage,
}
