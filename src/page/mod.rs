//! The page: Leptos components over `view`. The only web code in the project.
//!
//! In reading order: `session` (the state) over `branch` and `recorded`; `intent` (every wish) and `dispatcher` (who obeys),
//! with `travel`, `walking`, `deeds`, `playing`, `looking` behind it; `engine` (the door to the runs) and `computing`;
//! `address`, `address_bar`, `browser_history` and `settings` (what outlives a reload); `keys`; then the panels, a file each,
//! from the top of the page to its bottom. `time_scale` and `time_marks` are the arithmetic of the time picture.
//!
//! Whoever wants something says so to the session, and only this file knows who obeys: so the files form no circle.

use leptos::prelude::*;

pub mod address;
pub mod address_bar;
pub mod attempts_list;
pub mod branch;
pub mod branches_bar;
pub mod browser_history;
pub mod clipboard;
pub mod code_panel;
pub mod computing;
pub mod console;
pub mod deeds;
pub mod dispatcher;
pub mod download;
pub mod drawer;
pub mod engine;
pub mod event_details;
pub mod focus;
pub mod frame;
pub mod help_overlay;
pub mod history_groups;
pub mod history_panel;
pub mod history_rows;
pub mod icons;
pub mod intent;
pub mod keys;
pub mod looking;
pub mod mark_index;
pub mod message_banner;
pub mod now_lines;
pub mod playing;
pub mod preferences;
pub mod recorded;
pub mod session;
pub mod settings;
pub mod story_picker;
pub mod sweep_panel;
pub mod time_backdrop;
pub mod time_brush;
pub mod time_card;
pub mod time_cursor;
pub mod time_labels;
pub mod time_layout;
pub mod time_legend;
pub mod time_marks;
pub mod time_picture;
pub mod time_scale;
pub mod time_shapes;
pub mod top_strip;
pub mod transport;
pub mod travel;
pub mod verdict;
pub mod walking;
pub mod workers_strip;
pub mod world_list;

use engine::Catalogue;
use session::{Beginning, Session};

/// Puts the page of a lab with these stories into the document. What goes wrong for good is told on the browser's console.
pub fn mount(catalogue: Catalogue) {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(move || view! { <App catalogue=catalogue /> });
}

/// The whole page.
#[component]
pub fn App(
    /// The stories that it tells.
    catalogue: Catalogue,
) -> impl IntoView {
    let session = Session::provide(Beginning {
        catalogue,
        obey: dispatcher::obey,
        address_bar: browser_history::address_bar(),
        theme: settings::theme(),
        speed: settings::speed(),
    });
    settings::attach(session);
    browser_history::attach(session);
    keys::listen(session);
    view! {
        <top_strip::TopStrip />
        <div class="run-bar">
            <branches_bar::BranchesBar />
            <workers_strip::WorkersStrip />
        </div>
        <message_banner::MessageBanner />
        <main class="bench" aria-busy=move || session.busy.get().is_some().to_string()>
            <code_panel::CodePanel />
            <history_panel::HistoryPanel />
            <time_picture::TimePicture />
            <now_lines::NowLines />
            <drawer::Drawer />
        </main>
        <sweep_panel::SweepPanel />
        <help_overlay::HelpOverlay />
    }
}
