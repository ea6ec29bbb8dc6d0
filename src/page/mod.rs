//! The page: Leptos components over `view`. The only web code in the project.
//!
//! In reading order: `session` (the state) over `branch` and `recorded`; `intent` (every wish) and `dispatcher` (who obeys),
//! with `travel`, `walking`, `deeds`, `playing`, `looking` behind it; `engine` (the door to the runs) and `computing`;
//! `address`, `address_bar`, `browser_history` and `settings` (what outlives a reload), `broken` (what outlives a panic);
//! `lesson` (what a newcomer is shown) and `teaching`; `keys`; the frame: `shape`, `arranged`, `splitter`, `room`, `roving`;
//! then the panels, a file each, from the top of the page to its bottom. A panel about the moment shown is a file and a line
//! in `drawer`. `story_search`, `history_rows` and `history_search` are what lists are made of, `time_scale` and `time_marks`
//! the arithmetic of the time picture.
//!
//! Whoever wants something says so to the session, and only this file knows who obeys: so the files form no circle.

use leptos::prelude::*;

pub mod address;
pub mod address_bar;
pub mod arranged;
pub mod attempts_list;
pub mod branch;
pub mod branches_bar;
pub mod broken;
pub mod browser_history;
pub mod changes_panel;
pub mod clipboard;
pub mod code_panel;
pub mod computing;
pub mod console;
pub mod deeds;
pub mod dispatcher;
pub mod document_title;
pub mod download;
pub mod drawer;
pub mod engine;
pub mod event_details;
pub mod focus;
pub mod frame;
pub mod help_overlay;
pub mod history_bar;
pub mod history_groups;
pub mod history_list;
pub mod history_panel;
pub mod history_rows;
pub mod history_search;
pub mod icons;
pub mod intent;
pub mod keys;
pub mod lesson;
pub mod lesson_card;
pub mod looking;
pub mod mark_index;
pub mod message_banner;
pub mod now_lines;
pub mod outfit;
pub mod playing;
pub mod preferences;
pub mod recorded;
pub mod room;
pub mod roving;
pub mod session;
pub mod settings;
pub mod shape;
pub mod splitter;
pub mod state_panel;
pub mod story_picker;
pub mod story_search;
pub mod sweep_panel;
pub mod teaching;
pub mod term;
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
pub mod top_strip;
pub mod transport;
pub mod travel;
pub mod verdict;
pub mod walking;
pub mod workers_strip;
pub mod world_list;

use arranged::Split;
use engine::Catalogue;
use session::{Beginning, Session};
use splitter::Splitter;

/// Puts the page of a lab with these stories into the document, with its style and its icon. What goes wrong for good is
/// told on the browser's console.
pub fn mount(catalogue: Catalogue) {
    outfit::put_on();
    mount_bare(catalogue);
}

/// The same in a document that brings style and icon itself.
pub fn mount_bare(catalogue: Catalogue) {
    broken::listen();
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
        arranged: settings::arranged(),
    });
    settings::attach(session);
    browser_history::attach(session);
    broken::attach(session);
    document_title::attach(session);
    keys::listen(session);
    let stand = move |split: Split| {
        let share = Memo::new(move |_| session.arranged.splits.with(|splits| splits.of(split)));
        move || share.get().to_string()
    };
    view! {
        <top_strip::TopStrip />
        <section class="run-bar" aria-label="This run">
            <transport::Transport />
            <transport::Clock />
            <console::Console />
            <branches_bar::BranchesBar />
            <workers_strip::WorkersStrip />
        </section>
        <message_banner::MessageBanner />
        <lesson_card::LessonCard />
        <main class="bench" aria-busy=move || session.busy.get().is_some().to_string()
            style=("--split-columns", stand(Split::Columns)) style=("--split-code", stand(Split::Code))
            style=("--split-picture", stand(Split::Picture))>
            <div class="bench-left">
                <code_panel::CodePanel />
                <Splitter split=Split::Code />
                <history_panel::HistoryPanel />
            </div>
            <Splitter split=Split::Columns />
            <div class="bench-right">
                <time_picture::TimePicture />
                <now_lines::NowLines />
                <Splitter split=Split::Picture />
                <drawer::Drawer />
            </div>
        </main>
        <sweep_panel::SweepPanel />
        <help_overlay::HelpOverlay />
    }
}
