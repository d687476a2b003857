//! Comments: what was said about a task, and the forms that say more.

use std::sync::Arc;

use domain::comments::{Comment, Side, TEXT_LIMIT};
use domain::{Saved, TaskId, UserId};
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;

use crate::api::comments::{AddComment, CommentAt, CommentForm, add_comment, remove_comment};
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::avatar::Avatar;
use crate::ui::banner::AnyProblem;
use crate::ui::button::{IconButton, Size, Submit, Variant};
use crate::ui::document;
use crate::ui::field::Hidden;
use crate::ui::icon::Glyph;
use crate::ui::time::Ago;
use crate::ui::toast::Toasts;

/// A task's comments as they are now, and who is who. From context, in the room.
#[derive(Debug, Clone, Copy)]
pub struct Talking {
    pub task: TaskId,
    pub comments: Memo<Vec<Arc<Comment>>>,
    /// Who looks, once the page is the browser's.
    me: RwSignal<Option<UserId>>,
    people: StoredValue<Vec<(UserId, String)>>,
}

impl Talking {
    pub fn new(task: TaskId, people: Vec<(UserId, String)>) -> Self {
        let live = expect_context::<Live>();
        let comments = Memo::new(move |_| {
            let mut all = live.lists.comments().with(crate::live::table::Table::rows);
            all.retain(|comment| comment.task_id == task);
            all.sort_by_key(|comment| (comment.created_at, comment.id));
            all
        });
        let (me, signed_in) = (RwSignal::new(None), expect_context::<place::SignedIn>());
        Effect::new(move |_| {
            let view = signed_in.0.get().and_then(Result::ok);
            me.set(view.and_then(|view| view.session.user).map(|user| user.id));
        });
        Self { task, comments, me, people: StoredValue::new(people) }
    }

    pub(super) fn name(self, user: Option<UserId>) -> String {
        let known = self.people.with_value(|people| {
            people.iter().find(|(id, _)| Some(*id) == user).map(|(_, name)| name.clone())
        });
        known.filter(|name| !name.is_empty()).unwrap_or_else(|| strings().review.somebody.to_owned())
    }
}

/// Where a new comment stands: a line of a file, on one of its sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub path: String,
    pub side: Side,
    pub line: i64,
    pub execution: domain::ExecutionId,
}

/// All that was said about a task, and a field to say more.
#[component]
pub fn Discussion(talking: Talking) -> impl IntoView {
    let words = &strings().review;
    let none = move || talking.comments.with(Vec::is_empty);
    view! {
        <section class="talk" id="comments" aria-label=words.comments>
            <h2>{words.comments}</h2>
            {move || none().then(|| view! { <p class="dim">{words.no_comments}</p> })}
            <ul>
                <For each=move || talking.comments.get() key=|comment| comment.id let(comment)>
                    <Said comment talking placed=Placed::ByItself/>
                </For>
            </ul>
            <Say talking/>
        </section>
    }
}

/// Whether a comment stands at its line, or must name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    ByItself,
    AtItsLine,
}

#[component]
pub fn Said(comment: Arc<Comment>, talking: Talking, placed: Placed) -> impl IntoView {
    let words = &strings().review;
    let live = expect_context::<Live>();
    let toasts = expect_context::<Toasts>();
    let slug = place::slug();
    let own = {
        let by = comment.created_by;
        move || by.is_some() && talking.me.get() == by
    };
    let name = talking.name(comment.created_by);
    let about = comment.path.clone().filter(|_| placed == Placed::ByItself).map(|path| {
        let line = comment.line.map(|line| format!("{path}:{line}")).unwrap_or(path);
        let before = (comment.side == Some(Side::Old)).then_some(words.before);
        view! { <code class="about">{line}</code> " " {before.map(|before| view! { <small>{before}</small> })} }
    });
    let id = comment.id;
    let remove = Callback::new(move |()| {
        let at = CommentAt { workspace: slug.get_untracked(), id };
        let token = live.lists.comments().try_update(|table| table.expect(id, None)).unwrap_or_default();
        leptos::task::spawn_local(async move {
            let answer = remove_comment(at).await;
            live.lists.comments().try_update(|table| match &answer {
                Ok(saved) => table.saved(token, None, saved.seq),
                Err(_) => table.refused(token),
            });
            if let Err(error) = answer {
                toasts.refused(&error);
            }
        });
    });
    view! {
        <li class="said">
            <Avatar name=name.clone()/>
            <div>
                <p class="who"><b>{name}</b> " " <small><Ago at=comment.created_at/></small> " " {about}</p>
                <p class="what">{comment.text.clone()}</p>
            </div>
            {move || own().then(|| view! {
                <IconButton glyph=Glyph::Trash label=words.remove variant=Variant::Quiet on_press=remove/>
            })}
        </li>
    }
}

