//! Finding a story: by words, by chapter, by an activity of its workflow, by a fault or a term. Plain data; `story_picker.rs`
//! draws it.

use crate::view::recording::StoryCard;

/// A story, and all that it may be found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Findable {
    /// Its card.
    pub card: StoryCard,
    /// The activities of its workflow.
    pub activities: Vec<String>,
    /// Everything told of it, in small letters.
    told: String,
}

/// What the reader looks for. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// All of these words, anywhere.
    pub words: String,
    /// In that chapter.
    pub chapter: String,
    /// With that activity.
    pub activity: String,
    /// About that fault or term: a [`Topic`]'s name.
    pub topic: String,
    /// Not seen yet.
    pub unseen: bool,
}

/// Something that stories are about.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// As it is offered.
    pub name: &'static str,
    /// A story that tells of one of these is about it.
    words: &'static [&'static str],
}

const fn topic(name: &'static str, words: &'static [&'static str]) -> Topic {
    Topic { name, words }
}

/// What goes wrong.
pub const FAULTS: [Topic; 7] = [
    topic(
        "a worker dies",
        &[
            "worker dies",
            "workers are dead",
            "workers dead",
            "its worker dies",
            "dies while",
        ],
    ),
    topic(
        "no worker",
        &[
            "nobody awake",
            "nobody is left",
            "no worker",
            "misspelt",
            "not registered",
        ],
    ),
    topic(
        "a service is down or silent",
        &[
            "down",
            "never answered",
            "no answer",
            "silent",
            "dead service",
            "answer is lost",
            "answer lost",
            "answers get lost",
        ],
    ),
    topic(
        "a service says no",
        &[
            "declined",
            "refuse",
            "rejected",
            "bounces",
            "invalid",
            "insufficient",
            "out of stock",
        ],
    ),
    topic(
        "money or stock lost or doubled",
        &[
            "twice",
            "charged again",
            "leak",
            "stay reserved",
            "keeps the",
            "missing",
        ],
    ),
    topic(
        "wrong code",
        &[
            "wrong",
            "the fault",
            "a fault in",
            "does not fit",
            "cannot be replayed",
            "floats",
        ],
    ),
    topic(
        "stuck",
        &["stuck", "stays open", "waits for an hour", "for ever", "nobody"],
    ),
];

/// Temporal's words, and those of the trade.
pub const TERMS: [Topic; 14] = [
    topic("retry and backoff", &["retr", "backoff", "attempt"]),
    topic("timeout", &["timeout", "time limit", "limit", "deadline", "times out"]),
    topic("heartbeat", &["heartbeat", "report every"]),
    topic("idempotency key", &["idempotency", "keys", "the same key"]),
    topic(
        "saga and compensation",
        &["saga", "compensat", "undo", "undone", "refund", "gives the reserved"],
    ),
    topic("replay", &["replay", "rebuilt from its history", "memories"]),
    topic("nondeterminism", &["dice", "clock", "random", "does not fit", "draw"]),
    topic("versioning and patches", &["version", "patch", "deploy"]),
    topic("signal", &["signal", "vote", "approv", "approval", "verified"]),
    topic("query", &["query", "queries", "asks how"]),
    topic("timer", &["timer", "remind", "minute", "24 h", "hours", "days"]),
    topic("child workflow", &["child", "children"]),
    topic(
        "continue-as-new",
        &["continue as new", "continues as new", "continue-as-new", "as-new"],
    ),
    topic(
        "in parallel",
        &["parallel", "at once", "at the same time", "several workers"],
    ),
];

impl Findable {
    /// A story whose workflow has these activities.
    pub fn new(card: StoryCard, activities: Vec<String>) -> Self {
        let StoryCard {
            id,
            chapter,
            title,
            sentence,
            workflow_type,
            ..
        } = &card;
        let told = format!(
            "{id} {chapter} {title} {sentence} {workflow_type} {}",
            activities.join(" ")
        );
        Self {
            told: told.to_lowercase(),
            activities,
            card,
        }
    }

    fn is_about(&self, topic: &Topic) -> bool {
        topic.words.iter().any(|word| self.told.contains(word))
    }

    /// The faults and terms that it is about.
    pub fn topics(&self) -> impl Iterator<Item = &'static str> {
        FAULTS
            .iter()
            .chain(&TERMS)
            .filter(|topic| self.is_about(topic))
            .map(|topic| topic.name)
    }

    fn is(&self, wanted: &Wanted, seen: bool) -> bool {
        let words = wanted.words.to_lowercase();
        let topics = || self.topics().collect::<Vec<_>>().join(" ");
        let said = |word: &str| self.told.contains(word) || topics().contains(word);
        words.split_whitespace().all(said)
            && (wanted.chapter.is_empty() || self.card.chapter == wanted.chapter)
            && (wanted.activity.is_empty() || self.activities.contains(&wanted.activity))
            && (wanted.topic.is_empty() || self.topics().any(|topic| topic == wanted.topic))
            && !(wanted.unseen && seen)
    }
}

