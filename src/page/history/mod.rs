//! The event history: `history_panel` draws the rows that `history_list` lists, as `history_bar` has them chosen.

pub mod history_bar;
pub mod history_groups;
pub mod history_list;
pub mod history_panel;
pub mod history_rows;
pub mod history_search;
