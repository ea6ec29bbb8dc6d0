//! The lab's own catalogue: workflows, the world they act on, what they promise, and the stories told of them.
//!
//! Built on the engine as any guest's is: nothing above this layer names a story or a shop.

pub mod lessons;
pub mod promises;
pub mod stories;
pub mod workflows;
pub mod world;