/// What is found, in the order in which it is shown: a story, or a story that shows a fault beside the one that shows it
/// mended, where both are found in one chapter.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A story.
    One(Findable),
    /// A fault, and the same mended.
    Twins(Findable, Findable),
}

impl Shown {
    /// The stories in it.
    pub fn stories(&self) -> Vec<&Findable> {
        match self {
            Self::One(story) => vec![story],
            Self::Twins(broken, mended) => vec![broken, mended],
        }
    }
}

/// The stories that are wanted, in order. `seen` says which were seen.
pub fn find(all: &[Findable], wanted: &Wanted, seen: impl Fn(&str) -> bool) -> Vec<Shown> {
    let found: Vec<&Findable> = all
        .iter()
        .filter(|story| story.is(wanted, seen(&story.card.id)))
        .collect();
    let twin = |story: &Findable| {
        let mended = story.card.mended_by.as_ref()?;
        found
            .iter()
            .copied()
            .find(|it| it.card.id == *mended && it.card.chapter == story.card.chapter)
    };
    let of_twins: Vec<&str> = found
        .iter()
        .copied()
        .filter_map(|story| Some(twin(story)?.card.id.as_str()))
        .collect();
    let alone = found.iter().filter(|story| !of_twins.contains(&story.card.id.as_str()));
    alone
        .map(|story| match twin(story) {
            Some(mended) => Shown::Twins((*story).clone(), mended.clone()),
            None => Shown::One((*story).clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::stories::LAB;
    use crate::page::session::engine::{activities, stories};

    fn lab() -> Vec<Findable> {
        let cards = stories(LAB).into_iter().zip(activities(LAB));
        cards
            .map(|(card, activities)| Findable::new(card, activities))
            .collect()
    }

    fn ids(wanted: &Wanted) -> Vec<String> {
        let found = find(&lab(), wanted, |id| id == "all-goes-well");
        found
            .iter()
            .flat_map(Shown::stories)
            .map(|story| story.card.id.clone())
            .collect()
    }

    #[test]
    fn a_story_is_found_by_words_activity_and_topic_together() {
        let wanted = Wanted {
            words: "WORKER".to_owned(),
            activity: "ProcessPayment".to_owned(),
            topic: "idempotency key".to_owned(),
            ..Wanted::default()
        };
        let found = ids(&wanted);
        assert!(found.iter().any(|id| id == "crash-after-charge"), "{found:?}");
        assert!(found.len() < 10, "{found:?}");
        let declined = ids(&Wanted {
            words: "saga card declined".to_owned(),
            ..Wanted::default()
        });
        assert!(declined.iter().any(|id| id == "card-declined"), "{declined:?}");
        assert!(declined.len() < 4, "{declined:?}");
        assert!(
            !ids(&Wanted {
                unseen: true,
                ..Wanted::default()
            })
            .contains(&"all-goes-well".to_owned())
        );
    }

    #[test]
    fn every_topic_finds_some_stories_and_leaves_most() {
        let all = lab();
        for topic in FAULTS.iter().chain(&TERMS) {
            let wanted = Wanted {
                topic: topic.name.to_owned(),
                ..Wanted::default()
            };
            let found = find(&all, &wanted, |_| false).len();
            assert!(found >= 2 && found < all.len() * 2 / 3, "{}: {found}", topic.name);
        }
    }

    #[test]
    fn every_story_is_shown_once_and_a_fault_stands_beside_the_same_mended() {
        let all = lab();
        let shown = find(&all, &Wanted::default(), |_| false);
        let mut ids: Vec<&str> = shown
            .iter()
            .flat_map(Shown::stories)
            .map(|story| story.card.id.as_str())
            .collect();
        assert_eq!(ids.len(), all.len());
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        let twins = shown.iter().filter(|it| matches!(it, Shown::Twins(..))).count();
        let told = all.iter().filter(|story| story.card.mended_by.is_some()).count();
        assert_eq!(
            twins, told,
            "a story that is said to be mended, and is in another chapter or nowhere"
        );
    }

    #[test]
    fn the_source_names_the_activities() {
        let all = lab();
        let none: Vec<&str> = all
            .iter()
            .filter(|story| story.activities.is_empty())
            .map(|story| story.card.id.as_str())
            .collect();
        assert!(none.len() < all.len() / 3, "{none:?}");
        let saga = all.iter().find(|story| story.card.id == "all-goes-well").unwrap();
        assert!(
            saga.activities.contains(&"ProcessPayment".to_owned()),
            "{:?}",
            saga.activities
        );
    }
}