/// A field for a comment on the task as a whole; it works without script.
#[component]
fn Say(talking: Talking) -> impl IntoView {
    let words = &strings().review;
    let live = expect_context::<Live>();
    let slug = place::slug();
    let add = ServerAction::<AddComment>::new();
    let error = Signal::derive(move || add.value().get().and_then(Result::err));
    let id = RwSignal::new(String::new());
    let field = NodeRef::<html::Textarea>::new();
    let renew = move || id.set(document::new_id().map(|id| id.to_string()).unwrap_or_default());
    Effect::new(move |_| match add.value().get() {
        Some(Ok(saved)) => {
            keep(live, &saved);
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            renew();
        }
        Some(Err(_)) => {}
        None => renew(),
    });
    view! {
        <ActionForm action=add attr:class="say">
            <Hidden name="comment[workspace]" value=slug/>
            <Hidden name="comment[task]" value=talking.task.to_string()/>
            <Hidden name="comment[id]" value=id/>
            <textarea class="input" name="comment[text]" rows="2" required maxlength=TEXT_LIMIT.to_string()
                aria-label=words.comment_text placeholder=words.comment_text node_ref=field></textarea>
            <AnyProblem error/>
            <div class="row"><Submit size=Size::Small busy=add.pending()>{words.comment}</Submit></div>
        </ActionForm>
    }
}

fn keep(live: Live, saved: &Saved<Comment>) {
    live.lists.comments().try_update(|table| table.read([saved.value.clone()]));
}

/// A field for a comment on a line. `done` closes it.
#[component]
pub fn SayAt(talking: Talking, spot: Spot, done: Callback<()>) -> impl IntoView {
    let words = strings();
    let live = expect_context::<Live>();
    let slug = place::slug();
    let field = NodeRef::<html::Textarea>::new();
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let id = document::new_id().map(Into::into);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // A field that can't be focused can still be pressed.
            drop(field.focus());
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let form = CommentForm {
            workspace: slug.get_untracked(),
            task: talking.task,
            id: domain::Blank(id),
            text: field.get_untracked().map(|field| field.value()).unwrap_or_default(),
            path: domain::Blank(Some(spot.path.clone())),
            line: domain::Blank(Some(spot.line)),
            old: domain::Blank(Some(spot.side == Side::Old)),
            execution: domain::Blank(Some(spot.execution)),
        };
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = add_comment(form).await;
            busy.try_set(false);
            match answer {
                Ok(saved) => {
                    keep(live, &saved);
                    done.run(());
                }
                // What was written stays in its field.
                Err(refused) => drop(error.try_set(Some(refused))),
            }
        });
    };
    let close = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            done.run(());
        }
    };
    view! {
        <form class="say" on:submit=submit on:keydown=close>
            <textarea class="input" rows="2" required maxlength=TEXT_LIMIT.to_string() aria-label=words.review.comment_text
                placeholder=words.review.comment_text node_ref=field></textarea>
            <AnyProblem error/>
            <div class="row">
                <Submit size=Size::Small variant=Variant::Primary busy>{words.review.comment}</Submit>
                <button type="button" class="button" data-variant="quiet" data-size="small" on:click=move |_| done.run(())>
                    {words.common.cancel}
                </button>
            </div>
        </form>
    }
}
