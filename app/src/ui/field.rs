//! Labelled controls. The native control validates; a refusal by the server stands beside the field that it names.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::strings::strings;
use crate::ui::icon::{Glyph, Icon};

/// What is typed into a [`TextField`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Text {
    #[default]
    Line,
    Title,
    Block,
    Code,
    /// Digits alone.
    Number,
}

/// What a field says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    pub text: &'static str,
    pub hint: &'static str,
    pub help: &'static str,
    pub required: bool,
}

impl Label {
    pub fn new(text: &'static str) -> Self {
        Self { text, hint: "", help: "", required: false }
    }

    /// Shown in the empty field.
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// Shown below the field.
    pub fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// A field of text. `name` is the form's; `field` is what a refusal calls it.
#[component]
pub fn TextField(
    #[prop(into)] id: String,
    name: &'static str,
    field: &'static str,
    label: Label,
    #[prop(optional)] kind: Text,
    #[prop(optional, into)] value: String,
    #[prop(default = 200)] limit: usize,
    #[prop(optional, into)] error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let refused = Memo::new(move |_| error.get().filter(|error| error.field.as_deref() == Some(field)));
    let invalid = move || refused.get().map(|_| "true");
    let hint = (!label.hint.is_empty()).then_some(label.hint);
    let described = format!("{id}-help");
    let variant = match kind {
        Text::Line | Text::Block | Text::Number => "text",
        Text::Title => "title",
        Text::Code => "code",
    };
    let control = match kind {
        Text::Line | Text::Title | Text::Number => view! {
            <input class="input" data-variant=variant id=id.clone() name=name value=value maxlength=limit.to_string()
                placeholder=hint required=label.required autocomplete="off" aria-invalid=invalid
                inputmode=(kind == Text::Number).then_some("numeric") pattern=(kind == Text::Number).then_some("[0-9]*")
                aria-describedby=described.clone()/>
        }
        .into_any(),
        Text::Block | Text::Code => view! {
            <textarea class="input" data-variant=variant id=id.clone() name=name maxlength=limit.to_string()
                placeholder=hint required=label.required spellcheck=if kind == Text::Code { "false" } else { "true" }
                autocapitalize=if kind == Text::Code { "off" } else { "sentences" } aria-invalid=invalid
                aria-describedby=described.clone()>
                {value}
            </textarea>
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>
                {label.text} {(!label.required).then(|| view! { <small>{strings().common.optional}</small> })}
            </label>
            {control}
            <FieldNote id=described help=label.help refused/>
        </div>
    }
}

/// A choice from a list; its options are its children.
#[component]
pub fn SelectField(
    #[prop(into)] id: String,
    name: &'static str,
    field: &'static str,
    label: Label,
    children: Children,
    #[prop(optional, into)] error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let refused = Memo::new(move |_| error.get().filter(|error| error.field.as_deref() == Some(field)));
    let described = format!("{id}-help");
    view! {
        <div class="field">
            <label for=id.clone()>{label.text}</label>
            <select class="input" id=id name=name aria-describedby=described.clone()
                aria-invalid=move || refused.get().map(|_| "true")>
                {children()}
            </select>
            <FieldNote id=described help=label.help refused/>
        </div>
    }
}

/// What is said below a field: help, and why it was refused.
#[component]
fn FieldNote(id: String, help: &'static str, refused: Memo<Option<ApiError>>) -> impl IntoView {
    view! {
        <div id=id aria-live="polite">
            {(!help.is_empty()).then(|| view! { <p class="hint">{help}</p> })}
            {move || {
                refused
                    .get()
                    .map(|error| {
                        let sentence = error.sentence(|code| strings().common.problem(code));
                        view! { <p class="error"><Icon glyph=Glyph::Alert/> {sentence}</p> }
                    })
            }}
        </div>
    }
}

/// A hidden value that a form carries.
#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: Signal<String>) -> impl IntoView {
    view! { <input type="hidden" name=name value=move || value.get()/> }
}
