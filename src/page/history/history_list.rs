//! Lists the history up as the reader wants it: which rows there are, and which events a search has hit.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::history_rows::{Listing, Mode, Rows};
use super::history_search::{Finder, Wanted, told};
use crate::page::session::computing::slice;
use crate::page::session::recorded::Recorded;

/// The list: the rows, and the events that were hit, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The rows.
    pub rows: Rows,
    /// The events that a text was found in.
    pub hits: Vec<u32>,
    /// Why nothing is looked for.
    pub wrong: Option<String>,
}

/// Lists up what is wanted, in slices of time: the reader types on meanwhile. Of the events that are pending, only those
/// are among `pending`.
pub fn list_up(
    run: Recorded,
    wanted: Wanted,
    listing: Listing,
    pending: Vec<u32>,
    list: RwSignal<List>,
    still: impl Fn() -> bool + 'static,
) {
    let finder = match Finder::of(&wanted) {
        Ok(finder) => finder,
        Err(wrong) => {
            let wrong = Some(wrong);
            return list.set(List {
                wrong,
                ..List::default()
            });
        }
    };
    let mut next = 1;
    let mut advance = move |list: &mut List, events: u32| {
        for _ in 0..events {
            let Some(task) = run.task_of(next) else { return true };
            let shown = look(&run, &wanted, &finder, &pending, next, &mut list.hits);
            match listing.mode {
                Mode::ByTask if shown => list.rows.push_below_head(next, task),
                Mode::Flat if shown => list.rows.push(next),
                Mode::Compact => list.rows.push_to_operation(next, run.opener(next), shown),
                Mode::Json if shown => {
                    let lines = run.event_json(next).map_or(1, |json| json.lines().count());
                    list.rows.push_json(next, lines);
                }
                Mode::ByTask | Mode::Flat | Mode::Json => {}
            }
            next += 1;
        }
        false
    };
    let mut first = List {
        rows: Rows::new(listing.newest_first),
        ..List::default()
    };
    let all = slice(|events| advance(&mut first, events), &mut 0);
    list.set(first);
    if all {
        return;
    }
    spawn_local(async move {
        loop {
            TimeoutFuture::new(0).await;
            if !still() {
                return;
            }
            let mut all = false;
            list.update(|list| all = slice(|events| advance(list, events), &mut 0));
            if all {
                return;
            }
        }
    });
}

/// Whether an event is shown; if a text is found in it, it is a hit.
fn look(run: &Recorded, wanted: &Wanted, finder: &Finder, pending: &[u32], id: u32, hits: &mut Vec<u32>) -> bool {
    if !wanted.has_text() && !wanted.is_narrow() {
        return true;
    }
    let Some(event) = run.event(id) else { return false };
    if !wanted.takes(&event) || wanted.pending && !pending.contains(&run.opener(id)) {
        return false;
    }
    if !wanted.has_text() {
        return true;
    }
    let hit = run
        .event_details(id)
        .is_some_and(|details| finder.finds(&told(&event, &details)));
    if hit {
        hits.push(id);
    }
    hit || wanted.all
}
