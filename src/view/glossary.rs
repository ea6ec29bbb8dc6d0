//! Temporal's terms, each in two sentences and with the page of Temporal's documentation that explains it. The one glossary:
//! the page explains terms where they stand, the help and `glossary.md` list them all.

/// A term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// As Temporal spells it.
    pub name: &'static str,
    /// Two sentences.
    pub text: &'static str,
    /// The page of the documentation, below [`DOCS`].
    pub page: &'static str,
}

/// Where Temporal's documentation is.
pub const DOCS: &str = "https://docs.temporal.io/";

impl Term {
    const fn new(name: &'static str, page: &'static str, text: &'static str) -> Self {
        Self { name, text, page }
    }

    /// The address of its page.
    pub fn url(&self) -> String {
        format!("{DOCS}{}", self.page)
    }
}

/// All terms, by name.
pub const TERMS: [Term; 30] = [
    Term::new(
        "Activity",
        "activities",
        "A function that may touch the outside world: charge a card, send a mail. It runs at least once, and is retried until it succeeds or its Retry Policy says stop.",
    ),
    Term::new(
        "Cancellation",
        "encyclopedia/workflow/cancellation-and-termination",
        "A request to stop that the workflow's code hears of and may clean up for. Termination ends it at once and runs no code.",
    ),
    Term::new(
        "Child Workflow",
        "child-workflows",
        "A workflow that another one has started, with a history of its own. What becomes of it when the parent closes is a policy.",
    ),
    Term::new(
        "Command",
        "references/commands",
        "What workflow code asks the Service for: schedule an Activity, start a Timer, complete. The Service turns each Command into an Event, and a Replay must ask for the same ones again.",
    ),
    Term::new(
        "Continue-As-New",
        "workflow-execution/continue-as-new",
        "Ends a run and starts the next one with the state that it hands on. It keeps the Event History of a workflow that never ends short.",
    ),
    Term::new(
        "Event History",
        "encyclopedia/event-history",
        "The durable list of all that has happened in a Workflow Execution. It is the only thing that survives every crash, and all that is needed to go on.",
    ),
    Term::new(
        "Heartbeat",
        "encyclopedia/detecting-activity-failures#activity-heartbeat",
        "A sign of life that a long Activity sends, with its progress if it likes. The Service gives it up when the next one is late, and the next attempt gets the progress.",
    ),
    Term::new(
        "Idempotency key",
        "activity-definition#idempotency",
        "A name for one intended effect that is the same in every attempt. Whoever receives it twice acts once, and gives the first answer again.",
    ),
    Term::new(
        "Local Activity",
        "local-activity",
        "An Activity that runs within the Workflow Task, in the same Worker process, without a task of its own. It is quick and leaves one Event, but all of it is repeated if the Worker dies first.",
    ),
    Term::new(
        "Non-Determinism Error",
        "workflow-definition#deterministic-constraints",
        "What a Worker says when the code does not ask for what the Event History says it asked for. Dice, clocks and changed code are the usual causes.",
    ),
    Term::new(
        "Patching",
        "patching",
        "A branch in workflow code that asks which way this run went before. It lets runs that are under way keep to the old code while new ones take the new.",
    ),
    Term::new(
        "Query",
        "encyclopedia/workflow-message-passing",
        "A question that workflow code answers from its state. It changes nothing and leaves no Event.",
    ),
    Term::new(
        "Replay",
        "encyclopedia/event-history",
        "Running workflow code again from its first line, with the recorded results in place of the calls. So a Worker that has never seen a workflow gets to where it stands.",
    ),
    Term::new(
        "Reset",
        "workflow-execution/event#reset",
        "Ends a run and starts it again from an earlier point of its history. What was recorded after that point is done anew.",
    ),
    Term::new(
        "Retry Policy",
        "encyclopedia/retry-policies",
        "How long to wait between attempts, how fast the wait grows, and when to give up. The Service keeps to it; workflow code sees the last outcome only.",
    ),
    Term::new(
        "Saga",
        "design-patterns/saga-pattern",
        "A series of steps in several systems, each with a compensation that undoes it. If one fails, the compensations of those before it run, the last step's first.",
    ),
    Term::new(
        "Schedule-To-Close Timeout",
        "encyclopedia/detecting-activity-failures#schedule-to-close-timeout",
        "How long an Activity may take in all, every attempt and every wait between them. When it is over there is no further attempt.",
    ),
    Term::new(
        "Schedule-To-Start Timeout",
        "encyclopedia/detecting-activity-failures#schedule-to-start-timeout",
        "How long a task may wait in its queue for a Worker. It is not retried: the next attempt would wait in the same queue.",
    ),
    Term::new(
        "Signal",
        "encyclopedia/workflow-message-passing",
        "A message to a running workflow, recorded as an Event. The sender does not wait for anything to come of it.",
    ),
    Term::new(
        "Start-To-Close Timeout",
        "encyclopedia/detecting-activity-failures#start-to-close-timeout",
        "How long one attempt of an Activity may run. It is how the Service finds out that a Worker died: nobody tells it.",
    ),
    Term::new(
        "Sticky Execution",
        "sticky-execution",
        "A Worker keeps the state of the workflows it has run, and gets their next tasks from a queue of its own. If it takes none for a while, the task goes to the common queue, and somebody else replays.",
    ),
    Term::new(
        "Task Queue",
        "task-queue",
        "Where the Service keeps tasks until a Worker asks for one. It has a name, and a Worker that polls another name gets nothing.",
    ),
    Term::new(
        "Temporal Service",
        "temporal-service",
        "The server: it writes histories, keeps timers and hands out tasks. It never runs your code.",
    ),
    Term::new(
        "Timer",
        "workflow-execution/timers-delays",
        "A wait that the Service keeps, for seconds or months. No Worker is needed while it runs.",
    ),
    Term::new(
        "Update",
        "encyclopedia/workflow-message-passing",
        "A message to a running workflow that is validated, recorded once accepted, and answered. The sender waits for the outcome.",
    ),
    Term::new(
        "Worker",
        "workers",
        "Your process: it polls a Task Queue, runs workflow code and Activities, and reports what came of it. It may die at any line; its memory is no more than a cache.",
    ),
    Term::new(
        "Workflow Execution",
        "workflow-execution",
        "One run of a workflow, from start to close, with an id and an Event History. It goes on in whatever Worker takes its next task.",
    ),
    Term::new(
        "Workflow Id",
        "workflow-execution/workflowid-runid",
        "The name that the starter chose for a workflow. Only one run may be open under it at a time; each run has a Run Id besides.",
    ),
    Term::new(
        "Workflow Task",
        "tasks#workflow-task",
        "A piece of work for a Worker: take what is new in the history, run the code until it waits, and answer with Commands. It may be lost and handed out again without harm.",
    ),
    Term::new(
        "Workflow",
        "workflows",
        "A function whose progress is durable: it may wait for months and outlives every process that runs it. It must ask for the same things in the same order each time it runs.",
    ),
];

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Plain(&'a str),
    /// A term, as it stands in the text.
    Term(&'a str, &'static Term),
}

