//! How the panels share the window: the shapes it takes, the splitters between them, rows that are one stop for the Tab key.

pub mod arranged;
pub mod late;
pub mod modal;
pub mod roving;
pub mod shape;
pub mod splitter;
