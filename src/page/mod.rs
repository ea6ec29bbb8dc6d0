//! The page: Leptos components over `view`. The only web code in the project.
//!
//! | folder | what it is |
//! | --- | --- |
//! | `session` | the state, over `branch` and `recorded`; `intent` (every wish) and `dispatcher` (who obeys), with `travel`, `walking`, `deeds`, `playing`, `looking`, `teaching` behind it; `engine`, the door to the runs |
//! | `background` | what is worked out beside the page, in a Web Worker: sweeps, the console's answers |
//! | `browser` | what is asked of the browser, and what outlives a reload or a panic |
//! | `layout` | how panels share the window |
//! | `words` | terms, shapes and colours |
//! | `picture` | the time picture |
//! | `history` | the event history |
//! | `panels` | all others, a file each |
//!
//! A new wish is a line in `session::intent` and one in `session::dispatcher`; a panel about the moment shown is a file and a
//! line in `panels::drawer`.
//!
//! Whoever wants something says so to the session, and only this file knows who obeys: so the files form no circle.

use std::time::Duration;

use leptos::prelude::*;

pub mod background;
pub mod browser;
pub mod history;
pub mod layout;
pub mod panels;
pub mod picture;
pub mod session;
pub mod words;

use layout::arranged::Split;
use layout::late::late;
use layout::splitter::Splitter;
use session::engine::Catalogue;
use session::{Beginning, PARTS, Session};

/// Puts the page of a lab with these stories into the document, with its style and its icon. What goes wrong for good is
/// told on the browser's console.
pub fn mount(catalogue: Catalogue) {
    if !background::thread::is_inside() {
        browser::outfit::put_on();
    }
    mount_bare(catalogue);
}

/// The same in a document that brings style and icon itself.
///
/// The page starts its own program once more as a Web Worker: there it does what is to be worked out beside the page.
pub fn mount_bare(catalogue: Catalogue) {
    if background::thread::is_inside() {
        return background::thread::serve(catalogue);
    }
    browser::broken::listen();
    // A task of its own: the one in which the browser has just made the program ready is long enough.
    let show = move || leptos::mount::mount_to_body(move || view! { <App catalogue=catalogue /> });
    set_timeout(show, Duration::ZERO);
}

/// The whole page.
#[component]
pub fn App(
    /// The stories that it tells.
    catalogue: Catalogue,
) -> impl IntoView {
    let session = Session::provide(Beginning {
        catalogue,
        obey: session::dispatcher::obey,
        address_bar: browser::browser_history::address_bar(),
        theme: browser::settings::theme(),
        speed: browser::settings::speed(),
        arranged: browser::settings::arranged(),
    });
    browser::settings::attach(session);
    browser::browser_history::attach(session);
    browser::broken::attach(session);
    browser::drop::attach(session);
    browser::document_title::attach(session);
    session::keys::listen(session);
    let stand = move |split: Split| {
        let share = Memo::new(move |_| session.arranged.splits.with(|splits| splits.of(split)));
        move || share.get().to_string()
    };
    build_on(session);
    let built = move |parts: u8| move || session.built.get() >= parts;
    let busy = move || session.busy.get().is_some() || session.built.get() < PARTS;
    view! {
        <panels::top_strip::TopStrip />
        <section class="run-bar" aria-label="This run">
            {late(built(1), || view! {
                <panels::transport::Transport />
                <panels::transport::Clock />
                <panels::console::Console />
                <panels::branches_bar::BranchesBar />
                <panels::workers_strip::WorkersStrip />
            })}
        </section>
        {late(built(2), || view! {
            <panels::message_banner::MessageBanner />
            <panels::lesson_card::LessonCard />
        })}
        <main class="bench" aria-busy=move || busy().to_string()
            style=("--split-columns", stand(Split::Columns)) style=("--split-code", stand(Split::Code))
            style=("--split-picture", stand(Split::Picture))>
            <div class="bench-left">
                {late(built(2), || view! { <panels::code_panel::CodePanel /> <Splitter split=Split::Code /> })}
                {late(built(3), || view! { <history::history_panel::HistoryPanel /> })}
            </div>
            <Splitter split=Split::Columns />
            <div class="bench-right">
                {late(built(4), || view! { <picture::time_picture::TimePicture /> <panels::now_lines::NowLines /> })}
                {late(built(5), || view! { <Splitter split=Split::Picture /> <panels::drawer::Drawer /> })}
            </div>
        </main>
        {late(built(PARTS), || view! { <panels::sweep_panel::SweepPanel /> <panels::help_overlay::HelpOverlay /> <panels::opener::Opener /> })}
    }
}

/// Builds the next part of the page once the one before has been painted.
fn build_on(session: Session) {
    let next = move || {
        session.built.update(|built| *built += 1);
        if session.built.get_untracked() < PARTS {
            build_on(session);
        }
    };
    request_animation_frame(move || set_timeout(next, Duration::ZERO));
}
