//! A row of buttons that is one stop for the Tab key: the arrows move within it, Home and End to its ends.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Chips of which some are pressed, one a name. Put them into an element with a role and a name.
pub fn chips(
    names: Vec<String>,
    pressed: impl Fn(&String) -> bool + Copy + Send + Sync + 'static,
    press: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let stop = RwSignal::new(0_usize);
    let chip = move |(place, name): (usize, String)| {
        let (shown, pushed) = (name.clone(), name.clone());
        view! {
            <button class="chip-button" type="button" aria-pressed=move || pressed(&shown).to_string()
                tabindex=move || if stop.get() == place { "0" } else { "-1" }
                on:keydown=walk on:focus=move |_| stop.set(place)
                on:click=move |_| press(pushed.clone())>{name}</button>
        }
    };
    names.into_iter().enumerate().map(chip).collect_view()
}

/// Moves the focus to the button that a key means, among those beside the one that has it.
pub fn walk(event: KeyboardEvent) {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let Some(here) = target.and_then(|t| t.closest("button").ok().flatten()) else {
        return;
    };
    let Some(row) = here.parent_element() else { return };
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => here.next_element_sibling().or(row.first_element_child()),
        "ArrowLeft" | "ArrowUp" => here.previous_element_sibling().or(row.last_element_child()),
        "Home" => row.first_element_child(),
        "End" => row.last_element_child(),
        _ => return,
    };
    event.prevent_default();
    if let Some(button) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
        button.focus().ok();
    }
}
