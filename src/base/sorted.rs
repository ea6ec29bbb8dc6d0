//! A map in the order of its keys.
//!
//! The lab counts its workers, timers and open activities mostly in dozens, and for so few a sorted list is as quick as a
//! tree; the standard library's tree, compiled once for each of thirty types, was a tenth of the page. So it is a list,
//! but one in pieces: a run may have tens of thousands of timers, and moving them all for each that fires would take
//! longer than everything else.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Index;
use std::slice;

/// Longest piece. Adding and removing move at most so many entries.
const LONGEST: usize = 64;

/// A map in the order of its keys. Looking up takes time with the logarithm of the number of entries; adding and removing
/// hardly more, up to some hundred thousand.
#[derive(Clone)]
pub struct SortedMap<K, V> {
    /// None is empty, and all keys of one come before all of the next.
    pieces: Vec<Vec<(K, V)>>,
    len: usize,
}

impl<K, V> SortedMap<K, V> {
    /// A map without entries.
    pub const fn new() -> Self {
        Self {
            pieces: Vec::new(),
            len: 0,
        }
    }

    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All entries.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter {
            entries: self.pieces.iter().flatten(),
            left: self.len,
        }
    }

    /// All keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.pieces.iter_mut().flatten().map(|(_, value)| value)
    }

    /// All keys; the values are dropped.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> {
        self.into_iter().map(|(key, _)| key)
    }

    /// All values; the keys are dropped.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.into_iter().map(|(_, value)| value)
    }

    /// Drops all entries.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.len = 0;
    }

    /// Keeps only some entries.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        for piece in &mut self.pieces {
            piece.retain_mut(|(key, value)| keep(key, value));
        }
        self.pieces.retain(|piece| !piece.is_empty());
        self.len = self.pieces.iter().map(Vec::len).sum();
    }

    /// The entry with the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The entry with the greatest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next_back()
    }

    /// Takes out the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.remove_at(Place { piece: 0, at: 0 }))
    }

    fn insert_at(&mut self, Place { piece, at }: Place, key: K, value: V) {
        self.len += 1;
        let Some(entries) = self.pieces.get_mut(piece) else {
            self.pieces.push(vec![(key, value)]);
            return;
        };
        if entries.len() < LONGEST {
            entries.insert(at, (key, value));
        } else if at == LONGEST {
            // Keys that grow, as most do, leave full pieces behind.
            self.pieces.insert(piece + 1, vec![(key, value)]);
        } else {
            entries.insert(at, (key, value));
            let rest = entries.split_off(LONGEST / 2);
            self.pieces.insert(piece + 1, rest);
        }
    }

    fn remove_at(&mut self, Place { piece, at }: Place) -> (K, V) {
        self.len -= 1;
        let entry = self.pieces[piece].remove(at);
        if self.pieces[piece].is_empty() {
            self.pieces.remove(piece);
        }
        entry
    }
}

/// Where an entry is, or would be.
#[derive(Clone, Copy)]
struct Place {
    piece: usize,
    at: usize,
}

impl<K: Ord, V> SortedMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        let after = self.pieces.partition_point(|piece| piece[0].0.borrow() <= key);
        let piece = after.saturating_sub(1);
        let Some(entries) = self.pieces.get(piece) else {
            return Err(Place { piece, at: 0 });
        };
        match entries.binary_search_by(|(other, _)| other.borrow().cmp(key)) {
            Ok(at) => Ok(Place { piece, at }),
            Err(at) => Err(Place { piece, at }),
        }
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let Place { piece, at } = self.find(key).ok()?;
        Some(&self.pieces[piece][at].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let Place { piece, at } = self.find(key).ok()?;
        Some(&mut self.pieces[piece][at].1)
    }

    /// Whether a key has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// The entries from this key on.
    pub fn iter_from<Q: Ord + ?Sized>(&self, key: &Q) -> impl Iterator<Item = (&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (Ok(Place { piece, at }) | Err(Place { piece, at })) = self.find(key);
        let entries = self.pieces.get(piece..).unwrap_or_default().iter().flatten();
        entries.skip(at).map(|(key, value)| (key, value))
    }

    /// Gives a key a value; returns the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(Place { piece, at }) => Some(std::mem::replace(&mut self.pieces[piece][at].1, value)),
            Err(place) => {
                self.insert_at(place, key, value);
                None
            }
        }
    }

    /// Takes out the value of a key.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.find(key).ok()?;
        Some(self.remove_at(place).1)
    }

    /// The value of a key, which it is given now if it has none.
    pub fn get_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        let place = self.find(&key);
        let Place { mut piece, mut at } = match place {
            Ok(place) => place,
            Err(place) => {
                self.insert_at(place, key, value());
                place
            }
        };
        // It may have gone into a new piece.
        if at >= self.pieces[piece].len() {
            at -= self.pieces[piece].len();
            piece += 1;
        }
        &mut self.pieces[piece][at].1
    }
}

