//! The html document around the app.

mod hydration;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::App;
use crate::api::preferences;
use hydration::Hydration;

/// The document, rendered by the server only. Its root element carries what the browser must render by as well.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let preferences = preferences::read();
    view! {
        <!DOCTYPE html>
        <html
            lang=preferences.language.as_str()
            data-theme=preferences.theme.as_str()
            data-now=preferences.now.to_rfc3339()
        >
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f6f7fa" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#0b0d12" media="(prefers-color-scheme: dark)"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <HashedStylesheet options=options.clone() id="leptos"/>
                <AutoReload options=options.clone()/>
                <Hydration options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
