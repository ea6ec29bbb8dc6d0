//! When the page itself breaks: what the banner needs, written where no more of this program has to run. The banner stands
//! ready in the document, and `broken.js` shows it: after a panic nothing here can be relied on.

use std::sync::{Mutex, PoisonError};

use leptos::prelude::*;

use super::browser_history;
use crate::page::session::Session;

/// The address of the moment shown. The browser's own is a little late, since browsers limit how often it changes.
static MOMENT: Mutex<String> = Mutex::new(String::new());

/// From now on a panic is told on the browser's console, and to the banner.
pub fn listen() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        let Some(banner) = document().get_element_by_id("broken") else {
            return;
        };
        let moment = MOMENT.lock().unwrap_or_else(PoisonError::into_inner);
        // Whatever goes wrong here must not hide what went wrong before.
        banner.set_attribute("data-reason", &panic.to_string()).ok();
        banner.set_attribute("data-moment", &moment).ok();
    }));
}

/// Keeps in mind which moment is shown.
pub fn attach(session: Session) {
    Effect::new(move |_| {
        session.active.track();
        session.cursor.track();
        let Some(now) = browser_history::moment(session) else {
            return;
        };
        *MOMENT.lock().unwrap_or_else(PoisonError::into_inner) = now;
    });
}
