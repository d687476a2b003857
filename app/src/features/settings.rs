//! Settings: how things look, which language they speak, who is signed in.

mod notifications;
pub mod schedules;
pub mod templates;
pub mod work;

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::ApiError;
use crate::api::preferences::{Language, Preferences, Theme};
use crate::api::session::{Appearance, SessionView, SetAppearance, set_appearance};
use crate::features::frame::{Crumb, Head};
use crate::features::place::{self, SignedIn};
use crate::features::session::SignOut;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{Size, Submit};
use crate::ui::document;
use crate::ui::skeleton::Skeleton;
use crate::ui::time::date;

/// `/w/{slug}/settings`.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let words = &strings().settings;
    let SignedIn(session) = expect_context::<SignedIn>();
    view! {
        <Head title=words.title.to_owned()/>
        <main id="main" class="content" tabindex="-1">
            <div class="settings">
                <section aria-label=words.appearance>
                    <h2>{words.appearance}</h2>
                    <div>
                        <ThemeSetting/>
                        <LanguageSetting/>
                    </div>
                </section>
                <notifications::Notifications/>
                <Pages/>
                <Transition fallback=|| view! { <Skeleton/> }>
                    {move || Suspend::new(async move {
                        match session.await {
                            Ok(view) => view! { <Account view/> }.into_any(),
                            Err(error) => view! { <Problem error/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </main>
    }
}

/// The pages below this one.
#[component]
fn Pages() -> impl IntoView {
    let words = strings();
    let link = |href, text: &'static str| view! { <a class="setting" href=href>{text}</a> };
    view! {
        <nav class="setting-pages" aria-label=words.settings.workspace>
            {link(place::path("/settings/tasks"), words.work.title)}
            {link(place::path("/settings/templates"), words.templates.title)}
            {link(place::path("/settings/schedules"), words.schedules.title)}
        </nav>
    }
}

/// The head of a page below this one.
#[component]
pub(crate) fn Crumbs(title: &'static str) -> impl IntoView {
    let crumb = Crumb { text: strings().settings.title, href: place::path("/settings") };
    view! { <Head title=title.to_owned() crumb/> }
}

/// The refusal of one form among several that share an action, not of another on the page: `of` says whose form was
/// sent. An action forgets what was sent once it is answered, so that is kept here.
pub(crate) fn refusal<Act, Id>(
    save: ServerAction<Act>,
    of: fn(&Act) -> Option<Id>,
    own: Option<Id>,
) -> Signal<Option<ApiError>>
where
    Act: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    Act::Output: Clone + Send + Sync + 'static,
    Id: Copy + PartialEq + Send + Sync + 'static,
{
    let sent = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(input) = save.input().get() {
            sent.set(Some(of(&input)));
        }
    });
    Signal::derive(move || {
        let error = save.value().get().and_then(Result::err)?;
        (sent.get() == Some(own)).then_some(error)
    })
}

/// Shows a theme at once, and has the server remember it.
pub(crate) fn choose_theme(theme: Theme) {
    document::show_theme(theme);
    leptos::task::spawn_local(async move {
        // The theme already shows; a cookie that could not be set is set by the next choice.
        drop(set_appearance(Appearance { theme: Some(theme).into(), ..Appearance::default() }).await);
    });
}

/// With script a choice shows at once; without, the button sends it and the page comes back with it.
#[component]
fn ThemeSetting() -> impl IntoView {
    let words = &strings().settings;
    let now = use_context::<Preferences>().map(|preferences| preferences.theme).unwrap_or_default();
    let name = |theme| match theme {
        Theme::System => words.theme_system,
        Theme::Light => words.theme_light,
        Theme::Dark => words.theme_dark,
    };
    let choose = move |event: leptos::ev::Event| {
        if let Ok(theme) = event_target_value(&event).parse::<Theme>() {
            choose_theme(theme);
        }
    };
    view! {
        <form class="setting" method="post" action=SetAppearance::url()>
            <div>
                <h3 id="theme">{words.theme}</h3>
                <p>{words.theme_help}</p>
            </div>
            <div class="segment" role="radiogroup" aria-labelledby="theme" on:change=choose>
                {Theme::ALL
                    .into_iter()
                    .map(|theme| {
                        view! {
                            <label>
                                <input type="radio" name="appearance[theme]" value=theme.as_str() checked=theme == now/>
                                {name(theme)}
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            <span class="no-script"><Submit size=Size::Small>{words.apply}</Submit></span>
        </form>
    }
}

/// A language is chosen by the server: the page comes back in it.
#[component]
fn LanguageSetting() -> impl IntoView {
    let words = &strings().settings;
    let now = strings().language;
    view! {
        <form class="setting" method="post" action=SetAppearance::url()>
            <div>
                <h3>{words.language}</h3>
                <p>{words.language_help}</p>
            </div>
            <select class="input" data-size="small" name="appearance[language]" aria-label=words.language>
                {Language::ALL
                    .into_iter()
                    .map(|language| {
                        view! {
                            <option value=language.as_str() lang=language.as_str() selected=language == now>
                                {language.name()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <Submit size=Size::Small>{words.apply}</Submit>
        </form>
    }
}

#[component]
fn Account(view: SessionView) -> impl IntoView {
    let words = strings();
    let text = &words.settings;
    let session = view.session;
    let until = session.expires_at.map(|at| {
        view! { <p>{text.until} " " {date(at, words.language)}</p> }
    });
    view! {
        {session.workspace.map(|workspace| {
            view! {
                <section aria-label=text.workspace>
                    <h2>{text.workspace}</h2>
                    <dl class="properties setting">
                        <dt>{text.workspace_name}</dt>
                        <dd>{workspace.name}</dd>
                        <dt>{text.workspace_address}</dt>
                        <dd><code>"/w/" {workspace.slug}</code></dd>
                        <dt>{text.your_role}</dt>
                        <dd>{session.role.map(|role| words.words.role(role))}</dd>
                    </dl>
                </section>
            }
        })}
        <section aria-label=text.account>
            <h2>{text.account}</h2>
            <div class="setting">
                <div>
                    <h3>{session.user.map(|user| user.email)}</h3>
                    {until}
                </div>
                <SignOut/>
            </div>
        </section>
    }
}
