//! Which thing of one history is which of the other.
//!
//! Things can be each other's if they have one name; that they also say the same is a hint. Two ways are tried. One holds
//! on to what says the same and then to names between: right where something was put into a loop. The other goes by names
//! alone: right where everything says something else. The one that leaves less to be explained is taken. What is left over
//! may have moved.
//!
//! The algorithm below is Myers', with the bounds that Git sets on it: near to linear time and memory, whatever comes.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::thing::Thing;

/// What has become of the things of two histories, by their places in the two lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Aligned {
    /// The same thing in both, in the order of the first.
    pub(super) pairs: Vec<Pair>,
    /// What is only in the first.
    pub(super) only_from: Vec<u32>,
    /// What is only in the second.
    pub(super) only_to: Vec<u32>,
}

/// One thing in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) from: u32,
    pub(super) to: u32,
    /// It stands elsewhere in the order.
    pub(super) is_moved: bool,
}

/// Finds out which is which. Which of the two histories comes first makes no difference.
pub(super) fn align(from: &[&Thing], to: &[&Thing]) -> Aligned {
    let likeness = |things: &[&Thing]| -> Vec<u64> { things.iter().map(|thing| thing.likeness).collect() };
    if likeness(from) > likeness(to) {
        let Aligned {
            mut pairs,
            only_from,
            only_to,
        } = in_order(to, from);
        for pair in &mut pairs {
            (pair.from, pair.to) = (pair.to, pair.from);
        }
        pairs.sort_unstable();
        return Aligned {
            pairs,
            only_from: only_to,
            only_to: only_from,
        };
    }
    in_order(from, to)
}

fn in_order(from: &[&Thing], to: &[&Thing]) -> Aligned {
    let by_likeness = finished(by_likeness(from, to), from, to);
    // Nothing is left to be explained better.
    if cost(&by_likeness, from, to) == 0 {
        return by_likeness;
    }
    let by_name = finished(by_name(from, to), from, to);
    if cost(&by_name, from, to) < cost(&by_likeness, from, to) {
        by_name
    } else {
        by_likeness
    }
}

type Places = Vec<(usize, usize)>;

/// What says the same in the same order; between that, what has the same name.
fn by_likeness(from: &[&Thing], to: &[&Thing]) -> Places {
    let mut found = Places::new();
    let (mut done_from, mut done_to) = (0, 0);
    let alike = common(from, to, |thing| thing.likeness);
    for (at_from, at_to) in alike.into_iter().chain([(from.len(), to.len())]) {
        let between = by_name(&from[done_from..at_from], &to[done_to..at_to]);
        found.extend(between.into_iter().map(|(a, b)| (done_from + a, done_to + b)));
        if at_from < from.len() {
            found.push((at_from, at_to));
        }
        (done_from, done_to) = (at_from + 1, at_to + 1);
    }
    found
}

/// What has the same name in the same order.
fn by_name(from: &[&Thing], to: &[&Thing]) -> Places {
    if from.is_empty() || to.is_empty() {
        return Places::new();
    }
    common(from, to, |thing| thing.name.as_str())
}

/// The places of what two lists have in common, in order.
fn common<'a, K: Ord>(from: &[&'a Thing], to: &[&'a Thing], key: impl Fn(&'a Thing) -> K) -> Places {
    let mut numbers: BTreeMap<K, u32> = BTreeMap::new();
    let mut number = |things: &[&'a Thing]| -> Vec<u32> {
        let number = |thing: &&'a Thing| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(key(thing)).or_insert(next)
        };
        things.iter().map(number).collect()
    };
    let (from, to) = (number(from), number(to));
    let mut found = Places::new();
    for op in capture_diff_slices(Algorithm::Myers, &from, &to) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            found.extend((0..len).map(|more| (old_index + more, new_index + more)));
        }
    }
    found
}

/// Looks among what is left over for what has moved.
fn finished(places: Places, from: &[&Thing], to: &[&Thing]) -> Aligned {
    let pair = |is_moved: bool| {
        move |(from, to): (usize, usize)| Pair {
            from: short(from),
            to: short(to),
            is_moved,
        }
    };
    let mut left_from = vec![true; from.len()];
    let mut left_to = vec![true; to.len()];
    for (at_from, at_to) in &places {
        left_from[*at_from] = false;
        left_to[*at_to] = false;
    }
    let mut pairs: Vec<Pair> = places.into_iter().map(pair(false)).collect();
    let mut claim = |found: Places| {
        for (at_from, at_to) in &found {
            left_from[*at_from] = false;
            left_to[*at_to] = false;
        }
        pairs.extend(found.into_iter().map(pair(true)));
        (left_from.clone(), left_to.clone())
    };
    let (rest_from, rest_to) = claim(Places::new());
    let (rest_from, rest_to) = claim(matched(from, to, &rest_from, &rest_to, |thing| thing.likeness, false));
    // What says something else as well may have moved only if it is the one of its name; of timers that is no hint.
    let by_name = matched(from, to, &rest_from, &rest_to, |thing| thing.name.as_str(), true);
    claim(
        by_name
            .into_iter()
            .filter(|(at, _)| from[*at].name != "timer")
            .collect(),
    );
    let rest = |left: &[bool]| -> Vec<u32> { (0..).zip(left).filter(|(_, left)| **left).map(|(at, _)| at).collect() };
    pairs.sort_unstable();
    Aligned {
        only_from: rest(&left_from),
        only_to: rest(&left_to),
        pairs,
    }
}

