//! The traced twins: the same workflows, line for line, with a probe before every statement.
//!
//! The lab runs these, so that a reader can see which lines ran. The build script writes them, and lists them: a file in
//! this folder with a workflow in it needs no other entry but its `mod`. Who wants the workflow as it is takes the plain
//! module beside this one.

crate::traced!();
