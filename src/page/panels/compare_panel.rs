//! The history shown beside that of another timeline: what they differ in, by what the code asked for and what came of it.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::branch::Branch;
use crate::page::session::recorded::Recorded;
use crate::study::diff::diff;

/// With more events on one side the comparison would hold the page up: the command line does it.
const EVENTS_MAX: usize = 10_000;

/// The panel.
#[component]
pub fn ComparePanel() -> impl IntoView {
    let session = Session::here();
    let picked = RwSignal::new(None::<u32>);
    let others = Memo::new(move |_| {
        let active = session.active.get();
        session.branches.with(|all| {
            let others = all.iter().filter(|branch| branch.id != active && branch.run.is_some());
            others.map(|branch| (branch.id, name(branch))).collect::<Vec<_>>()
        })
    });
    let other = Memo::new(move |_| {
        let others = others.read();
        let wanted = picked.get().filter(|id| others.iter().any(|(other, _)| other == id));
        wanted.or(others.first().map(|(id, _)| *id))
    });
    let choose = move |event| picked.set(event_target_value(&event).parse().ok());
    let options = move || {
        let chosen = other.get();
        let option = move |(id, name): (u32, String)| {
            view! { <option value=id.to_string() selected=chosen == Some(id)>{name}</option> }
        };
        others.get().into_iter().map(option).collect_view()
    };
    let told = move || {
        let (here, there) = (session.active.get(), other.get()?);
        session.branches.with(|all| {
            let side = |id: u32| {
                let branch = all.iter().find(|branch| branch.id == id)?;
                Some((name(branch), branch.run.clone()?))
            };
            Some(compared(side(there)?, side(here)?))
        })
    };
    let shown = move || {
        match told() {
        Some(text) => view! { <pre class="compare-told">{text}</pre> }.into_any(),
        None => view! {
            <p class="empty">
                "There is nothing to compare with yet. Kill a worker, or open a history: each timeline you have looked at can be \
                 held against the one shown."
            </p>
        }
        .into_any(),
    }
    };
    view! {
        <div class="panel-scroll compare" tabindex="0">
            {move || (!others.read().is_empty()).then(|| view! {
                <label class="compare-with">
                    "Compared with "
                    <select on:change=choose>{options}</select>
                </label>
            })}
            {shown}
        </div>
    }
}

fn name(branch: &Branch) -> String {
    match branch.subject.run() {
        Some(spec) => format!("{} · {}", spec.story, branch.label()),
        None => branch.label(),
    }
}

fn compared((from, from_run): (String, Recorded), (to, to_run): (String, Recorded)) -> String {
    let (a, b) = (from_run.events(), to_run.events());
    if a.len().max(b.len()) > EVENTS_MAX {
        return format!(
            "One of the two has more than {EVENTS_MAX} events: to compare them takes longer than a page should. The command \
             line does it: sagascope diff A B."
        );
    }
    diff(a, b).text([&from, &to], false)
}
