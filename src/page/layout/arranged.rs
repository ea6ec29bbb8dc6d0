//! How the reader has arranged the page: where the splitters stand, which tab of the drawer is open, how large the type is,
//! how the history is listed, which stories were seen. Plain data; `settings.rs` keeps it from one visit to the next.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::page::history::history_rows::Listing;

/// A line between two panels that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Code and history, beside the picture and the drawer: the share of the width that is left of it.
    Columns,
    /// Code over history: the share of the column that is above it.
    Code,
    /// The picture over the drawer: the share of the window's height that the picture has.
    Picture,
}

impl Split {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Columns, Self::Code, Self::Picture];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Columns => "Between code and picture",
            Self::Code => "Between code and history",
            Self::Picture => "Between picture and drawer",
        }
    }

    /// Stable name: the id of its separator, and `--split-NAME` of its place.
    pub fn word(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Code => "code",
            Self::Picture => "picture",
        }
    }

    /// Where it may stand, in per cent: the least and the most.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Columns => (18.0, 70.0),
            Self::Code => (12.0, 88.0),
            Self::Picture => (20.0, 70.0),
        }
    }

    /// Where it stands until it is moved.
    pub fn usual(self) -> f64 {
        match self {
            Self::Columns => 34.5,
            Self::Code => 55.0,
            Self::Picture => 47.0,
        }
    }
}

/// Where the splitters stand, in per cent, in the order of [`Split::ALL`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Splits([f64; 3]);

impl Splits {
    /// Nobody has moved one.
    pub fn usual() -> Self {
        Self(Split::ALL.map(Split::usual))
    }

    /// Where that one stands.
    pub fn of(&self, split: Split) -> f64 {
        self.0[split as usize]
    }

    /// With that one somewhere else, as far as it may go.
    #[must_use]
    pub fn with(mut self, split: Split, percent: f64) -> Self {
        let (least, most) = split.range();
        self.0[split as usize] = percent.clamp(least, most);
        self
    }

    /// For the storage.
    pub fn text(&self) -> String {
        self.0.map(|percent| format!("{percent:.1}")).join(" ")
    }

    /// As [`text`](Self::text) spells it; what is missing or no number is as usual.
    pub fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        Split::ALL.into_iter().fold(Self::usual(), |splits, split| {
            let said = words.next().and_then(|word| word.parse().ok());
            let said = said.filter(|percent: &f64| percent.is_finite());
            splits.with(split, said.unwrap_or(split.usual()))
        })
    }
}

/// All that is arranged. Cheap to copy: it holds handles only.
#[derive(Clone, Copy)]
pub struct Arranged {
    /// Where the splitters stand.
    pub splits: RwSignal<Splits>,
    /// The open tab of the drawer, by its name.
    pub tab: RwSignal<String>,
    /// The moment that the reader holds on to, to see what became different since.
    pub held: RwSignal<Option<u32>>,
    /// How the history is listed.
    pub listing: RwSignal<Listing>,
    /// Large type, for presenting.
    pub large: RwSignal<bool>,
    /// The ids of the stories that were shown in this browser.
    pub seen: RwSignal<BTreeSet<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitters_stay_in_range_and_outlive_a_visit() {
        let moved = Splits::usual().with(Split::Columns, 50.0).with(Split::Picture, 99.0);
        assert_eq!((moved.of(Split::Columns), moved.of(Split::Picture)), (50.0, 70.0));
        assert_eq!(Splits::read(&moved.text()), moved);
        for wrong in ["", "fifty NaN", "50.0"] {
            let read = Splits::read(wrong);
            for split in [Split::Code, Split::Picture] {
                assert!((read.of(split) - split.usual()).abs() < 0.1, "{wrong}");
            }
        }
    }
}
