//! Where the reader's preferences outlive a visit: the browser's storage, if it lets us; and the theme on the page.

use leptos::ev;
use leptos::prelude::*;

use crate::page::history::history_rows::Listing;
use crate::page::layout::arranged::{Arranged, Splits};
use crate::page::layout::shape::Shape;
use crate::page::session::Session;
use crate::page::session::lesson::Lesson;
use crate::page::session::preferences::{Speed, Theme};

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

/// How the page was arranged before.
pub fn arranged() -> Arranged {
    let words = |text: String| text.split(' ').map(str::to_owned).collect();
    Arranged {
        splits: RwSignal::new(stored("splits").map_or_else(Splits::usual, |text| Splits::read(&text))),
        tab: RwSignal::new(stored("tab").unwrap_or_default()),
        held: RwSignal::new(None),
        listing: RwSignal::new(stored("listing").map_or_else(Listing::default, |text| Listing::read(&text))),
        large: RwSignal::new(false),
        seen: RwSignal::new(stored("seen").map(words).unwrap_or_default()),
    }
}

/// Keeps a theme for the next visit.
pub fn keep_theme(theme: Theme) {
    store("theme", theme.word());
}

/// Keeps a speed for the next visit.
pub fn keep_speed(speed: Speed) {
    store("speed", speed.word());
}

/// Whether nobody has been here before.
pub fn is_new() -> bool {
    stored("met").is_none()
}

/// Whoever comes again is not new.
pub fn keep_met() {
    store("met", "yes");
}

/// Keeps the station of the tour that is visited: where to go on, and which have been seen.
fn keep_station(id: &str) {
    store("station", id);
    if !visited(id) {
        let before = stored("visited").unwrap_or_default();
        store("visited", format!("{before} {id}").trim_start());
    }
}

/// The station that was visited last.
pub fn station() -> Option<String> {
    stored("station")
}

/// Whether a station of the tour was visited.
pub fn visited(id: &str) -> bool {
    stored("visited").is_some_and(|all| all.split(' ').any(|seen| seen == id))
}

/// Whether the reader's system asks for little motion.
pub fn calm() -> bool {
    let calm = window().match_media("(prefers-reduced-motion: reduce)");
    calm.ok().flatten().is_some_and(|query| query.matches())
}

/// Dresses the page in the theme and in the shape that there is room for, now and whenever that changes; and keeps how it is
/// arranged.
pub fn attach(session: Session) {
    Effect::new(move |_| {
        if let Lesson::Tour(place) = session.lesson.get() {
            keep_station(session.catalogue.lessons().tour[place].id);
        }
    });
    // A page without an attribute is still readable: the system's preference decides then, and one column.
    let dress = |name: &str, word: &str| {
        if let Some(root) = document().document_element() {
            root.set_attribute(name, word).ok();
        }
    };
    Effect::new(move |_| dress("data-theme", session.theme.get().word()));
    Effect::new(move |_| {
        dress(
            "data-type",
            if session.arranged.large.get() { "large" } else { "usual" },
        );
        dress("data-shape", shape().word());
    });
    let resized = window_event_listener(ev::resize, move |_| dress("data-shape", shape().word()));
    on_cleanup(move || resized.remove());

    let arranged = session.arranged;
    Effect::new(move |_| store("splits", &arranged.splits.with(Splits::text)));
    Effect::new(move |_| {
        let shown = session.run.with(|run| run.story.id.clone());
        if !shown.is_empty() && !arranged.seen.with_untracked(|seen| seen.contains(&shown)) {
            arranged.seen.update(|seen| {
                seen.insert(shown);
            });
        }
    });
    Effect::new(move |_| store("listing", &arranged.listing.with(Listing::text)));
    Effect::new(move |_| store("tab", &arranged.tab.get()));
    Effect::new(move |_| {
        let seen = arranged
            .seen
            .with(|seen| seen.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
        store("seen", &seen);
    });
}

/// The arrangement for the window as it is.
fn shape() -> Shape {
    let px = |side: Result<wasm_bindgen::JsValue, _>| side.ok().and_then(|px| px.as_f64()).unwrap_or(0.0);
    let type_size = 13.0 * text_unit();
    Shape::of(
        px(window().inner_width()) / type_size,
        px(window().inner_height()) / type_size,
    )
}

/// How much bigger than usual the page's text is: the reader's setting, a very large screen, or large type for presenting.
pub fn text_unit() -> f64 {
    let root = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = root.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|s| s.trim_end_matches("px").parse::<f64>().ok())
        .map_or(1.0, |px| px / 13.0)
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
