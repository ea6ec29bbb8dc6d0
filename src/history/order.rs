//! The order of a file's events, put right: newest first, pages in any order, pages that overlap, pages that are missing.
//!
//! Ids decide. Of a file in which they decide nothing (all the same, or none) the order stays.

use std::collections::BTreeMap;

use super::kept::{Kept, Note};
use super::proto::{EventType, HistoryEvent};

/// So many gaps are named one by one.
const GAPS_NAMED: usize = 5;

/// Puts the events in the order of their ids, takes out what stands there twice, and notes what is missing.
///
/// # Errors
///
/// If more than one run begins in it, with their number: these are several histories.
pub(super) fn put_in_order(events: &mut Vec<HistoryEvent>, kept: &mut Kept, notes: &mut Vec<Note>) -> Result<(), u32> {
    let starts = |event: &&HistoryEvent| event.event_type() == EventType::WorkflowExecutionStarted;
    let ids: Vec<i64> = events.iter().map(|event| event.event_id).collect();
    if ids.iter().any(|id| *id < 1) {
        return Ok(());
    }
    if !ids.is_sorted_by(|a, b| a < b) {
        let descends = ids.is_sorted_by(|a, b| a > b);
        let twice = sort(events, kept);
        if descends {
            notes.push(Note::NewestFirst);
        } else if !ids.is_sorted() {
            notes.push(Note::Reordered);
        }
        if twice > 0 {
            notes.push(Note::Repeated { events: twice });
        }
        let histories = events.iter().filter(starts).count();
        if histories > 1 {
            return Err(u32::try_from(histories).unwrap_or(u32::MAX));
        }
        let same = events.windows(2).find(|pair| pair[0].event_id == pair[1].event_id);
        if let Some(same) = same {
            notes.push(Note::SameId { id: same[0].event_id });
        }
    }
    note_gaps(events, notes);
    Ok(())
}

/// Sorts; returns how many events stood there twice, and do not any more.
fn sort(events: &mut Vec<HistoryEvent>, kept: &mut Kept) -> u32 {
    let mut of = std::mem::take(&mut kept.events);
    let mut all: Vec<_> = (0..)
        .zip(events.drain(..))
        .map(|(at, event)| (event, of.remove(&at)))
        .collect();
    all.sort_by_key(|(event, _)| event.event_id);
    let before = all.len();
    all.dedup_by(|one, other| one == other);
    let twice = u32::try_from(before - all.len()).unwrap_or(u32::MAX);
    let mut still_kept = BTreeMap::new();
    for (at, (event, unknown)) in (0..).zip(all) {
        if let Some(unknown) = unknown {
            still_kept.insert(at, unknown);
        }
        events.push(event);
    }
    kept.events = still_kept;
    twice
}

fn note_gaps(events: &[HistoryEvent], notes: &mut Vec<Note>) {
    let mut expected = 1;
    let mut gaps = Vec::new();
    for event in events {
        if event.event_id > expected {
            gaps.push((expected, event.event_id - 1));
        }
        expected = event.event_id.saturating_add(1);
    }
    let more = gaps.len().saturating_sub(GAPS_NAMED);
    let named = gaps.into_iter().take(GAPS_NAMED);
    notes.extend(named.map(|(first, last)| Note::Missing { first, last }));
    if more > 0 {
        let gaps = u32::try_from(more).unwrap_or(u32::MAX);
        notes.push(Note::MoreMissing { gaps });
    }
}
