//! The report as text: the most dangerous first, then one activity after the other, then what is harmless, then what was
//! assumed. The sentences are `sentence`'s.

use super::super::words::{counted, listed, since_begin};
use super::activity::ActivityRisk;
use super::crash::Crash;
use super::key::Key;
use super::local::LocalRisk;
use super::recorded::Recorded;
use super::sentence::{afterwards, earlier, key_words, used_up};
use super::{ASSUMPTIONS, Report};
use crate::history::class::End;

/// How many are told before all: the most dangerous.
const MOST_DANGEROUS: usize = 5;

impl Report {
    /// The whole report.
    pub fn text(&self) -> String {
        let mut lines = vec![self.head()];
        self.summary(&mut lines);
        self.each_activity(&mut lines);
        self.all_compensations(&mut lines);
        self.each_local_activity(&mut lines);
        self.harmless(&mut lines);
        lines.push(String::new());
        lines.push("Assumed".to_owned());
        lines.extend(ASSUMPTIONS.iter().map(|assumption| format!("  {assumption}")));
        lines.push(String::new());
        lines.join("\n")
    }

    fn head(&self) -> String {
        let name = match (self.workflow_type.as_str(), self.workflow_id.as_str()) {
            ("", "") => "a workflow whose beginning is not there".to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, id) => format!("{kind} {id}"),
        };
        let events = counted(self.events, "event");
        format!(
            "Crash risks of {name}: {events}, begun {}, {}.",
            self.begin,
            self.status()
        )
    }

    fn summary(&self, lines: &mut Vec<String>) {
        lines.push(String::new());
        if self.dangers.is_empty() {
            lines.push(if self.activities.is_empty() {
                "There is no activity: a crash runs none again.".to_owned()
            } else {
                "No worker had an activity when it ended: a crash then runs none again.".to_owned()
            });
            return;
        }
        lines.push("Most dangerous first".to_owned());
        let activities = self
            .dangers
            .iter()
            .filter_map(|place| self.activities.get(*place as usize));
        for activity in activities.take(MOST_DANGEROUS) {
            lines.push(format!("  {}", in_short(activity)));
        }
        if let Some(others) = self
            .dangers
            .len()
            .checked_sub(MOST_DANGEROUS)
            .filter(|others| *others > 0)
        {
            lines.push(format!("  and {others} more below"));
        }
    }

    fn each_activity(&self, lines: &mut Vec<String>) {
        for activity in &self.activities {
            lines.push(String::new());
            lines.push(format!(
                "Event {}  {} (id {})",
                activity.event, activity.activity_type, activity.activity_id
            ));
            for (name, says) in self.rows(activity) {
                row(lines, name, &says);
            }
        }
    }

    /// What there is to say of an activity, each with its name.
    pub fn rows(&self, activity: &ActivityRisk) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        if !activity.input.is_empty() {
            rows.push(("arguments", activity.input.clone()));
        }
        rows.push(("crash", self.crash(activity)));
        if activity.interval.is_some() {
            rows.push(("noticed", self.notice(activity)));
            rows.push(("attempts", used_up(activity)));
            rows.push(("key", key_words(&activity.key)));
        }
        rows.extend(earlier(activity).map(|earlier| ("earlier", earlier)));
        rows.push(("done before", self.standing(&activity.before)));
        rows.push(("afterwards", afterwards(activity)));
        rows
    }

    fn all_compensations(&self, lines: &mut Vec<String>) {
        if !self.compensations.is_empty() {
            lines.push(String::new());
            lines.push("Looks like compensation".to_owned());
            for compensation in &self.compensations {
                let told = self.compensation(compensation);
                lines.push(format!("  event {}  {} {told}", compensation.event, compensation.name));
            }
        }
        let ended_badly = self.closed.is_some_and(|closed| closed.end != End::Ok);
        if ended_badly && self.standing.count > 0 {
            lines.push(String::new());
            lines.push("Stands at the end".to_owned());
            lines.push(format!(
                "  {}: nothing that completed later looks like its undoing; whether it had to be undone, a history cannot tell",
                self.standing(&self.standing)
            ));
        }
    }

    fn each_local_activity(&self, lines: &mut Vec<String>) {
        if self.local_activities.is_empty() {
            return;
        }
        lines.push(String::new());
        lines.push("Local activities".to_owned());
        lines.extend(
            self.local_activities
                .iter()
                .map(|local| format!("  {}", self.local(local))),
        );
    }

    fn local(&self, local: &LocalRisk) -> String {
        let LocalRisk { event, name, limit, .. } = local;
        let Some(interval) = &local.interval else {
            return format!(
                "event {event}  {name}: its workflow task is not in the history; from this event on never again"
            );
        };
        let at = |at| since_begin(at, self.begin);
        let to = interval.to.map(at).unwrap_or_default();
        let length = interval.length().unwrap_or_default();
        let noticed = if limit.is_zero() {
            String::new()
        } else {
            format!(", noticed by the workflow task's timeout of {limit}")
        };
        format!(
            "event {event}  {name}: for {length}, from {} (event {}) to {to} (event {}), a crash runs it again, with the whole \
             workflow task{noticed}; its arguments are not in the history; from event {event} on never again",
            at(interval.from),
            interval.from_event,
            interval.to_event.unwrap_or_default(),
        )
    }

    fn harmless(&self, lines: &mut Vec<String>) {
        lines.push(String::new());
        lines.push("Never run again, whatever dies: what is in the history is read from it".to_owned());
        let recorded = recorded_words(&self.recorded);
        lines.push(format!(
            "  {}",
            if recorded.is_empty() { "nothing yet" } else { &recorded }
        ));
        let count = u32::try_from(self.workflow_tasks.len()).unwrap_or(u32::MAX);
        let longest = self
            .workflow_tasks
            .iter()
            .max_by_key(|task| (task.length(), std::cmp::Reverse(task.from_event)));
        if let Some(longest) = longest {
            let but = if self.local_activities.is_empty() {
                "nothing runs twice"
            } else {
                "nothing runs twice but its local activities"
            };
            lines.push(format!(
                "  {} completed, the longest in {} (events {} to {}): after a crash in one the history is replayed and the task \
                 done anew, {but}",
                counted(count, "workflow task"),
                longest.length().unwrap_or_default(),
                longest.from_event,
                longest.to_event.unwrap_or_default(),
            ));
        }
    }
}

