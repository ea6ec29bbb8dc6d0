//! A whole run as text: the address, a line a step, and how things stand at the end. The same on every platform, to the
//! byte; golden files hold it.

use std::fmt::Write;

use super::{Sim, text};

/// The run so far.
pub fn report(sim: &Sim) -> String {
    let mut report = format!("{}\n\n", sim.spec());
    let mut events = 0;
    for record in sim.records() {
        put(&mut report, format_args!("{}", text::line(record, events)));
        events = record.events_after;
    }
    put(&mut report, format_args!(""));
    for fact in sim.world().facts() {
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
    report
}

fn put(report: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(report, "{line}").expect("a string can be written");
}
