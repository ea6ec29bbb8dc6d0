//! What one rule has found so far. Places of which the same is to be said are one finding: a loop that does the same a
//! thousand times is no thousand mistakes.

use std::collections::BTreeMap;

/// One thing that was found, and where.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The first event; `None` if it is about the history as a whole.
    pub(super) event: Option<i64>,
    /// The other events.
    pub(super) also: Vec<i64>,
    /// What, with the values of the first event.
    pub(super) what: String,
    /// What to do, if that is something else than what the rule says.
    pub(super) todo: Option<String>,
}

/// All that one rule has found.
#[derive(Debug, Default)]
pub(super) struct Finds {
    found: Vec<Found>,
    /// The place in the list, by what is alike.
    alike: BTreeMap<String, u32>,
}

impl Finds {
    /// Something about an event.
    pub(super) fn at(&mut self, event: i64, what: String) {
        let like = what.clone();
        self.like(&like, event, what);
    }

    /// Something about an event, of which it is enough to be told once for everything that is alike.
    pub(super) fn like(&mut self, like: &str, event: i64, what: String) {
        self.advise(like, event, what, None);
    }

    /// The same, with advice of its own.
    pub(super) fn advise(&mut self, like: &str, event: i64, what: String, todo: Option<&str>) {
        if let Some(at) = self.alike.get(like)
            && let Some(first) = self.found.get_mut(*at as usize)
        {
            if first.event != Some(event) && first.also.last() != Some(&event) {
                first.also.push(event);
            }
            return;
        }
        let place = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        self.alike.insert(like.to_owned(), place);
        self.found.push(Found {
            event: Some(event),
            also: Vec::new(),
            what,
            todo: todo.map(str::to_owned),
        });
    }

    /// Something about several events at once, in their order.
    pub(super) fn among(&mut self, events: &[i64], what: String) {
        self.found.push(Found {
            event: events.first().copied(),
            also: events.iter().skip(1).copied().collect(),
            what,
            todo: None,
        });
    }

    /// Something about the history as a whole.
    pub(super) fn whole(&mut self, what: String) {
        self.among(&[], what);
    }

    pub(super) fn into_found(self) -> Vec<Found> {
        self.found
    }
}
