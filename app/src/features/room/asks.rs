//! What a run asks people, at the top of its room: to approve an action, to answer a question. And what can be said to
//! an agent that works.

use std::sync::Arc;

use domain::TaskId;
use domain::asks::{ANSWER_LIMIT, Ask, AskKind, MESSAGE_LIMIT, Risk};
use domain::executions::Execution;
use domain::tasks::Task;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::asks::{AnswerAsk, ApproveAction, AsksOf, TellAgent, list_asks};
use crate::features::place;
use crate::strings::strings;
use crate::ui::banner::AnyProblem;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::field::Hidden;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::time::date_time;
use crate::ui::toast::Toasts;
use crate::ui::{document, keys};

/// All of it. `first` is what was asked when the room was opened.
#[component]
pub fn Asks(
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    first: Vec<Ask>,
) -> impl IntoView {
    let words = &strings().asks;
    let asks = RwSignal::new(first);
    let read = read_again(task, execution, asks);
    let open = Memo::new(move |_| {
        let mut open: Vec<Ask> = asks.with(|asks| asks.iter().filter(|ask| ask.is_open()).cloned().collect());
        open.reverse();
        open
    });
    let listens = move || task.with(|task| task.agent.listens() && !task.status.is_settled());
    let id = task.with_untracked(|task| task.id);
    jump();
    view! {
        <section class="asks" aria-label=words.needs_you aria-live="polite">
            <For each=move || open.get() key=|ask| ask.id let:ask>
                <Card ask read/>
            </For>
        </section>
        {move || listens().then(|| view! { <Tell task=id/> })}
    }
}

/// Reads the asks again when the run's row says that something is different; and gives a way to do so by hand.
fn read_again(
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    asks: RwSignal<Vec<Ask>>,
) -> Callback<()> {
    let slug = place::slug();
    let read = Callback::new(move |()| {
        let query = AsksOf { workspace: slug.get_untracked(), task: task.with_untracked(|task| task.id) };
        leptos::task::spawn_local(async move {
            if let Ok(read) = list_asks(query).await {
                asks.try_set(read);
            }
        });
    });
    let told = Memo::new(move |_| {
        execution.with(|run| run.as_ref().map(|run| (run.id, run.status, run.detail.clone())))
    });
    Effect::new(move |before: Option<Option<_>>| {
        let now = told.get();
        if before.is_some_and(|before| before != now) && task.with_untracked(|task| task.agent.listens()) {
            read.run(());
        }
        now
    });
    read
}

/// One thing that is asked.
#[component]
fn Card(ask: Ask, read: Callback<()>) -> impl IntoView {
    let words = strings();
    let heading = format!("ask-{}", ask.id);
    let named = heading.clone();
    let title = ask.title.clone();
    let risk = ask.risk.map(|risk| {
        let tone = match risk {
            Risk::Low => "idle",
            Risk::Medium => "wait",
            Risk::High => "bad",
        };
        view! { <span class="badge" data-tone=tone><span>{words.asks.risk(risk)}</span></span> }
    });
    let until = date_time(ask.expires_at, words.language);
    let detail = (!ask.detail.is_empty())
        .then(|| view! { <pre class="script-view" tabindex="0">{ask.detail.clone()}</pre> });
    let form = match ask.kind {
        AskKind::Approval => view! { <Word ask read/> }.into_any(),
        AskKind::Question => view! { <Reply ask read/> }.into_any(),
    };
    view! {
        <article class="ask" aria-labelledby=named data-ask="">
            <header class="row" data-wrap="">
                <Icon glyph=Glyph::Alert/>
                <h3 id=heading>{title}</h3>
                {risk}
                <small class="push">{words.asks.until} " " {until}</small>
            </header>
            {detail}
            {form}
        </article>
    }
}

/// Yes or no to an action.
#[component]
fn Word(ask: Ask, read: Callback<()>) -> impl IntoView {
    let words = &strings().asks;
    let slug = place::slug();
    let send = ServerAction::<ApproveAction>::new();
    let (error, busy) = settled(Signal::derive(move || send.value().get()), send.pending(), read);
    let (name, note) = ("word[decision]", format!("note-{}", ask.id));
    view! {
        <ActionForm action=send>
            <Hidden name="word[workspace]" value=slug/>
            <Hidden name="word[task]" value=ask.task_id.to_string()/>
            <Hidden name="word[approval]" value=ask.id.to_string()/>
            <AnyProblem error/>
            <label class="visually-hidden" for=note.clone()>{words.reason}</label>
            <input class="input" id=note name="word[note]" maxlength=ANSWER_LIMIT.to_string() autocomplete="off"
                placeholder=words.reason/>
            <div class="row" data-wrap="">
                <Submit variant=Variant::Primary busy name value="allow"><Icon glyph=Glyph::Check/> {words.approve}</Submit>
                {ask.can_remember.then(|| view! { <Submit busy name value="allow_always">{words.always}</Submit> })}
                <Submit variant=Variant::Danger busy name value="deny"><Icon glyph=Glyph::Ban/> {words.deny}</Submit>
            </div>
        </ActionForm>
    }
}

