//! The official replayers over histories that the simulation wrote: whatever it writes, they must accept, and what
//! they refuse, we must refuse too.

#[path = "../it/agreement.rs"]
mod agreement;
mod official;
#[path = "../it/program.rs"]
#[expect(dead_code, reason = "there, programs are code; here they are input")]
mod program;
mod programs;
mod python;
mod saga;
mod stories;
