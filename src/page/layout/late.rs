//! What is hidden at first is made when somebody opens it: a third of the page is such, and nobody should wait for it.

use leptos::prelude::*;

/// Nothing until `open` says so for the first time, and what `make` makes from then on.
pub fn late<V: IntoView + 'static>(
    open: impl Fn() -> bool + Send + Sync + 'static,
    make: impl Fn() -> V + Send + 'static,
) -> impl IntoView {
    let opened = Memo::new(move |before: Option<&bool>| before == Some(&true) || open());
    move || opened.get().then(&make)
}
