//! What is known to come, as a faint ghost behind what has happened: while the first scene waits for its deed.

use leptos::prelude::*;

use super::time_form::{Form, Shape};
use super::time_layout::Plot;
use super::time_marks::shapes;
use crate::page::session::Session;
use crate::page::session::engine::{Next, Verb};
use crate::page::session::lesson::Lesson;
use crate::page::session::teaching::card;

/// The ghost.
#[component]
pub fn Ahead(
    /// Where things are.
    plot: Memo<Plot>,
) -> impl IntoView {
    let session = Session::here();
    let is_wanted = Memo::new(move |_| {
        let waits = |next: Next| matches!(next, Next::ToWorker(Verb::Kill, _));
        session.lesson.get() == Lesson::Scene && card(session).is_some_and(|card| waits(card.next))
    });
    let ghost = |s: &Shape| {
        let radius = if s.form == Form::Dot { s.h / 2.0 } else { 3.0 };
        let class = format!("{} {}", s.class.0, s.class.1);
        view! { <g class=class><rect class="mark-shape" x=s.x y=s.y width=s.w height=s.h rx=radius /></g> }
    };
    let ghosts = move || {
        is_wanted.get().then(|| {
            let all = session
                .run
                .with(|run| plot.with(|p| shapes(run, p, run.last(), run.end_time())));
            all.iter().map(ghost).collect_view()
        })
    };
    view! { <g class="marks-ahead" aria-hidden="true" clip-path="url(#plot-clip)">{ghosts}</g> }
}
