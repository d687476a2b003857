//! Pages that the browser fetches when they are first opened, each as a chunk of its own. They are fetched ahead as
//! soon as the first page is quiet, so that a tap without network still opens them; what is not here then is waited for
//! by [`away`](super::away), which says so.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use super::away::Opening;
use crate::features::{frame, home, repositories, room, session, settings, tasks};

/// Asked for nothing, a lazy function is only fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Fetch,
    Show,
}

/// Pages by their chunk. Those that are near each other share one: what several chunks share is cut into pieces of its
/// own, and every chunk more makes more of them to fetch.
macro_rules! lazy_pages {
    ($($chunk:ident { $($name:ident => $page:path),+ $(,)? })+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Page { $($($name),+),+ }

        $($(
            #[derive(Debug)]
            pub struct $name;

            impl LazyRoute for $name {
                fn data() -> Self {
                    Self
                }

                async fn view(_page: Self) -> AnyView {
                    $chunk(Some(Page::$name)).await
                }

                async fn preload() {
                    let opening = Opening::begin();
                    $chunk(None).await;
                    opening.end();
                }
            }
        )+

        #[lazy]
        fn $chunk(page: Option<Page>) -> AnyView {
            match page {
                $(Some(Page::$name) => $page().into_any(),)+
                // Asked for nothing, it is only fetched.
                _ => ().into_any(),
            }
        }
        )+

        /// Fetches every chunk.
        pub async fn fetch_all() {
            $($chunk(None).await;)+
            room::parts().await;
            room_view(Ask::Fetch).await;
            tasks::parts().await;
            frame::parts().await;
        }
    };
}

lazy_pages! {
    board_page {
        Board => tasks::TasksPage,
    }
    composer_page {
        Composer => tasks::composer::ComposerPage,
    }
    home_page {
        Home => home::HomePage,
    }
    repository_pages {
        EditRepository => repositories::EditPage,
        NewRepository => repositories::NewPage,
        Repositories => repositories::RepositoriesPage,
    }
    session_pages {
        Link => session::LinkPage,
        Login => session::LoginPage,
    }
    settings_pages {
        Schedules => settings::schedules::SchedulesPage,
        Settings => settings::SettingsPage,
        Templates => settings::templates::TemplatesPage,
        Work => settings::work::WorkPage,
    }
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
        let opening = Opening::begin();
        room::parts().await;
        room_view(Ask::Fetch).await;
        opening.end();
    }
}

#[lazy]
fn room_view(ask: Ask) -> AnyView {
    match ask {
        Ask::Fetch => ().into_any(),
        Ask::Show => room::RoomPage().into_any(),
    }
}
