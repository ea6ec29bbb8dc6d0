//! What a service remembers of the calls it has answered, so that the same call again changes nothing.

use super::journal::{Pen, System};
use super::{ActivityError, EntryKind};
use crate::base::sorted::SortedMap;

/// Answers by idempotency key. They are kept even where nobody honours them: the service does not know then that it
/// does a thing twice, but the journal shall.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answers {
    honoured: bool,
    by_key: SortedMap<String, String>,
}

impl Answers {
    pub(super) fn new(honoured: bool) -> Self {
        Self {
            honoured,
            by_key: SortedMap::new(),
        }
    }

    /// The id that this call was answered with before, if the service looks for it; the journal gets a line then.
    pub(super) fn recall(&self, pen: &mut Pen, system: System) -> Option<String> {
        let id = self.by_key.get(pen.key()).filter(|_| self.honoured)?;
        pen.write(system, EntryKind::Repeated, format!("same key: returned {id} again"));
        Some(id.clone())
    }

    /// Remembers an answer, and says whether its call had been answered before.
    pub(super) fn remember(&mut self, pen: &Pen, id: &str) -> EntryKind {
        match self.by_key.insert(pen.key().to_owned(), id.to_owned()) {
            None => EntryKind::Did,
            Some(_) => EntryKind::Doubled,
        }
    }
}

/// ` again` for a doubled effect, nothing for a first one.
pub(super) fn again(kind: EntryKind) -> &'static str {
    if kind == EntryKind::Doubled { " again" } else { "" }
}

/// A request that comes after its order was cancelled: held up on the way, or sent by somebody who does not know. No
/// retry can help it.
pub(super) fn cancelled_before(pen: &mut Pen, system: System, order_id: &str) -> ActivityError {
    let message = format!("order {order_id} was cancelled before");
    pen.write(system, EntryKind::Refused, format!("refused: {message}"));
    ActivityError::fatal("OrderCancelled", message)
}
