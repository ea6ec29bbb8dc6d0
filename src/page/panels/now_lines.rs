//! Two sentences: what the last step did, and what the run waits for. Both always there.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::words::icons::{Icon, icon, of_outcome, of_step};
use crate::view::recording::Outcome;

/// While the clock runs, a screen reader hears of a step at most this often.
const TOLD_EVERY_MS: f64 = 2500.0;

/// The lines, and the live region that tells steps to a screen reader.
#[component]
pub fn NowLines() -> impl IntoView {
    let session = Session::here();
    let glyph = move || {
        let (shape, class) = session.moment.with(|m| of_step(m.kind));
        view! { <span class=class>{icon(shape)}</span> }
    };
    let place = move || {
        format!(
            "Step {} of {}",
            session.cursor.get(),
            session.run.with(|run| run.last())
        )
    };
    let waiting = Memo::new(move |_| session.moment.with(|m| m.waiting.clone()));
    let class = move || {
        let kind = waiting.with(|w| match (w.closed, w.stuck || w.failing) {
            (Some(Outcome::Ok), _) => "waits-closed".to_owned(),
            (Some(outcome), _) => format!("waits-closed {}", of_outcome(outcome).1),
            (None, true) => "waits-stuck".to_owned(),
            (None, false) => String::new(),
        });
        format!("waits {kind}")
    };
    let head = move || {
        waiting.with(|w| match (w.closed, w.stuck, w.failing) {
            (Some(outcome), ..) => (of_outcome(outcome).0, "Closed"),
            (None, true, _) => (Icon::Dash, "Stuck"),
            (None, false, true) => (Icon::Cross, "Failing"),
            (None, false, false) => (Icon::Pause, "Waiting"),
        })
    };
    view! {
        // It scrolls where advice is long and the window low, so the keyboard must get hold of it.
        <section class="now" aria-label="Now" tabindex="0">
            <p class="now-step">
                {glyph} <span class="now-place">{place}</span>
                <span class="now-text">{move || session.moment.with(|m| m.text.clone())}</span>
            </p>
            <p class=class role="status" aria-live=move || if session.playing.get() { "off" } else { "polite" }>
                <span class="waits-head">{move || icon(head().0)} {move || head().1}</span>
                <span class="waits-text">{move || waiting.with(|w| w.text.clone())}</span>
            </p>
            <Teller />
        </section>
    }
}

#[component]
fn Teller() -> impl IntoView {
    let session = Session::here();
    let told = RwSignal::new(String::new());
    let last = StoredValue::new(0.0);
    Effect::new(move |_| {
        let text = session.moment.with(|m| format!("Step {}: {}", m.step, m.text));
        let now = js_sys::Date::now();
        if !session.playing.get() || now - last.get_value() > TOLD_EVERY_MS {
            last.set_value(now);
            told.set(text);
        }
    });
    view! { <p class="sr-only" role="status" aria-live="polite">{told}</p> }
}
