//! The address: one exact moment of one exact run, as the part after `#`.
//!
//! `#/crash-after-charge?seed=7&do=41:kill:A,60:restart:A&at=44`: a run as the engine spells it, and the moment; where
//! another workflow run is shown than the one that has the story's work at that moment, `&run=2` says which; `&scene=first`
//! and `&tour=retry` bring a lesson, and need no story before them: `#/?tour=retry`. A history from a file is
//! `#/file/1a2b3c/orders.json&at=3`: which file, for the browser that has it. Pure
//! text in both directions; the browser's side is `browser_history.rs`. Reading never fails: what cannot be read is told in a
//! sentence, and the story's start is shown instead.

use super::engine::{Catalogue, RunSpec};
use super::lesson::Lesson;
use super::subject::Subject;

/// What an address says.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// What it shows.
    pub subject: Subject,
    /// The moment; `None` for the run's start.
    pub at: Option<u32>,
    /// Which of the workflow runs is shown, from 0; `None` for the one that has the work at that moment.
    pub shown: Option<u32>,
    /// What is taught there.
    pub lesson: Lesson,
    /// It names nothing at all.
    pub is_blank: bool,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
}

/// The whole fragment, with its `#`. `shown` is the workflow run that is shown, unless it goes without saying.
pub fn print(subject: &Subject, at: u32, shown: Option<u32>) -> String {
    match shown {
        None => format!("#/{subject}&at={at}"),
        Some(shown) => format!("#/{subject}&at={at}&run={}", u64::from(shown) + 1),
    }
}

/// A fragment without its moment.
pub fn run_of(fragment: &str) -> String {
    let is_run = |part: &&str| !part.starts_with("at=") && !Lesson::is_meant(part);
    let rest: Vec<&str> = fragment.split('&').filter(is_run).collect();
    rest.join("&")
}

/// Reads a fragment, with or without `#/`. Where it names no story, the one that the catalogue opens with is shown.
pub fn parse(fragment: &str, catalogue: Catalogue) -> Address {
    let text = fragment.trim_start_matches('#').trim_start_matches('/');
    let mut address = Address {
        subject: Subject::Run(RunSpec::of(catalogue.opening())),
        at: None,
        shown: None,
        lesson: Lesson::None,
        is_blank: text.is_empty(),
        problems: vec![],
    };
    if text.is_empty() {
        return address;
    }
    if Subject::is_file(text) {
        return file(text, address, catalogue);
    }
    let lessons = catalogue.lessons();
    let (story, query) = text.split_once('?').unwrap_or((text, ""));
    let is_ours = |part: &&str| part.starts_with("at=") || part.starts_with("run=") || Lesson::is_meant(part);
    let (ours, run): (Vec<&str>, Vec<&str>) = query.split('&').partition(is_ours);
    for part in ours.iter().filter(|part| Lesson::is_meant(part)) {
        match Lesson::named(part, lessons) {
            Some(lesson) => address.lesson = lesson,
            None => address.problems.push(format!("“{part}” is no lesson of this lab.")),
        }
    }
    let story = match address.lesson.sight(lessons) {
        Some(sight) if story.is_empty() => sight.story,
        _ => story,
    };
    match catalogue.spec(&format!("{story}?{}", run.join("&"))) {
        Ok(spec) => address.subject = Subject::Run(spec),
        Err(why) => {
            address.problems.push(why.to_string());
            // Of a story that exists, at least the start can be shown.
            let start = RunSpec::of(story);
            if catalogue.story(&start).is_ok() {
                address.subject = Subject::Run(start);
            }
        }
    }
    for part in ours.into_iter().filter(|part| !Lesson::is_meant(part)) {
        if part.starts_with("at=") {
            address.read_moment(part);
        } else {
            match part
                .strip_prefix("run=")
                .and_then(|n| n.parse::<u32>().ok()?.checked_sub(1))
            {
                Some(shown) => address.shown = Some(shown),
                None => address
                    .problems
                    .push(format!("“{part}” is no workflow run: it must be a number from 1.")),
            }
        }
    }
    if !address.problems.is_empty() {
        // A moment of another run would mislead.
        address.at = None;
        address.shown = None;
        address.lesson = Lesson::None;
        if let Subject::Run(spec) = &mut address.subject {
            spec.choices.clear();
        }
    }
    address
}

