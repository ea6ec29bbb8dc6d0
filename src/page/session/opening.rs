//! Opening histories: files that the visitor brings go onto the shelf, and become branches.

use leptos::task::spawn_local;

use super::Session;
use super::intent::Brought;
use super::subject::Subject;
use super::travel::{self, Goal, Trip};

/// So many files are opened at once; the others stay where they are.
const MOST: usize = 20;

/// Opens what the visitor brings: the first is shown, and each has its branch.
pub fn open(session: Session, brought: Vec<Brought>) {
    let more = brought.len().saturating_sub(MOST);
    if more > 0 {
        session.note(&format!("{MOST} files are opened at once; {more} were left out."));
    }
    for (place, Brought { key, blob }) in brought.into_iter().take(MOST).enumerate() {
        let shelf = session.shelf;
        let subject = Subject::File(key.clone());
        spawn_local(async move {
            // It is at hand before anybody wants to read it.
            let kept = shelf.put(key, blob);
            if place == 0 {
                travel::open(session, subject, None, Trip::to(Goal::End));
            } else {
                travel::add(session, subject);
            }
            kept.await;
        });
    }
}

/// Takes all files off the shelf. What is shown of them stays until the page is left.
pub fn clear(session: Session) {
    let shelf = session.shelf;
    spawn_local(async move {
        shelf.clear().await;
        session.note("The shelf is empty: this browser keeps no file of yours any more.");
    });
}
