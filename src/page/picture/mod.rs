//! The time picture: `time_picture` puts it together out of a layer a file, over the arithmetic of `time_scale`, `frame`,
//! `time_layout` and `mark_index`.

pub mod frame;
pub mod mark_index;
pub mod time_ahead;
pub mod time_backdrop;
pub mod time_brush;
pub mod time_card;
pub mod time_cursor;
pub mod time_form;
pub mod time_labels;
pub mod time_layout;
pub mod time_legend;
pub mod time_marks;
pub mod time_picture;
pub mod time_scale;
pub mod time_shapes;