fn row(lines: &mut Vec<String>, name: &str, told: &str) {
    lines.push(format!("  {name:<13}{told}"));
}

fn in_short(activity: &ActivityRisk) -> String {
    let length = activity.interval.and_then(|interval| interval.length());
    let length = length.map_or_else(|| "still open".to_owned(), |length| length.to_string());
    let crash = match activity.crash {
        Crash::RunsAgain(_) => "a crash runs it again",
        Crash::MayRunAgain(..) => "a crash may run it again",
        Crash::Lost(_) => "a crash loses it, and nobody knows whether it had its effect",
        Crash::Unnoticed => "a crash is never noticed",
        Crash::NotTaken => "no worker had it",
    };
    let key = match (&activity.key, activity.crash.runs_again()) {
        (Key::Seen(_), true) => "; something looks like a key",
        (Key::CannotTell(_), true) => "; no key to be seen",
        (_, false) => "",
    };
    format!(
        "event {:<5} {} ({length}): {crash}{key}",
        activity.event, activity.activity_type
    )
}

fn recorded_words(recorded: &Recorded) -> String {
    let Recorded {
        activity_ends,
        local_activity_ends,
        side_effects,
        versions,
        other_markers,
        timers,
        children,
        messages_out,
        nexus_operations,
        update_outcomes,
    } = *recorded;
    let kinds = [
        (activity_ends, "activity's end", "activities' ends", ""),
        (
            local_activity_ends,
            "local activity's end",
            "local activities' ends",
            "",
        ),
        (side_effects, "side effect", "side effects", ""),
        (versions, "version of the code", "versions of the code", ""),
        (other_markers, "other marker", "other markers", ""),
        (timers, "timer", "timers", ""),
        (
            children,
            "child's start",
            "children's starts",
            " (a workflow id makes a start happen once)",
        ),
        (
            messages_out,
            "message to another workflow",
            "messages to other workflows",
            " (a request id makes one arrive once)",
        ),
        (
            nexus_operations,
            "Nexus operation's start",
            "Nexus operations' starts",
            " (asked for by the Service, with a request id)",
        ),
        (update_outcomes, "update's outcome", "updates' outcomes", ""),
    ];
    let told = kinds.into_iter().filter(|(count, ..)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, one, many, why)| format!("{count} {}{why}", if count == 1 { one } else { many }))
        .collect();
    listed(&told)
}