/// Of what is left over on both sides, what has the same key: in order, or only what there is one of.
fn matched<'a, K: Ord>(
    from: &[&'a Thing],
    to: &[&'a Thing],
    left_from: &[bool],
    left_to: &[bool],
    key: impl Fn(&'a Thing) -> K,
    only_single: bool,
) -> Places {
    let mut by_key: BTreeMap<K, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, things, left) in [(0, from, left_from), (1, to, left_to)] {
        for (at, thing) in things.iter().enumerate().filter(|(at, _)| left[*at]) {
            by_key.entry(key(thing)).or_default()[side].push(at);
        }
    }
    let mut found = Places::new();
    for [of_from, of_to] in by_key.into_values() {
        if !only_single || of_from.len() == 1 && of_to.len() == 1 {
            found.extend(of_from.into_iter().zip(of_to));
        }
    }
    found
}

/// How much is left to be explained.
fn cost(aligned: &Aligned, from: &[&Thing], to: &[&Thing]) -> u64 {
    let differs = |pair: &Pair| {
        let is_alike = from[pair.from as usize].likeness == to[pair.to as usize].likeness;
        u64::from(!is_alike) + 2 * u64::from(pair.is_moved)
    };
    let left = aligned.only_from.len() + aligned.only_to.len();
    aligned.pairs.iter().map(differs).sum::<u64>() + 2 * u64::try_from(left).unwrap_or(u64::MAX)
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::thing::Lane;
    use super::*;

    /// `a1 b2`: names are letters, what they say is the number.
    fn list(text: &str) -> Vec<Thing> {
        let thing = |(at, word): (u32, &str)| Thing {
            lane: Lane::Code,
            name: word[..1].to_owned(),
            number: 0,
            likeness: word.bytes().fold(0, |sum, byte| sum * 256 + u64::from(byte)),
            opened: at,
            started: None,
            changes: Vec::new(),
            closed: None,
            lasts: false,
        };
        (0..).zip(text.split_whitespace()).map(thing).collect()
    }

    #[track_caller]
    fn check(from: &str, to: &str, told: &str) {
        let (one, other) = (list(from), list(to));
        let (one, other): (Vec<&Thing>, Vec<&Thing>) = (one.iter().collect(), other.iter().collect());
        let aligned = align(&one, &other);
        let mut words: Vec<String> = Vec::new();
        for pair in &aligned.pairs {
            let moved = if pair.is_moved { "~" } else { "" };
            words.push(format!("{moved}{}={}", pair.from, pair.to));
        }
        words.extend(aligned.only_from.iter().map(|at| format!("-{at}")));
        words.extend(aligned.only_to.iter().map(|at| format!("+{at}")));
        assert_eq!(words.join(" "), told, "{from} | {to}");

        let mut back = align(&other, &one);
        for pair in &mut back.pairs {
            (pair.from, pair.to) = (pair.to, pair.from);
        }
        back.pairs.sort_unstable();
        std::mem::swap(&mut back.only_from, &mut back.only_to);
        assert_eq!(back, aligned, "{from} | {to}, the other way round");
    }

    #[test]
    fn things_find_each_other() {
        check("", "", "");
        check("a1", "", "-0");
        check("a1 b1 c1", "a1 b1 c1", "0=0 1=1 2=2");
        check("a1 b1 c1", "a1 b2 c1", "0=0 1=1 2=2");
        check("a1 b1 c1", "a1 d1 c1", "0=0 2=2 -1 +1");
        // Into a loop.
        check("a1 a2 a3", "a0 a1 a2 a3", "0=1 1=2 2=3 +0");
        // All of a loop says something else.
        check("a1 a2 a3", "a5 a6 a7", "0=0 1=1 2=2");
        // Names count for more than one that happens to say the same.
        check("p1 c1 p1", "c2 p1", "1=0 2=1 -0");
    }

    #[test]
    fn what_moved_is_found_again() {
        check("a1 b1 c1", "b1 c1 a1", "~0=2 1=0 2=1");
        check("a1 b1 c1", "b1 c1 a2", "~0=2 1=0 2=1");
        // Of more than one of a name that all say something else, nobody knows which is which.
        check(
            "a1 a2 b1 c1 d1 e1 f1",
            "b1 c1 d1 e1 f1 a3 a4",
            "2=0 3=1 4=2 5=3 6=4 -0 -1 +5 +6",
        );
    }

    #[test]
    fn it_is_quick_whatever_comes() {
        let count = 20_000_u32;
        let forth: String = (0..count).map(|at| format!("a{at} ")).collect();
        let back: String = (0..count).rev().map(|at| format!("a{at} ")).collect();
        let mixed: String = (0..count)
            .map(|at| format!("{} ", ["a1", "b1", "c1"][(at * at / 7 % 3) as usize]))
            .collect();
        let other: String = (0..count)
            .map(|at| format!("{} ", ["b1", "a1", "c1"][(at * at / 5 % 3) as usize]))
            .collect();
        for (from, to) in [(&forth, &back), (&mixed, &other), (&forth, &mixed)] {
            let (one, other) = (list(from), list(to));
            let (one, other): (Vec<&Thing>, Vec<&Thing>) = (one.iter().collect(), other.iter().collect());
            let aligned = align(&one, &other);
            assert_eq!(aligned.pairs.len() + aligned.only_from.len(), count as usize);
            assert_eq!(aligned.pairs.len() + aligned.only_to.len(), count as usize);
        }
    }
}
