//! The title of the browser's tab: which story, and which moment of it.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::page::session::Session;

/// The browser tells others of each title, so it is no part of what a key waits for.
const NAMED_AFTER_MS: u32 = 200;

/// Keeps the title in step with the moment shown. What the document called itself, up to a colon, stays at its end: a
/// guest's lab has a name of its own.
pub fn attach(session: Session) {
    let title = document().title();
    let lab = title.split(':').next().unwrap_or_default().trim().to_owned();
    let late: StoredValue<Option<Timeout>, LocalStorage> = StoredValue::new_local(None);
    let name = Memo::new(move |_| {
        let (story, last) = session.run.with(|run| (run.story.title.clone(), run.last()));
        let (step, at) = session.moment.with(|m| (m.step, m.at));
        match story.as_str() {
            "" => lab.clone(),
            story => format!("{story} · step {step} of {last}, {at} · {lab}"),
        }
    });
    Effect::new(move |_| {
        name.track();
        if late.with_value(Option::is_none) {
            late.set_value(Some(Timeout::new(NAMED_AFTER_MS, move || {
                late.set_value(None);
                document().set_title(&name.get_untracked());
            })));
        }
    });
}
