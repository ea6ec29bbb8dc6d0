//! A list that only grows, and whose earlier states cost nothing to have.
//!
//! Histories, steps and journals are such lists, and going back in time means having their beginning again: it is shared,
//! not copied. A world that is taken back and does the same again writes the same items: those that are there are taken
//! over. Only one that goes on in another way gets a copy of its own.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A list that only grows. Read it as a slice.
#[derive(Clone)]
pub struct GrowingList<T> {
    /// This list's items, and perhaps what others have added after them.
    items: Arc<Vec<T>>,
    len: usize,
    /// A copy for this list alone that is being made, see [`own`](Self::own).
    copy: Vec<T>,
}

impl<T> GrowingList<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self {
            items: Arc::default(),
            len: 0,
            copy: Vec::new(),
        }
    }

    /// What the list was when it had `len` items, or as it is if it has fewer. Shares the items.
    #[must_use]
    pub fn prefix(&self, len: usize) -> Self {
        Self {
            items: Arc::clone(&self.items),
            len: len.min(self.len),
            copy: Vec::new(),
        }
    }
}

impl<T: Clone + PartialEq> GrowingList<T> {
    /// Appends an item. It costs a copy of the list if others hold it and have another item there, or none.
    pub fn push(&mut self, item: T) {
        if self.items.get(self.len) != Some(&item) {
            if let Some(items) = Arc::get_mut(&mut self.items) {
                items.truncate(self.len);
                items.push(item);
            } else {
                let mut items = Vec::with_capacity(self.len + self.len / 2 + 1);
                items.extend_from_slice(self);
                items.push(item);
                self.items = Arc::new(items);
            }
        }
        self.len += 1;
    }

    /// Copies at most so many of the items that are shared: who is going to push another item anyway can have the copy
    /// made bit by bit before. True once there is nothing left to copy.
    pub fn own(&mut self, most: usize) -> bool {
        if self.len == self.items.len() && Arc::strong_count(&self.items) == 1 {
            return true;
        }
        let from = self.copy.len();
        let until = from.saturating_add(most).min(self.len);
        self.copy.extend_from_slice(&self.items[from..until]);
        if until == self.len {
            self.items = Arc::new(std::mem::take(&mut self.copy));
        }
        until == self.len
    }
}

impl<T> Default for GrowingList<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for GrowingList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items[..self.len]
    }
}

impl<T: PartialEq> PartialEq for GrowingList<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for GrowingList<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[u32]) -> GrowingList<u32> {
        let mut list = GrowingList::new();
        items.iter().for_each(|item| list.push(*item));
        list
    }

    fn share(one: &GrowingList<u32>, other: &GrowingList<u32>) -> bool {
        Arc::ptr_eq(&one.items, &other.items)
    }

    #[test]
    fn who_does_the_same_again_shares_the_past() {
        let first = list(&[1, 2, 3]);
        let mut again = first.prefix(1);
        again.push(2);
        again.push(3);
        assert_eq!(again, first);
        assert!(share(&again, &first));
        assert_eq!(*first.prefix(9), [1, 2, 3]);
    }

    #[test]
    fn who_goes_on_in_another_way_gets_a_copy_and_leaves_the_other_alone() {
        let first = list(&[1, 2, 3]);
        let mut other = first.prefix(1);
        other.push(7);
        other.push(8);
        assert_eq!((&*first, &*other), (&[1, 2, 3][..], &[1, 7, 8][..]));
        let mut longer = first.clone();
        longer.push(4);
        assert_eq!((&*first, &*longer), (&[1, 2, 3][..], &[1, 2, 3, 4][..]));
    }

    #[test]
    fn a_copy_can_be_made_bit_by_bit() {
        let first = list(&[1, 2, 3, 4]);
        let mut other = first.prefix(3);
        assert!(!other.own(2) && other.own(2) && other.own(2));
        let items = Arc::as_ptr(&other.items);
        other.push(7);
        assert_eq!((&*first, &*other), (&[1, 2, 3, 4][..], &[1, 2, 3, 7][..]));
        assert_eq!(Arc::as_ptr(&other.items), items);
    }

    #[test]
    fn who_is_alone_needs_no_copy() {
        let mut only = list(&[1, 2, 3]).prefix(1);
        only.push(5);
        assert_eq!(*only, [1, 5]);
    }
}
