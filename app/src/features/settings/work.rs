//! How tasks are worked on in this workspace: what may be paused for what, and how results are published.

use domain::settings::{BRANCH_TEMPLATE, Settings};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::Crumbs;
use crate::api::settings::{SaveSettings, get_settings};
use crate::features::place;
use crate::strings::strings;
use crate::ui::banner::{FormProblem, Problem};
use crate::ui::button::{Submit, Variant};
use crate::ui::field::{Hidden, Label, TextField};
use crate::ui::skeleton::Skeleton;
use crate::ui::toast::Toasts;

/// `/w/{slug}/settings/tasks`.
#[component]
pub fn WorkPage() -> impl IntoView {
    let words = &strings().work;
    let slug = place::slug();
    let save = ServerAction::<SaveSettings>::new();
    let settings = Resource::new(move || (slug.get(), save.version().get()), |(slug, _)| get_settings(slug));
    view! {
        <Crumbs title=words.title/>
        <main id="main" class="content" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match settings.await {
                        Ok(settings) => view! { <Form settings save/> }.into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

#[component]
fn Form(settings: Settings, save: ServerAction<SaveSettings>) -> impl IntoView {
    let words = strings();
    let text = &words.work;
    let slug = place::slug();
    let toasts = expect_context::<Toasts>();
    let error = Signal::derive(move || save.value().get().and_then(Result::err));
    Effect::new(move |before: Option<usize>| {
        let version = save.version().get();
        if before.is_some_and(|before| before != version)
            && save.value().with(|value| matches!(value, Some(Ok(_))))
        {
            toasts.done(strings().common.saved);
        }
        version
    });
    view! {
        <div class="form-page">
            <ActionForm action=save>
                <div class="stack" data-gap="wide">
                    <Hidden name="settings[workspace]" value=slug/>
                    <Hidden name="settings[version]" value=settings.version.to_string()/>
                    <FormProblem error/>
                    <label class="check">
                        <input type="checkbox" name="settings[preempt]" value="true" checked=settings.preempt/>
                        <span>{text.preempt}</span>
                        <span class="hint">{text.preempt_help}</span>
                    </label>
                    <TextField id="settings-template" name="settings[branch_template]" field="branch_template" error
                        value=settings.branch_template label=Label::new(text.template).hint(BRANCH_TEMPLATE).help(text.template_help)/>
                    <div class="fields" data-columns="2">
                        <TextField id="settings-name" name="settings[author_name]" field="author_name" error
                            value=settings.author_name label=Label::new(text.author_name)/>
                        <TextField id="settings-email" name="settings[author_email]" field="author_email" error
                            value=settings.author_email label=Label::new(text.author_email)/>
                    </div>
                    <footer class="form-actions">
                        <Submit variant=Variant::Primary busy=save.pending()>{words.common.save}</Submit>
                    </footer>
                </div>
            </ActionForm>
        </div>
    }
}
