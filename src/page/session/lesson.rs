//! What a newcomer is being taught: the first scene, a station of the tour, or nothing; and how the address says so. What is
//! shown then is `lesson_card.rs`'s business, what is done `teaching.rs`'s.

use super::engine::{Lessons, Next, Sight};

/// What is being taught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lesson {
    /// Nothing.
    #[default]
    None,
    /// The first scene.
    Scene,
    /// The tour, at the station of that place, from 0.
    Tour(usize),
}

/// What a reader can want of a lesson.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    /// To have it, from its moment on.
    Lead(Lesson),
    /// What the card's button says.
    Press(Next),
    /// To be left alone.
    Leave,
}

const SCENE: &str = "scene=first";
const TOUR: &str = "tour=";

impl Lesson {
    /// Whether a part of an address is about a lesson.
    pub fn is_meant(part: &str) -> bool {
        part.starts_with("scene=") || part.starts_with(TOUR)
    }

    /// The lesson that a part of an address names, if the lab has it.
    pub fn named(part: &str, lessons: Lessons) -> Option<Self> {
        match part.strip_prefix(TOUR) {
            Some(id) => lessons.station(id).map(Self::Tour),
            None => (part == SCENE && lessons.scene.is_some()).then_some(Self::Scene),
        }
    }

    /// What an address says of it, with the `&` before; nothing for none.
    pub fn spelled(self, lessons: Lessons) -> String {
        match self {
            Self::None => String::new(),
            Self::Scene => format!("&{SCENE}"),
            Self::Tour(place) => match lessons.tour.get(place) {
                Some(station) => format!("&{TOUR}{}", station.id),
                None => String::new(),
            },
        }
    }

    /// Where it begins.
    pub fn sight(self, lessons: Lessons) -> Option<Sight> {
        match self {
            Self::None => None,
            Self::Scene => lessons.scene.map(|scene| scene.at),
            Self::Tour(place) => lessons.tour.get(place).map(|station| station.at),
        }
    }
}
