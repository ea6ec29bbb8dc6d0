//! What the page asks of the browser: its history of addresses, its storage, its focus, its downloads, its clipboard; and
//! what the document wears. Nothing here knows a panel.

pub mod broken;
pub mod browser_history;
pub mod clipboard;
pub mod document_title;
pub mod download;
pub mod drop;
pub mod focus;
pub mod outfit;
pub mod room;
pub mod settings;
pub mod shelf;
