//! What the linter and the crash-risk report find in the history shown, up to the end of the run. A file's is looked at in
//! the Web Worker, our own here: those are short.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::session::reading;
use crate::view::findings::{Findings, LintRow, RiskRow, findings};

/// What is known of it.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    /// It is being looked at.
    Looking,
    /// What was found.
    Found(Findings),
    /// Why nothing can be said.
    Not(String),
}

/// The panel.
#[component]
pub fn FindingsPanel() -> impl IntoView {
    let session = Session::here();
    let known = RwSignal::new(Known::Looking);
    Effect::new(move |_| {
        let run = session.run.get();
        if run.opened.is_none() {
            known.set(Known::Found(findings(run.events(), true)));
            return;
        }
        known.set(Known::Looking);
        let id = session.active.get_untracked();
        leptos::task::spawn_local(async move {
            let found = reading::study(session, id).await;
            if session.active.get_untracked() == id {
                known.try_set(found.map_or_else(Known::Not, Known::Found));
            }
        });
    });
    let file = move || {
        session.run.with(|run| {
            let opened = run.opened.as_ref()?;
            let sentences = opened.outlook.iter().chain(&opened.notes).chain(&opened.not_for_replay);
            let mut told: Vec<String> = Vec::new();
            for sentence in sentences {
                if !told.contains(sentence) {
                    told.push(sentence.clone());
                }
            }
            Some(view! {
                <h3 class="panel-title">"The file and its end"</h3>
                <ul class="findings">{told.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}</ul>
            })
        })
    };
    let found = move || match known.get() {
        Known::Looking => view! { <p class="empty">"The history is being looked at."</p> }.into_any(),
        Known::Not(why) => view! { <p class="empty">{why}</p> }.into_any(),
        Known::Found(found) => shown(session, found).into_any(),
    };
    view! { <div class="panel-scroll" tabindex="0">{file} {found}</div> }
}

fn shown(session: Session, found: Findings) -> impl IntoView {
    let Findings {
        lint,
        more_lint,
        risks,
        more_risks,
        assumptions,
    } = found;
    let none = lint.is_empty().then(|| view! { <p class="empty">"The linter has nothing to say: nothing in this history is unwise or about to go wrong."</p> });
    let no_risk = risks
        .is_empty()
        .then(|| view! { <p class="empty">"No worker had an activity: a crash runs none again."</p> });
    let more = |more: u32| {
        (more > 0)
            .then(|| view! { <p class="empty">{format!("And {more} more: the command line tells all of them.")}</p> })
    };
    view! {
        <h3 class="panel-title">"Lint"</h3>
        {none}
        <ul class="findings">{lint.into_iter().map(|row| lint_row(session, row)).collect_view()}</ul>
        {more(more_lint)}
        <h3 class="panel-title">"What a crash would have done, most dangerous first"</h3>
        {no_risk}
        <ul class="findings">{risks.into_iter().map(|row| risk_row(session, row)).collect_view()}</ul>
        {more(more_risks)}
        <details class="findings-assumed">
            <summary>"What this takes for granted"</summary>
            <ul class="findings">{assumptions.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
        </details>
    }
}

fn event_link(session: Session, event: Option<u32>) -> Option<impl IntoView> {
    event.map(|id| {
        view! { <button class="link" on:click=move |_| session.intend(Intent::SelectEvent(Some(id)))>{format!("event {id}")}</button> " " }
    })
}

fn lint_row(session: Session, row: LintRow) -> impl IntoView {
    let class = match row.severity.as_str() {
        "error" => "is-failed",
        "warning" => "is-timed-out",
        _ => "is-other",
    };
    view! {
        <li>
            <b class=class>{row.severity}</b> " " {event_link(session, row.event)} {row.what}
            <details>
                <summary>{row.rule}</summary>
                <p>{row.why} " " {row.todo} " " <a href=row.page target="_blank" rel="noreferrer">"Temporal's documentation"</a></p>
            </details>
        </li>
    }
}

fn risk_row(session: Session, row: RiskRow) -> impl IntoView {
    let rows = row
        .rows
        .into_iter()
        .map(|(name, says)| view! { <dt>{name}</dt><dd>{says}</dd> });
    view! {
        <li>
            <b>{row.name}</b> " " {event_link(session, row.event)}
            <dl class="findings-rows">{rows.collect_view()}</dl>
        </li>
    }
}
