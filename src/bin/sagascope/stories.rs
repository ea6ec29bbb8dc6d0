//! `sagascope stories`.

use std::io::{self, Write};

use sagascope::sim::story;

use crate::Outcome;

pub(crate) fn print(out: &mut impl Write) -> io::Result<Outcome> {
    for story in story::all() {
        writeln!(out, "{:<28} {:<20} {}", story.id, story.workflow_type(), story.sentence)?;
    }
    Ok(Outcome::Done)
}
