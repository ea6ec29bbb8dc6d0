//! What is looked for in a history: words or a regular expression, categories, what failed. Plain data, but for the regular
//! expression, which is the browser's own: it costs the page nothing.

use crate::history::class::Category;
use crate::view::recording::{EventDetails, EventRow, Outcome};

/// What the reader looks for. Empty fields ask for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Words, all of them anywhere in an event; or a regular expression.
    pub text: String,
    /// It is a regular expression.
    pub expression: bool,
    /// Events without a hit are shown too, and hits are marked.
    pub all: bool,
    /// Only these categories; none for all.
    pub categories: Vec<Category>,
    /// Only what failed or ran out of time.
    pub failed: bool,
    /// Only what has begun and not ended.
    pub pending: bool,
}

impl Wanted {
    /// Something is looked for by its text.
    pub fn has_text(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Something else than a text is asked for.
    pub fn is_narrow(&self) -> bool {
        !self.categories.is_empty() || self.failed || self.pending
    }

    /// Whether an event is of the kind that is asked for; what it says, and whether it is pending, are other questions.
    pub fn takes(&self, event: &EventRow) -> bool {
        let failed = matches!(event.outcome, Outcome::Failed | Outcome::TimedOut | Outcome::Lost);
        (self.categories.is_empty() || self.categories.contains(&event.class.category)) && (!self.failed || failed)
    }
}

/// Something that finds a text in others.
pub enum Finder {
    /// All of these words, in small letters.
    Words(Vec<String>),
    /// The browser's regular expression.
    Expression(js_sys::RegExp),
}

impl Finder {
    /// The finder of what is wanted.
    ///
    /// # Errors
    ///
    /// If it is no regular expression, with the browser's reason.
    pub fn of(wanted: &Wanted) -> Result<Self, String> {
        if !wanted.expression {
            let words = wanted.text.to_lowercase();
            return Ok(Self::Words(words.split_whitespace().map(str::to_owned).collect()));
        }
        let class = js_sys::Reflect::get(&js_sys::global(), &"RegExp".into());
        let made = class.and_then(|class| {
            let arguments = js_sys::Array::of2(&wanted.text.as_str().into(), &"i".into());
            js_sys::Reflect::construct(&js_sys::Function::from(class), &arguments)
        });
        match made {
            Ok(expression) => Ok(Self::Expression(js_sys::RegExp::from(expression))),
            Err(why) => Err(js_sys::Error::from(why).message().into()),
        }
    }

    /// Whether a text has what is looked for.
    pub fn finds(&self, text: &str) -> bool {
        match self {
            Self::Words(words) => {
                let text = text.to_lowercase();
                words.iter().all(|word| text.contains(word))
            }
            Self::Expression(expression) => expression.test(text),
        }
    }
}

/// All that is said of an event: id, name, chip, attributes.
pub fn told(event: &EventRow, details: &EventDetails) -> String {
    let mut text = format!("{} {} {}", event.id, event.name, event.chip);
    for (name, value) in &details.attributes {
        text.push_str(&format!(" {name} {value}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::SimTime;
    use crate::history::proto::{EventType, event_name};

    fn event(event_type: EventType, chip: &str) -> EventRow {
        EventRow {
            id: 7,
            at: SimTime::ZERO,
            name: event_name(event_type).into(),
            class: event_type.class(),
            outcome: Outcome::of(event_type.class()),
            chip: chip.into(),
            task: 1,
            step: 1,
            refers_to: vec![],
        }
    }

    #[test]
    fn all_words_anywhere_in_what_is_said_of_an_event() {
        let details = EventDetails {
            attributes: vec![("input".to_owned(), "SKU-7".to_owned())],
            why: String::new(),
        };
        let text = told(&event(EventType::ActivityTaskScheduled, "Validate"), &details);
        let finds = |words: &str| {
            let wanted = Wanted {
                text: words.to_owned(),
                ..Wanted::default()
            };
            Finder::of(&wanted).unwrap().finds(&text)
        };
        assert!(finds("SCHEDULED validate") && finds("sku-7") && finds(""));
        assert!(!finds("validate refund"));
    }

    #[test]
    fn kinds_narrow_and_none_means_all() {
        let (timed_out, timer) = (
            event(EventType::ActivityTaskTimedOut, ""),
            event(EventType::TimerStarted, ""),
        );
        let takes = |wanted: Wanted| [wanted.takes(&timed_out), wanted.takes(&timer)];
        assert_eq!(takes(Wanted::default()), [true, true]);
        assert_eq!(
            takes(Wanted {
                failed: true,
                ..Wanted::default()
            }),
            [true, false]
        );
        let timers = vec![Category::Timer];
        assert_eq!(
            takes(Wanted {
                categories: timers,
                ..Wanted::default()
            }),
            [false, true]
        );
    }
}
