//! A whole run as text: the address, a line a step, and how things stand at the end. The same on every platform, to the
//! byte; golden files hold it.

use std::fmt::Write;

use super::{Sim, text};
use crate::base::chance::Chance;
use crate::history::json;

/// The run so far.
pub fn report(sim: &Sim) -> String {
    let mut report = format!("{}\n\n", sim.spec());
    let mut events = 0;
    for record in sim.records() {
        put(&mut report, format_args!("{}", text::line(record, events)));
        events = record.events_after;
    }
    put(&mut report, format_args!(""));
    for fact in sim.outside().facts() {
        put(&mut report, format_args!("{:<20} {}", fact.label, fact.value));
    }
    put(
        &mut report,
        format_args!(
            "{:<20} {} steps, {events} events, {} of virtual time",
            "counts",
            sim.steps(),
            sim.now()
        ),
    );
    for run in sim.runs() {
        let history = json::write(&run.log.to_history());
        let digest = DIGEST.draw(&history, &[]);
        let events = run.log.last_id();
        put(
            &mut report,
            format_args!(
                "{:<20} {}: {events} events, digest {digest:016x}",
                "history", run.workflow_id
            ),
        );
    }
    report
}

/// Any seed will do: it is for telling whether two histories are the same to the byte.
const DIGEST: Chance = Chance::new(0);

fn put(report: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(report, "{line}").expect("a string can be written");
}
