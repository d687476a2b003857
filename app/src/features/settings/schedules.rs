//! Schedules: a list, in which each opens into its form, with the next times and how it went last.

use domain::templates::{NAME_LIMIT, Schedule, Template};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::{Crumbs, refusal};
use crate::api::ApiError;
use crate::api::schedules::{RemoveSchedule, RunSchedule, SaveSchedule, list_schedules};
use crate::api::templates::list_templates;
use crate::features::place;
use crate::strings::strings;
use crate::ui::ask::Ask;
use crate::ui::banner::{AnyProblem, FormProblem, Problem};
use crate::ui::button::{ButtonLink, Size, Submit, Variant};
use crate::ui::empty::Empty;
use crate::ui::field::{Hidden, Label, SelectField, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::skeleton::Skeleton;
use crate::ui::time::{Ago, date_time};

/// What can be done on this page; each changes the list.
#[derive(Clone, Copy)]
struct Acts {
    save: ServerAction<SaveSchedule>,
    remove: ServerAction<RemoveSchedule>,
    run: ServerAction<RunSchedule>,
}

/// `/w/{slug}/settings/schedules`.
#[component]
pub fn SchedulesPage() -> impl IntoView {
    let words = &strings().schedules;
    let slug = place::slug();
    let acts = Acts { save: ServerAction::new(), remove: ServerAction::new(), run: ServerAction::new() };
    let counted = Memo::new(move |before: Option<&(u32, String)>| {
        // A refusal leaves the list, and what was typed, as they stand.
        let saved = acts.save.value().with(|answer| matches!(answer, Some(Ok(_))));
        let removed = acts.remove.value().with(|answer| matches!(answer, Some(Ok(_))));
        (before.map_or(0, |(count, _)| count.wrapping_add(u32::from(saved || removed))), slug.get())
    });
    let loaded = Resource::new(move || counted.get(), |(_, slug)| load(slug));
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(Ok(saved)) = acts.run.value().get() {
            let room = format!("/w/{}/tasks/{}", slug.get_untracked(), saved.value.number);
            navigate(&room, NavigateOptions::default());
        }
    });
    view! {
        <Crumbs title=words.title/>
        <main id="main" class="content" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok((schedules, templates)) => view! { <Schedules schedules templates acts/> }.into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

async fn load(slug: String) -> Result<(Vec<Schedule>, Vec<Template>), ApiError> {
    Ok((list_schedules(slug.clone()).await?, list_templates(slug).await?))
}

#[component]
fn Schedules(schedules: Vec<Schedule>, templates: Vec<Template>, acts: Acts) -> impl IntoView {
    let words = &strings().schedules;
    let refused = Signal::derive(move || {
        let removed = acts.remove.value().get().and_then(Result::err);
        removed.or_else(|| acts.run.value().get().and_then(Result::err))
    });
    let none = schedules.is_empty();
    let no_templates = templates.is_empty();
    let known = templates.clone();
    view! {
        <div class="entries">
            <AnyProblem error=refused/>
            {none.then(|| view! {
                <Empty glyph=Glyph::Clock title=words.none text=words.none_hint>
                    {no_templates.then(|| view! {
                        <ButtonLink href=place::path("/settings/templates") variant=Variant::Primary>
                            {words.first_template}
                        </ButtonLink>
                    })}
                </Empty>
            })}
            {schedules
                .into_iter()
                .map(|schedule| {
                    let templates = templates.clone();
                    view! { <Entry schedule templates acts/> }
                })
                .collect_view()}
            {(!no_templates).then(|| view! {
                <details class="entry" data-kind="new">
                    <summary><Icon glyph=Glyph::Plus/> {words.add}</summary>
                    <Form known=None templates=known save=acts.save/>
                </details>
            })}
        </div>
    }
}

#[component]
fn Entry(schedule: Schedule, templates: Vec<Template>, acts: Acts) -> impl IntoView {
    let words = strings();
    let text = &words.schedules;
    let slug = place::slug();
    let id = schedule.id;
    let badge = if schedule.enabled { ("good", text.on) } else { ("idle", text.off) };
    let next: Vec<String> = schedule.next_runs.iter().map(|at| date_time(*at, words.language)).collect();
    let soonest = next.first().cloned();
    let soonest = soonest.map(|at| view! { <small class="dim">{text.next_short} " " {at}</small> });
    let question = format!("“{}”: {}", schedule.name, text.remove_confirm);
    let next = (!next.is_empty()).then(|| view! { <p>{text.next} " " {next.join(" · ")}</p> });
    let last = schedule.last_run_at.map(|at| {
        let number = schedule.last_task_number;
        let room = move || number.map(|number| format!("/w/{}/tasks/{number}", slug.get()));
        view! {
            <p>
                {text.last} " " <Ago at/> " "
                {number.map(|number| view! { <a href=room>"#" {number}</a> })}
            </p>
        }
    });
    let problem = schedule.last_problem.clone();
    let problem = (!problem.is_empty()).then(|| view! { <p class="why">{problem}</p> });
    let name = schedule.name.clone();
    let times = format!("{} · {}", schedule.cron, schedule.time_zone);
    view! {
        <details class="entry">
            <summary>
                <strong>{name}</strong> <code class="dim">{times}</code> {soonest}
                <span class="badge" data-tone=badge.0><span>{badge.1}</span></span>
            </summary>
            <div class="facts">{next} {last} {problem}</div>
            <Form known=Some(schedule) templates save=acts.save/>
            <div class="row" data-wrap="">
                <ActionForm action=acts.run>
                    <Hidden name="schedule[workspace]" value=slug/>
                    <Hidden name="schedule[id]" value=id.to_string()/>
                    <Submit size=Size::Small busy=acts.run.pending()><Icon glyph=Glyph::Play/> {text.run_now}</Submit>
                </ActionForm>
                <Ask text=words.common.remove question>
                    <ActionForm action=acts.remove>
                        <Hidden name="schedule[workspace]" value=slug/>
                        <Hidden name="schedule[id]" value=id.to_string()/>
                        <Submit variant=Variant::Danger size=Size::Small busy=acts.remove.pending()>{text.remove}</Submit>
                    </ActionForm>
                </Ask>
            </div>
        </details>
    }
}

#[component]
fn Form(
    known: Option<Schedule>,
    templates: Vec<Template>,
    save: ServerAction<SaveSchedule>,
) -> impl IntoView {
    let words = strings();
    let text = &words.schedules;
    let slug = place::slug();
    let own = known.as_ref().map(|known| known.id);
    let id = own.map(|id| id.to_string()).unwrap_or_default();
    let error = refusal(save, |sent| sent.schedule.id.0, own);
    let version = known.as_ref().map(|known| known.version.to_string()).unwrap_or_default();
    let own_fields = known.clone();
    let of =
        move |field: fn(&Schedule) -> &String| own_fields.as_ref().map(field).cloned().unwrap_or_default();
    let zone = known.as_ref().map_or_else(|| "UTC".to_owned(), |known| known.time_zone.clone());
    let chosen = known.as_ref().map(|known| known.template_id);
    let (enabled, start) = known.as_ref().map_or((true, true), |known| (known.enabled, known.start));
    let form = id.clone();
    let key = move |part: &str| format!("schedule-{form}-{part}");
    view! {
        <ActionForm action=save>
            <div class="stack">
                <Hidden name="schedule[workspace]" value=slug/>
                <Hidden name="schedule[id]" value=id/>
                <Hidden name="schedule[version]" value=version/>
                <FormProblem error/>
                <div class="fields" data-columns="2">
                    <TextField id=key("name") name="schedule[name]" field="name" limit=NAME_LIMIT error
                        value=of(|known| &known.name) label=Label::new(text.name).required()/>
                    <SelectField id=key("template") name="schedule[template]" field="template_id" error
                        label=Label::new(text.template)>
                        {templates
                            .into_iter()
                            .map(|template| {
                                let selected = chosen == Some(template.id);
                                view! { <option value=template.id.to_string() selected=selected>{template.name}</option> }
                            })
                            .collect_view()}
                    </SelectField>
                    <TextField id=key("cron") name="schedule[cron]" field="cron" error value=of(|known| &known.cron)
                        label=Label::new(text.cron).hint("30 8 * * mon-fri").help(text.cron_help).required()/>
                    <TextField id=key("zone") name="schedule[time_zone]" field="time_zone" error value=zone
                        label=Label::new(text.zone).hint("Europe/Copenhagen").help(text.zone_help)/>
                </div>
                <label class="check">
                    <input type="checkbox" name="schedule[enabled]" value="true" checked=enabled/>
                    <span>{text.enabled}</span>
                </label>
                <label class="check">
                    <input type="checkbox" name="schedule[start]" value="true" checked=start/>
                    <span>{text.start}</span>
                    <span class="hint">{text.start_help}</span>
                </label>
                <div class="row">
                    <Submit variant=Variant::Primary size=Size::Small busy=save.pending()>{words.common.save}</Submit>
                </div>
            </div>
        </ActionForm>
    }
}
