//! The title of the browser's tab: which story, and which moment of it.

use leptos::prelude::*;

use super::session::Session;

/// Keeps the title in step with the moment shown.
pub fn attach(session: Session) {
    Effect::new(move |_| {
        let (story, last) = session.run.with(|run| (run.story.title.clone(), run.last()));
        let (step, at) = session.moment.with(|m| (m.step, m.at));
        document().set_title(&match story.as_str() {
            "" => "Sagascope".to_owned(),
            story => format!("{story} · step {step} of {last}, {at} · Sagascope"),
        });
    });
}
