//! The keyboard: which key means which [`Intent`]. The list is also what the help shows.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Session;
use super::intent::{Intent, Look};

/// What the help says, in reading order: keys, meaning.
pub const HELP: [(&str, &str); 20] = [
    ("space", "play, pause"),
    ("→  ←", "a step on, a step back (also l, h)"),
    (
        "⇧ →  ⇧ ←",
        "next, previous incident: a failure, a crash, a retry, a replay",
    ),
    ("n", "jump to the next attempt, however long the backoff"),
    ("Home  End", "start, end of the run"),
    ("a", "kill worker A, or restart it"),
    ("b", "kill worker B, or restart it"),
    ("x", "kill every worker"),
    ("/", "filter the history"),
    ("e", "open a history from a file"),
    (":", "the console: ask, signal, query, cancel, reset"),
    ("+  −", "zoom the time picture; the wheel does too"),
    ("f", "fit the whole run"),
    ("o", "fold idle time, or draw it to scale"),
    (
        "1  2  3  4  5  6  7",
        "event, attempts, state, world, what changed, findings, compare",
    ),
    ("c", "copy a link to this moment"),
    ("p", "large type, for presenting"),
    ("t", "dark, light"),
    ("?", "this help"),
    ("Esc", "close, let go"),
];

/// What a key means.
pub fn intent(key: &str, shift: bool) -> Option<Intent> {
    Some(match key {
        " " => Intent::PlayPause,
        "ArrowRight" if shift => Intent::NextInteresting,
        "ArrowLeft" if shift => Intent::PrevInteresting,
        "ArrowRight" | "l" => Intent::Step(1),
        "ArrowLeft" | "h" => Intent::Step(-1),
        "n" => Intent::NextAttempt,
        "Home" => Intent::ToStart,
        "End" => Intent::ToEnd,
        "a" => Intent::ToggleWorker("A".into()),
        "b" => Intent::ToggleWorker("B".into()),
        "x" => Intent::KillAll,
        "/" => Intent::FocusFilter,
        "e" => Intent::ToggleOpener,
        ":" => Intent::OpenConsole,
        "+" | "=" => Intent::Look(Look::In),
        "-" => Intent::Look(Look::Out),
        "f" => Intent::Look(Look::Fit),
        "o" => Intent::Look(Look::ToggleFolds),
        "c" => Intent::CopyLink,
        "t" => Intent::ToggleTheme,
        "p" => Intent::ToggleLarge,
        "1" | "2" | "3" | "4" | "5" | "6" | "7" => Intent::ShowTabAt(key.parse().ok()?),
        "?" => Intent::ToggleHelp,
        "Escape" => Intent::Dismiss,
        _ => return None,
    })
}

/// Listens on the whole window, except while somebody types, and leaves combinations with ctrl, alt, meta alone.
pub fn listen(session: Session) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
            return;
        }
        let key = event.key();
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let inside = |selector: &str| {
            target
                .as_ref()
                .is_some_and(|t| t.closest(selector).ok().flatten().is_some())
        };
        // An open popover is the browser's: it closes on Escape, and nothing is killed behind it.
        if document()
            .query_selector(":popover-open:not(.term-card)")
            .ok()
            .flatten()
            .is_some()
        {
            return;
        }
        if inside("input, select, textarea, [contenteditable]") && key != "Escape" {
            return;
        }
        if key == " " && inside("button, a, summary") {
            return;
        }
        // While the help is open only the keys that concern it work: nothing is killed behind a dialog.
        if session.opener.get_untracked() && key != "Escape" {
            return;
        }
        if session.help.get_untracked() && !matches!(key.as_str(), "?" | "Escape" | "t") {
            return;
        }
        if let Some(intent) = intent(&key, event.shift_key()) {
            event.prevent_default();
            session.intend(intent);
        }
    });
    on_cleanup(move || handle.remove());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_help_means_something() {
        for (keys, meaning) in HELP {
            for key in keys.split("  ") {
                let (key, shift) = match key.strip_prefix("⇧ ") {
                    Some(key) => (key, true),
                    None => (key, false),
                };
                let key = match key {
                    "space" => " ",
                    "→" => "ArrowRight",
                    "←" => "ArrowLeft",
                    "−" => "-",
                    "Esc" => "Escape",
                    key => key,
                };
                assert!(intent(key, shift).is_some(), "{key}: {meaning}");
            }
        }
    }
}
