//! What the reader chose once and for all: theme and speed. Kept in the browser's storage if it lets us.

use leptos::prelude::*;

use super::intent::Speed;
use super::session::Session;

/// Dark or light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// What was chosen before, else what the system prefers.
    pub fn first() -> Self {
        let light = || {
            window()
                .match_media("(prefers-color-scheme: light)")
                .ok()
                .flatten()
                .is_some_and(|m| m.matches())
        };
        match stored("theme").as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ if light() => Self::Light,
            _ => Self::Dark,
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }

    /// As `data-theme` says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
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
pub fn store(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        storage.set_item(&format!("sagascope.{name}"), value).ok();
    }
}

/// The speed chosen before.
pub fn stored_speed() -> Speed {
    stored("speed")
        .and_then(|word| Speed::named(&word))
        .unwrap_or(Speed::Steps)
}
