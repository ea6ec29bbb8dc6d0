//! The address: one exact moment of one exact run, as the part after `#`.
//!
//! `#/crash-after-charge?seed=7&do=41:kill:A,60:restart:A&at=44`. Pure text in both directions; the browser's side is
//! `browser.rs`. Reading never fails: what cannot be read is told in a sentence, and the story's start is shown instead.

use super::engine::{Choice, RunSpec, Verb};

/// The seed where an address names none.
pub const SEED: u64 = 7;

/// What an address says.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// The run.
    pub spec: RunSpec,
    /// The moment; `None` for the run's start.
    pub at: Option<u32>,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
}

/// The text form of a run, without a moment.
pub fn print_spec(spec: &RunSpec) -> String {
    let mut text = format!("{}?seed={}", spec.story, spec.seed);
    for (i, choice) in spec.choices.iter().enumerate() {
        text.push_str(if i == 0 { "&do=" } else { "," });
        text.push_str(&format!("{}:{}:{}", choice.step, choice.verb.word(), choice.worker));
    }
    text
}

/// The whole fragment, with its `#`.
pub fn print(spec: &RunSpec, at: u32) -> String {
    format!("#/{}&at={at}", print_spec(spec))
}

/// Reads a fragment, with or without `#/`. `stories` are the ids there are, `fallback` the one shown without any.
pub fn parse(fragment: &str, stories: &[String], fallback: &str) -> Address {
    let text = fragment.trim_start_matches('#').trim_start_matches('/');
    let spec = RunSpec {
        story: fallback.into(),
        seed: SEED,
        choices: vec![],
    };
    let mut address = Address {
        spec,
        at: None,
        problems: vec![],
    };
    if text.is_empty() {
        return address;
    }
    let (story, query) = text.split_once('?').unwrap_or((text, ""));
    if stories.iter().any(|s| s == story) {
        address.spec.story = story.into();
    } else {
        address.problems.push(format!("There is no story “{story}”."));
        return address;
    }
    for part in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let read = match key {
            "seed" => value
                .parse()
                .map(|seed| address.spec.seed = seed)
                .map_err(|_| "a whole number".to_owned()),
            "at" => value
                .parse()
                .map(|at| address.at = Some(at))
                .map_err(|_| "the number of a step".to_owned()),
            "do" => parse_choices(value).map(|choices| address.spec.choices = choices),
            _ => {
                address
                    .problems
                    .push(format!("The address knows no “{key}”: only seed, do and at."));
                continue;
            }
        };
        if let Err(wanted) = read {
            address.problems.push(format!("“{key}={value}” is not {wanted}."));
        }
    }
    if !address.problems.is_empty() {
        address.spec.choices.clear();
        address.at = None;
    }
    address
}

/// Reads `41:kill:A,60:restart:A`; the error ends the sentence "… is not".
fn parse_choices(text: &str) -> Result<Vec<Choice>, String> {
    let mut choices: Vec<Choice> = vec![];
    for part in text.split(',').filter(|p| !p.is_empty()) {
        let choice = parse_choice(part).ok_or("a list of interventions such as 41:kill:A,60:restart:A")?;
        if choices.last().is_some_and(|last| last.step >= choice.step) {
            return Err("in order: each intervention needs a later step than the one before".into());
        }
        choices.push(choice);
    }
    Ok(choices)
}

fn parse_choice(text: &str) -> Option<Choice> {
    let mut parts = text.split(':');
    let step = parts.next()?.parse().ok()?;
    let verb = parts.next()?;
    let verb = [Verb::Kill, Verb::Crash, Verb::Restart]
        .into_iter()
        .find(|v| v.word() == verb)?;
    let worker = parts
        .next()
        .filter(|w| w.len() == 1 && w.chars().all(|c| c.is_ascii_uppercase()))?;
    parts.next().is_none().then(|| Choice {
        step,
        verb,
        worker: worker.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Address {
        parse(text, &["crash-after-charge".into(), "plain".into()], "plain")
    }

    #[test]
    fn what_is_printed_reads_back() {
        for text in [
            "#/plain?seed=7&at=0",
            "#/crash-after-charge?seed=18446744073709551615&do=41:kill:A&at=44",
            "#/crash-after-charge?seed=1&do=3:crash:B,41:kill:A,60:restart:A&at=61",
        ] {
            let address = read(text);
            assert_eq!(address.problems, Vec::<String>::new());
            assert_eq!(print(&address.spec, address.at.unwrap()), text);
        }
    }

    #[test]
    fn an_empty_address_is_the_first_story_and_no_problem() {
        for text in ["", "#", "#/"] {
            let address = read(text);
            assert_eq!(
                (address.spec.story.as_str(), address.spec.seed, address.at),
                ("plain", SEED, None)
            );
            assert!(address.problems.is_empty());
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_start_is_shown() {
        for (text, told) in [
            ("#/nowhere?seed=1", "There is no story “nowhere”."),
            ("#/plain?seed=x", "“seed=x” is not a whole number."),
            ("#/plain?seed=-1", "“seed=-1” is not a whole number."),
            ("#/plain?at=4294967296", "“at=4294967296” is not the number of a step."),
            (
                "#/plain?colour=red",
                "The address knows no “colour”: only seed, do and at.",
            ),
        ] {
            let address = read(text);
            assert_eq!(address.problems, [told], "{text}");
            assert_eq!((address.at, address.spec.choices.len()), (None, 0), "{text}");
        }
        for wrong in [
            "x",
            "1:stop:A",
            "1:kill",
            "1:kill:AB",
            "1:kill:A:B",
            "5:kill:A,5:kill:B",
            "5:kill:A,4:restart:A",
        ] {
            let address = read(&format!("#/plain?do={wrong}&at=3"));
            assert_eq!(address.problems.len(), 1, "{wrong}");
            assert_eq!(address.at, None, "{wrong}: a moment of another run would mislead");
        }
    }
}
