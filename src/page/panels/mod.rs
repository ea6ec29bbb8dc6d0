//! The other panels, a file each, from the top of the page to its bottom. One about the moment shown is a file and a line in
//! `drawer`.

pub mod attempts_list;
pub mod branches_bar;
pub mod changes_panel;
pub mod code_panel;
pub mod compare_panel;
pub mod console;
pub mod drawer;
pub mod event_details;
pub mod findings_panel;
pub mod help_overlay;
pub mod lesson_card;
pub mod message_banner;
pub mod now_lines;
pub mod opener;
pub mod state_panel;
pub mod story_picker;
pub mod story_search;
pub mod sweep_panel;
pub mod top_strip;
pub mod transport;
pub mod verdict;
pub mod workers_strip;
pub mod world_list;
