//! The official replayers over histories that the simulation wrote: whatever it writes, they must accept, and what
//! they refuse, we must refuse too.

mod official;
mod python;
mod saga;