/// A text, cut where a term stands in it: each where it stands first, and only as Temporal spells it, so that the `worker` of
/// a sentence is left alone and the `Worker` is explained.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found: Vec<(usize, &'static Term)> = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '-';
    // The longest first: `Workflow Task` is no `Workflow`.
    let mut terms: Vec<&'static Term> = TERMS.iter().collect();
    terms.sort_by_key(|term| std::cmp::Reverse(term.name.len()));
    for term in terms {
        let stands = |at: &usize| {
            let (before, after) = (&text[..*at], &text[at + term.name.len()..]);
            // A plural is the term too.
            let after = after.strip_prefix('s').unwrap_or(after);
            let is_free =
                |(taken, other): &(usize, &Term)| at + term.name.len() <= *taken || *at >= taken + other.name.len();
            !before.ends_with(is_word) && !after.starts_with(is_word) && found.iter().all(is_free)
        };
        let mut places = text.match_indices(term.name).map(|(at, _)| at);
        if let Some(at) = places.find(stands) {
            found.push((at, term));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    let (mut pieces, mut done) = (Vec::new(), 0);
    for (at, term) in found {
        if at > done {
            pieces.push(Piece::Plain(&text[done..at]));
        }
        done = at + term.name.len();
        pieces.push(Piece::Term(&text[at..done], term));
    }
    if done < text.len() {
        pieces.push(Piece::Plain(&text[done..]));
    }
    pieces
}

/// The glossary as a table in Markdown: that of `glossary.md`.
#[cfg(test)]
fn table() -> String {
    let row = |term: &Term| format!("| [{}]({}) | {} |\n", term.name, term.url(), term.text);
    format!(
        "| term | |\n| --- | --- |\n{}",
        TERMS.iter().map(row).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_term_is_explained_in_two_sentences() {
        for term in &TERMS {
            let ends = term.text.matches(". ").count() + usize::from(term.text.ends_with('.'));
            assert_eq!(ends, 2, "{}", term.name);
        }
        let names = TERMS.map(|term| term.name);
        let mut sorted = names;
        // `Workflow` comes after those that it begins.
        sorted.sort_by_key(|name| (name.to_lowercase() == "workflow", name.to_lowercase()));
        assert_eq!(names, sorted);
    }

    #[test]
    fn its_page_has_all_of_it() {
        let table = table();
        assert!(
            include_str!("glossary.md").contains(&table),
            "glossary.md should have\n{table}"
        );
    }

    #[test]
    fn a_text_is_cut_where_a_term_stands_first() {
        let words: Vec<&str> = pieces("A Worker polls; Workers take a Workflow Task, no worker takes a Workflow.")
            .into_iter()
            .map(|piece| match piece {
                Piece::Plain(words) => words,
                Piece::Term(words, _) => words,
            })
            .collect();
        assert_eq!(
            words,
            [
                "A ",
                "Worker",
                " polls; Workers take a ",
                "Workflow Task",
                ", no worker takes a ",
                "Workflow",
                "."
            ]
        );
        assert_eq!(
            pieces("Timers, SubTimer"),
            [Piece::Term("Timer", &TERMS[23]), Piece::Plain("s, SubTimer")]
        );
        assert_eq!(pieces(""), []);
    }
}