/// `file/1a2b3c/orders.json&at=3`.
fn file(text: &str, mut address: Address, catalogue: Catalogue) -> Address {
    let mut parts = text.split('&');
    match Subject::read(parts.next().unwrap_or_default(), catalogue) {
        Ok(subject) => address.subject = subject,
        Err(why) => address.problems.push(why),
    }
    for part in parts {
        if part.starts_with("at=") {
            address.read_moment(part);
        } else {
            address.problems.push(format!("“{part}” means nothing here."));
        }
    }
    address
}

impl Address {
    /// `at=3`.
    fn read_moment(&mut self, part: &str) {
        match part.trim_start_matches("at=").parse() {
            Ok(at) => self.at = Some(at),
            Err(_) => self
                .problems
                .push(format!("“{part}” is no moment: it must be the number of a step.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Address {
        parse(text, crate::catalogue::stories::LAB)
    }

    #[test]
    fn what_is_printed_reads_back() {
        for text in [
            "#/all-goes-well?seed=7&at=0",
            "#/crash-after-charge?seed=18446744073709551615&do=41:kill:A&at=44",
            "#/crash-after-charge?seed=1&do=3:crash:B,41:kill:A,60:restart:A&at=61",
            "#/card-declined?seed=7&do=3:crash:B,12s:signal:a~26b:go:~7B~22x~22~3A~5B1~2C2~5D~7D,1h:cancel:a&at=9",
            "#/all-goes-well?seed=7&at=3&run=2",
            "#/crash-after-charge?seed=7&at=15&scene=first",
            "#/worker-dies?seed=7&at=15&tour=replay",
            "#/file/1a2b3c/orders~202.json&at=17",
        ] {
            let address = read(text);
            assert_eq!(address.problems, Vec::<String>::new());
            let lesson = address.lesson.spelled(crate::catalogue::stories::LAB.lessons());
            assert_eq!(
                print(&address.subject, address.at.unwrap(), address.shown) + &lesson,
                text
            );
        }
    }

    #[test]
    fn a_lesson_needs_no_story_before_it() {
        for (text, story, lesson) in [
            ("#/?scene=first", "crash-after-charge", Lesson::Scene),
            ("#/?tour=retry", "payment-times-out-twice", Lesson::Tour(3)),
        ] {
            let address = read(text);
            assert_eq!(
                (address.subject, address.lesson),
                (Subject::Run(RunSpec::of(story)), lesson)
            );
            assert_eq!((address.at, address.is_blank), (None, false));
            assert!(address.problems.is_empty());
        }
        assert!(read("#/").is_blank);
    }

    #[test]
    fn two_moments_of_one_run_have_the_same_run() {
        assert_eq!(run_of("#/s?seed=7&at=3"), run_of("#/s?seed=7&at=5"));
        assert_eq!(run_of("#/s?seed=7&at=3"), run_of("#/s?seed=7&at=5&tour=retry"));
        assert_ne!(run_of("#/s?seed=7&at=3"), run_of("#/s?seed=8&at=3"));
        assert_ne!(run_of("#/s?seed=7&at=3"), run_of("#/s?seed=7&at=3&run=2"));
    }

    #[test]
    fn an_empty_address_is_the_first_story_and_no_problem() {
        for text in ["", "#", "#/"] {
            let address = read(text);
            let opening = Subject::Run(RunSpec::of("crash-after-charge"));
            assert_eq!((address.subject, address.at), (opening, None));
            assert!(address.problems.is_empty());
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_start_of_its_story_is_shown() {
        for (text, story, told) in [
            (
                "#/nowhere?seed=1&at=3",
                "crash-after-charge",
                "There is no story “nowhere”",
            ),
            ("#/card-declined?seed=x&at=3", "card-declined", "“x” is no seed"),
            (
                "#/card-declined?at=4294967296",
                "card-declined",
                "“at=4294967296” is no moment",
            ),
            (
                "#/card-declined?do=1:halt:A&at=3",
                "card-declined",
                "“1:halt:A” is no choice",
            ),
            (
                "#/card-declined?tour=nowhere",
                "card-declined",
                "“tour=nowhere” is no lesson",
            ),
            ("#/card-declined?run=0", "card-declined", "“run=0” is no workflow run"),
            (
                "#/card-declined?colour=red",
                "card-declined",
                "“colour=red” means nothing here",
            ),
        ] {
            let address = read(text);
            assert_eq!(address.problems.len(), 1, "{text}");
            assert!(address.problems[0].contains(told), "{text}: {:?}", address.problems);
            let start = Subject::Run(RunSpec::of(story));
            assert_eq!((address.subject, address.at), (start, None), "{text}");
        }
    }
}
