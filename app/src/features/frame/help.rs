//! Keyboard help.

use leptos::prelude::*;

use crate::strings::strings;
use crate::ui::dialog::Dialog;

/// What every key does.
#[component]
pub fn Help(open: RwSignal<bool>) -> impl IntoView {
    let words = &strings().shell;
    let anywhere = [
        ("c", words.key_new_task),
        ("Ctrl K", words.go_to),
        ("/", words.key_search),
        ("g h", words.key_home),
        ("g t", words.key_tasks),
        ("g r", words.key_repositories),
        ("g s", words.key_settings),
        ("?", words.key_help),
    ];
    let lists = [
        ("j", words.key_down),
        ("k", words.key_up),
        ("Enter", words.key_open),
        ("Esc", words.key_escape),
        ("x", words.key_select),
        ("e", words.key_title),
        ("p", words.key_priority),
        ("l", words.key_labels),
        ("a", words.key_assignee),
        (".", words.key_actions),
        ("Space", words.key_move),
    ];
    let room = [
        ("a", words.key_ask),
        ("f", words.key_follow),
        ("g g", words.key_first_line),
        ("G", words.key_last_line),
        ("n", words.key_next_hit),
        ("N", words.key_previous_hit),
        ("j", words.key_next_file),
        ("k", words.key_previous_file),
    ];
    view! {
        <Dialog open title=words.keyboard>
            <div class="help-keys" tabindex="0">
                <Keys title=words.keys_anywhere keys=anywhere.to_vec()/>
                <Keys title=words.keys_lists keys=lists.to_vec()/>
                <Keys title=words.keys_room keys=room.to_vec()/>
            </div>
        </Dialog>
    }
}

#[component]
fn Keys(title: &'static str, keys: Vec<(&'static str, &'static str)>) -> impl IntoView {
    view! {
        <section>
            <h3>{title}</h3>
            <dl>
                {keys
                    .into_iter()
                    .map(|(key, does)| {
                        let caps = key.split(' ').map(|cap| view! { <kbd>{cap}</kbd> " " }).collect_view();
                        view! { <dt>{does}</dt> <dd>{caps}</dd> }
                    })
                    .collect_view()}
            </dl>
        </section>
    }
}
