//! The order of a file's events, put right: newest first, pages in any order, pages that overlap, pages that are missing.
//!
//! Ids decide. Of a file in which they decide nothing (all the same, or none) the order stays.

use std::collections::BTreeMap;

use super::json::ReadHistory;
use super::kept::Note;
use super::proto::{EventType, HistoryEvent};
use super::read_error::ReadError;

/// So many gaps are named one by one.
const GAPS_NAMED: usize = 5;

/// Puts the events in the order of their ids, takes out what stands there twice, and notes what is missing.
///
/// # Errors
///
/// If more than one run begins in it: these are several histories.
pub(super) fn put_in_order(read: &mut ReadHistory) -> Result<(), ReadError> {
    let starts = |event: &&HistoryEvent| event.event_type() == EventType::WorkflowExecutionStarted;
    let ids: Vec<i64> = read.history.events.iter().map(|event| event.event_id).collect();
    if ids.iter().any(|id| *id < 1) {
        return Ok(());
    }
    if !ids.is_sorted_by(|a, b| a < b) {
        let descends = ids.is_sorted_by(|a, b| a > b);
        let twice = sort(read);
        if descends {
            read.notes.push(Note::NewestFirst);
        } else if !ids.is_sorted() {
            read.notes.push(Note::Reordered);
        }
        if twice > 0 {
            read.notes.push(Note::Repeated { events: twice });
        }
        let histories = read.history.events.iter().filter(starts).count();
        if histories > 1 {
            let histories = u32::try_from(histories).unwrap_or(u32::MAX);
            return Err(ReadError::SeveralHistories { histories });
        }
        let events = &read.history.events;
        let same = events.windows(2).find(|pair| pair[0].event_id == pair[1].event_id);
        if let Some(same) = same {
            read.notes.push(Note::SameId { id: same[0].event_id });
        }
    }
    note_gaps(read);
    Ok(())
}

/// Sorts; returns how many events stood there twice, and do not any more.
fn sort(read: &mut ReadHistory) -> u32 {
    let events = std::mem::take(&mut read.history.events);
    let mut kept = std::mem::take(&mut read.kept.events);
    let mut all: Vec<_> = (0..).zip(events).map(|(at, event)| (event, kept.remove(&at))).collect();
    all.sort_by_key(|(event, _)| event.event_id);
    let before = all.len();
    all.dedup_by(|one, other| one == other);
    let twice = u32::try_from(before - all.len()).unwrap_or(u32::MAX);
    let mut still_kept = BTreeMap::new();
    for (at, (event, kept)) in (0..).zip(all) {
        if let Some(kept) = kept {
            still_kept.insert(at, kept);
        }
        read.history.events.push(event);
    }
    read.kept.events = still_kept;
    twice
}

fn note_gaps(read: &mut ReadHistory) {
    let mut expected = 1;
    let mut gaps = Vec::new();
    for event in &read.history.events {
        if event.event_id > expected {
            gaps.push((expected, event.event_id - 1));
        }
        expected = event.event_id.saturating_add(1);
    }
    let more = gaps.len().saturating_sub(GAPS_NAMED);
    let named = gaps.into_iter().take(GAPS_NAMED);
    read.notes
        .extend(named.map(|(first, last)| Note::Missing { first, last }));
    if more > 0 {
        let gaps = u32::try_from(more).unwrap_or(u32::MAX);
        read.notes.push(Note::MoreMissing { gaps });
    }
}