impl<K: Ord, V: Default> SortedMap<K, V> {
    /// The value of a key, which is given the default one if it has none.
    pub fn get_or_default(&mut self, key: K) -> &mut V {
        self.get_or_insert_with(key, V::default)
    }
}

/// All entries of a map.
#[derive(Debug)]
pub struct Iter<'a, K, V> {
    entries: std::iter::Flatten<slice::Iter<'a, Vec<(K, V)>>>,
    left: usize,
}

// Not derived: references can be copied whatever they lead to.
impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            left: self.left,
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.entries.next()?;
        self.left -= 1;
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (key, value) = self.entries.next_back()?;
        self.left -= 1;
        Some((key, value))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

// None of these is derived: how the entries are cut into pieces is nobody's business.

impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for SortedMap<K, V> {}

impl<K: Ord, V: Ord> PartialOrd for SortedMap<K, V> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, V: Ord> Ord for SortedMap<K, V> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<K: std::hash::Hash, V: std::hash::Hash> std::hash::Hash for SortedMap<K, V> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.into_iter().flatten()
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut SortedMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter =
        std::iter::Map<std::iter::Flatten<slice::IterMut<'a, Vec<(K, V)>>>, fn(&'a mut (K, V)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.iter_mut().flatten().map(|(key, value)| (&*key, value))
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key has a value")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_in_the_order_of_their_keys() {
        let mut map = SortedMap::from([(3, "c"), (1, "a"), (2, "b"), (1, "A")]);
        assert_eq!(map.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(map[&1], "A");
        assert_eq!(map.insert(0, "z"), None);
        assert_eq!(map.insert(2, "B"), Some("b"));
        assert_eq!(map.remove(&3), Some("c"));
        assert_eq!(map.remove(&3), None);
        *map.get_or_insert_with(7, || "new") = "changed";
        assert_eq!(map.pop_first(), Some((0, "z")));
        map.retain(|key, _| *key != 1);
        assert_eq!(map.into_iter().collect::<Vec<_>>(), [(2, "B"), (7, "changed")]);
    }

    /// Against the standard library's, with keys in every order and pieces that split and vanish.
    #[test]
    fn many_entries_are_kept_as_a_tree_would() {
        let mut map = SortedMap::new();
        let mut tree = std::collections::BTreeMap::new();
        let same = |map: &SortedMap<u64, u64>, tree: &std::collections::BTreeMap<u64, u64>| {
            assert_eq!(map.iter().collect::<Vec<_>>(), tree.iter().collect::<Vec<_>>());
            assert_eq!(
                map.iter().rev().collect::<Vec<_>>(),
                tree.iter().rev().collect::<Vec<_>>()
            );
            assert_eq!((map.len(), map.iter().len()), (tree.len(), tree.len()));
        };
        for n in 0..4_000_u64 {
            let key = n * 7_919 % 1_009;
            match n % 5 {
                0..3 => assert_eq!(map.insert(key, n), tree.insert(key, n)),
                3 => assert_eq!(map.remove(&(key / 2)), tree.remove(&(key / 2))),
                _ => {
                    *map.get_or_default(key) += 1;
                    *tree.entry(key).or_default() += 1;
                }
            }
            assert_eq!(map.get(&key), tree.get(&key));
            if n % 101 == 0 {
                same(&map, &tree);
                let from = map.iter_from(&key).collect::<Vec<_>>();
                assert_eq!(from, tree.range(key..).collect::<Vec<_>>());
            }
        }
        map.retain(|key, _| key % 3 == 0);
        tree.retain(|key, _| key % 3 == 0);
        same(&map, &tree);
        while let Some(first) = map.pop_first() {
            assert_eq!(Some(first), tree.pop_first());
        }
        assert!(tree.is_empty() && map.is_empty());
        let grown: SortedMap<u64, ()> = (0..1_000).map(|key| (key, ())).collect();
        assert!(grown.pieces.iter().rev().skip(1).all(|piece| piece.len() == LONGEST));
        let backwards: SortedMap<u64, ()> = (0..1_000).rev().map(|key| (key, ())).collect();
        assert_eq!(grown, backwards);
    }
}
