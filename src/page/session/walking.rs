//! Moving within the run shown: by steps, to what is worth a stop, to the next attempt.

use leptos::prelude::*;

use super::Session;

/// So many steps on, or back.
pub fn step(session: Session, n: i32) {
    session.walk(session.cursor.get_untracked().saturating_add_signed(n));
}

/// On to the next moment worth stopping at, or the end.
pub fn next_interesting(session: Session) {
    let cursor = session.cursor.get_untracked();
    let next = session.run.with_untracked(|run| run.interesting_after(cursor));
    session.walk(next.unwrap_or(u32::MAX));
}

/// Back to the one before, or the start.
pub fn previous_interesting(session: Session) {
    let cursor = session.cursor.get_untracked();
    let previous = session.run.with_untracked(|run| run.interesting_before(cursor));
    session.walk(previous.unwrap_or(0));
}

/// On to where the next attempt begins, or a note that there is none.
pub fn next_attempt(session: Session) {
    let cursor = session.cursor.get_untracked();
    match session.run.with_untracked(|run| run.attempt_after(cursor)) {
        Some(step) => session.walk(step),
        None => session.note("No further attempt begins in this run."),
    }
}
