//! The legend of the time picture: a sample of each thing, drawn as the picture draws it.

use leptos::prelude::*;

use super::time_marks::sample;
use super::time_shapes::shape_view;
use crate::page::layout::late::late;
use crate::page::words::icons::of_category;
use crate::view::recording::{Category, MarkKind, MessageKind, Outcome};

/// Each kind of mark with its meaning, in the order of the lanes.
const KINDS: [(MarkKind, Outcome, &str); 16] = [
    (
        MarkKind::Message(MessageKind::Signal),
        Outcome::Ok,
        "a client or an operator asks for something; as long as the bar it waits for the answer",
    ),
    (MarkKind::Timer, Outcome::Running, "a timer that drains until it is due"),
    (MarkKind::Child, Outcome::Ok, "a child workflow"),
    (
        MarkKind::Call,
        Outcome::Ok,
        "a signal or a request to another workflow, until it is delivered",
    ),
    (MarkKind::TaskWaits, Outcome::Ok, "a workflow task waits for a worker"),
    (MarkKind::ActivityWaits, Outcome::Ok, "an activity waits for a worker"),
    (
        MarkKind::Backoff,
        Outcome::Ok,
        "the retry policy makes the next attempt wait",
    ),
    (MarkKind::WorkflowTask, Outcome::Ok, "a worker runs the workflow's code"),
    (
        MarkKind::Replay,
        Outcome::Ok,
        "replay: the code runs again over its history, nothing outside is touched",
    ),
    (
        MarkKind::Activity,
        Outcome::Ok,
        "an attempt of an activity; what goes on at the same time lies in rows",
    ),
    (MarkKind::Activity, Outcome::Running, "one that goes on"),
    (MarkKind::Activity, Outcome::Failed, "one that failed"),
    (
        MarkKind::Activity,
        Outcome::TimedOut,
        "one that ran out of time, or came too late",
    ),
    (MarkKind::Activity, Outcome::Lost, "one whose worker died over it"),
    (
        MarkKind::Dead,
        Outcome::Ok,
        "a worker is dead, or cut off from the Service",
    ),
    (
        MarkKind::Danger,
        Outcome::Ok,
        "through all lanes: the effect is done and not recorded; a crash in here does it twice",
    ),
];

/// Categories of events, and what their dots are about.
const DOTS: [(Category, &str); 6] = [
    (Category::Workflow, "the run itself"),
    (Category::WorkflowTask, "workflow tasks"),
    (Category::Activity, "activities"),
    (Category::Timer, "timers"),
    (Category::Signal, "signals, updates, requests to stop"),
    (Category::Other, "children, markers and the rest"),
];

/// The button and its panel. Opening, closing and Esc are the browser's own (`popover`).
#[component]
pub fn Legend() -> impl IntoView {
    let opened = RwSignal::new(false);
    view! {
        <button class="link" popovertarget="time-legend" title="What the shapes and numbers mean" on:click=move |_| opened.set(true)>"legend"</button>
        <div class="time-legend" id="time-legend" popover="auto" role="dialog" aria-label="Legend of the time picture">
            {late(move || opened.get(), || view! { <Samples /> })}
        </div>
    }
}

#[component]
fn Samples() -> impl IntoView {
    let dot = |(category, meaning): (Category, &'static str)| {
        let class = format!("mark mark-event {}", of_category(category).1);
        view! {
            <li>
                <svg class="legend-sample" viewBox="0 0 44 16" aria-hidden="true"><g class=class><circle class="mark-shape" cx="22" cy="8" r="4.5" /></g></svg>
                <span>{meaning}</span>
            </li>
        }
    };
    let kind = |(kind, outcome, meaning): (MarkKind, Outcome, &'static str)| {
        view! {
            <li>
                <svg class="legend-sample" viewBox="0 0 44 16" aria-hidden="true">{shape_view(sample(kind, outcome), 1.0)}</svg>
                <span>{meaning}</span>
            </li>
        }
    };
    view! {
        <h3>"Dots: events of the history"</h3>
        <p>"The number beside a dot is the event's id. Its colour says what it is about:"</p>
        <ul>{DOTS.into_iter().map(dot).collect_view()}</ul>
        <h3>"Bars and bands"</h3>
        <ul>{KINDS.into_iter().map(kind).collect_view()}</ul>
        <h3>"Elsewhere"</h3>
        <ul>
            <li>
                <svg class="legend-sample" viewBox="0 0 44 16" aria-hidden="true">
                    <rect class="fold-shade" x="4" y="0" width="36" height="16" />
                    <path class="fold-zig" d="M17 2l4 4l-4 4l4 4M25 2l4 4l-4 4l4 4" />
                </svg>
                <span>"a long wait, folded: its length stands in it, and it is not to scale"</span>
            </li>
            <li>
                <svg class="legend-sample" viewBox="0 0 44 16" aria-hidden="true">
                    <g class="mark mark-bar is-activity"><rect class="mark-shape" x="4" y="3" width="20" height="10" rx="3" /></g>
                    <text class="mark-label" x="28" y="8">"12"</text>
                </svg>
                <span>"a number beside a bar: so many marks in one; zoom in to see each"</span>
            </li>
            <li>
                <svg class="legend-sample" viewBox="0 0 44 16" aria-hidden="true">
                    <path class="flow is-activity" d="M6 1C6 8 36 8 36 15" />
                </svg>
                <span>"a recorded result flows into the replay that takes it"</span>
            </li>
        </ul>
    }
}
