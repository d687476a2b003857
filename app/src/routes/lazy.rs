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
            Room::preload().await;
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
    Schedules => settings::schedules::SchedulesPage,
    Settings => settings::SettingsPage,
    Templates => settings::templates::TemplatesPage,
    Work => settings::work::WorkPage,
}

/// A task's room comes in several chunks: the page is here, its [`parts`](room::parts) are the room's own. All are there
/// before the page is drawn, so that it is taken over in one go.
#[derive(Debug)]
pub struct Room;

impl LazyRoute for Room {
    fn data() -> Self {
        Self
    }

    async fn view(_page: Self) -> AnyView {
        room::parts().await;
        room_view(Ask::Show).await
    }

    async fn preload() {
        room::parts().await;
        room_view(Ask::Fetch).await;
    }
}

/// Asked for nothing, a lazy function is only fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Fetch,
    Show,
}

#[lazy]
fn room_view(ask: Ask) -> AnyView {
    match ask {
        Ask::Fetch => ().into_any(),
        Ask::Show => room::RoomPage().into_any(),
    }
}
