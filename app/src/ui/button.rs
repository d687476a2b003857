//! Buttons, and links that look like buttons.

use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Variant {
    Primary,
    #[default]
    Plain,
    Quiet,
    Danger,
}

impl Variant {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Plain => "plain",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Size {
    #[default]
    Normal,
    Small,
    Icon,
    Wide,
}

impl Size {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Small => "small",
            Self::Icon => "icon",
            Self::Wide => "wide",
        }
    }
}

/// A button that submits its form.
#[component]
pub fn Submit(
    children: Children,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
    /// Its request is under way: it can't be pressed again.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional)] name: &'static str,
    #[prop(optional)] value: &'static str,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="button"
            data-variant=variant.as_str()
            data-size=size.as_str()
            name=(!name.is_empty()).then_some(name)
            value=(!name.is_empty()).then_some(value)
            disabled=move || busy.get()
            aria-busy=move || if busy.get() { "true" } else { "false" }
        >
            {children()}
        </button>
    }
}

/// A button that does something in the page. It works only once the page is live.
#[component]
pub fn Button(
    children: Children,
    on_press: Callback<()>,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-variant=variant.as_str()
            data-size=size.as_str()
            on:click=move |_| on_press.run(())
        >
            {children()}
        </button>
    }
}

/// A button that is only an icon; its name is read out and shown as a tip.
#[component]
pub fn IconButton(
    glyph: Glyph,
    label: &'static str,
    on_press: Callback<()>,
    #[prop(optional)] variant: Variant,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-variant=variant.as_str()
            data-size="icon"
            data-tip=label
            aria-label=label
            on:click=move |_| on_press.run(())
        >
            <Icon glyph/>
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    children: Children,
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] size: Size,
) -> impl IntoView {
    view! {
        <a class="button" href=move || href.get() data-variant=variant.as_str() data-size=size.as_str()>
            {children()}
        </a>
    }
}
