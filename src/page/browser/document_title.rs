//! The title of the browser's tab: which story, and which moment of it.

use leptos::prelude::*;

use crate::page::session::Session;

/// Keeps the title in step with the moment shown. What the document called itself, up to a colon, stays at its end: a
/// guest's lab has a name of its own.
pub fn attach(session: Session) {
    let title = document().title();
    let lab = title.split(':').next().unwrap_or_default().trim().to_owned();
    Effect::new(move |_| {
        let (story, last) = session.run.with(|run| (run.story.title.clone(), run.last()));
        let (step, at) = session.moment.with(|m| (m.step, m.at));
        document().set_title(&match story.as_str() {
            "" => lab.clone(),
            story => format!("{story} · step {step} of {last}, {at} · {lab}"),
        });
    });
}