/// One of the choices, or one's own words.
#[component]
fn Reply(ask: Ask, read: Callback<()>) -> impl IntoView {
    let words = &strings().asks;
    let slug = place::slug();
    let send = ServerAction::<AnswerAsk>::new();
    let (error, busy) = settled(Signal::derive(move || send.value().get()), send.pending(), read);
    let field = format!("answer-{}", ask.id);
    let choices = ask.choices.clone();
    let choices = (!choices.is_empty()).then(|| {
        let choice = |choice: String| {
            let value = choice.clone();
            view! {
                <button type="submit" class="button" name="answer[choice]" value=value disabled=move || busy.get()>
                    {choice}
                </button>
            }
        };
        view! { <div class="row" data-wrap="">{choices.into_iter().map(choice).collect_view()}</div> }
    });
    let own = ask.free_text.then(|| {
        view! {
            <label class="visually-hidden" for=field.clone()>{words.own_words}</label>
            <textarea class="input" id=field name="answer[text]" rows="2" maxlength=ANSWER_LIMIT.to_string()
                placeholder=words.own_words></textarea>
            <div class="row"><Submit variant=Variant::Primary busy>{words.answer}</Submit></div>
        }
    });
    view! {
        <ActionForm action=send>
            <Hidden name="answer[workspace]" value=slug/>
            <Hidden name="answer[task]" value=ask.task_id.to_string()/>
            <Hidden name="answer[question]" value=ask.id.to_string()/>
            <AnyProblem error/>
            {choices}
            {own}
        </ActionForm>
    }
}

/// Something to say to the agent that works.
#[component]
fn Tell(task: TaskId) -> impl IntoView {
    let words = &strings().asks;
    let toasts = expect_context::<Toasts>();
    let slug = place::slug();
    let send = ServerAction::<TellAgent>::new();
    let field = NodeRef::<html::Textarea>::new();
    let error = Signal::derive(move || send.value().get().and_then(Result::err));
    Effect::new(move |_| {
        if let Some(Ok(_)) = send.value().get() {
            toasts.done(words.told);
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
        }
    });
    view! {
        <details class="tell">
            <summary><Icon glyph=Glyph::Command/> {words.tell}</summary>
            <ActionForm action=send attr:class="say">
                <Hidden name="message[workspace]" value=slug/>
                <Hidden name="message[task]" value=task.to_string()/>
                <textarea class="input" name="message[text]" rows="2" required maxlength=MESSAGE_LIMIT.to_string()
                    aria-label=words.tell placeholder=words.tell node_ref=field></textarea>
                <AnyProblem error/>
                <div class="row">
                    <Submit size=Size::Small busy=send.pending()>{words.send}</Submit>
                    <small class="dim">{words.tell_hint}</small>
                </div>
            </ActionForm>
        </details>
    }
}

type Answered<T> = Signal<Option<Result<T, ApiError>>>;

/// What a form shows of its request; once that is over, what is asked is read again: it may be another's answer.
fn settled<T: Clone + Send + Sync + 'static>(
    value: Answered<T>,
    pending: Memo<bool>,
    read: Callback<()>,
) -> (Signal<Option<ApiError>>, Signal<bool>) {
    Effect::new(move |_| {
        if value.with(Option::is_some) {
            read.run(());
        }
    });
    let error = Signal::derive(move || value.get().and_then(Result::err));
    let done = move || value.with(|value| matches!(value, Some(Ok(_))));
    (error, Signal::derive(move || pending.get() || done()))
}

/// `a` leads to the first thing that is asked: Enter then says yes to it, Tab leads on.
fn jump() {
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || keys::is_busy(&event));
            if plain && event.key() == "a" {
                event.prevent_default();
                document::focus("[data-ask] button");
            }
        });
        on_cleanup(move || handle.remove());
    });
}
