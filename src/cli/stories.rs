//! `sagascope stories`.

use std::io::{self, Write};

use crate::sim::story::Catalogue;

use super::Exit;

pub(crate) fn print(catalogue: Catalogue, out: &mut dyn Write) -> io::Result<Exit> {
    for story in catalogue.all() {
        writeln!(out, "{:<28} {:<20} {}", story.id, story.workflow_type(), story.sentence)?;
    }
    Ok(Exit::Done)
}
