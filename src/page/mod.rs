//! The page: Leptos components over `view`. The only web code in the project.

use leptos::prelude::*;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    view! { <main>"Sagascope"</main> }
}
