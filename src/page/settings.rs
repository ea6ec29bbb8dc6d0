//! Where the reader's preferences outlive a visit: the browser's storage, if it lets us; and the theme on the page.

use leptos::prelude::*;

use super::preferences::{Speed, Theme};
use super::session::Session;

/// The theme that was chosen before, else the one that the system prefers.
pub fn theme() -> Theme {
    let light = || {
        window()
            .match_media("(prefers-color-scheme: light)")
            .ok()
            .flatten()
            .is_some_and(|m| m.matches())
    };
    stored("theme")
        .and_then(|word| Theme::named(&word))
        .unwrap_or_else(|| if light() { Theme::Light } else { Theme::Dark })
}

/// The speed that was chosen before, else a step a second.
pub fn speed() -> Speed {
    stored("speed")
        .and_then(|word| Speed::named(&word))
        .unwrap_or(Speed::Steps)
}

/// Keeps a theme for the next visit.
pub fn keep_theme(theme: Theme) {
    store("theme", theme.word());
}

/// Keeps a speed for the next visit.
pub fn keep_speed(speed: Speed) {
    store("speed", speed.word());
}

/// Dresses the page in the theme, now and whenever it changes.
pub fn attach(session: Session) {
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            // A page without the attribute is still readable: the system's preference decides then.
            root.set_attribute("data-theme", session.theme.get().word()).ok();
        }
    });
}

/// What was stored under a name, if the browser stores anything.
fn stored(name: &str) -> Option<String> {
    window()
        .local_storage()
        .ok()
        .flatten()?
        .get_item(&format!("sagascope.{name}"))
        .ok()
        .flatten()
}

/// Stores, if the browser lets us.
fn store(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        storage.set_item(&format!("sagascope.{name}"), value).ok();
    }
}
