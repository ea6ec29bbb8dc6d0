//! The workflow's source with its gutter: which lines ran, which were replayed, where it waits.

use leptos::html::Ol;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::page::session::Session;
use crate::page::words::icons::{icon, of_line};
use crate::view::recording::LineMark;

const LEGEND: [LineMark; 4] = [
    LineMark::Replayed,
    LineMark::Executing,
    LineMark::Awaiting,
    LineMark::Forgotten,
];

/// The panel.
#[component]
pub fn CodePanel() -> impl IntoView {
    let session = Session::here();
    let code = Memo::new(move |_| session.moment.with(|m| m.code.clone()));
    let version = Memo::new(move |_| code.with(|code| code.version));
    let source = Memo::new(move |_| {
        let version = version.get();
        session.run.with(|run| run.source(version).cloned().unwrap_or_default())
    });
    let list = NodeRef::<Ol>::new();
    let current = Memo::new(move |_| code.read().here);
    Effect::new(move |_| {
        let line = current.get().unwrap_or_else(|| source.read().body.0);
        source.track();
        let Some(list) = list.get() else { return };
        // After the browser has laid the lines out; scrolls the panel alone, and leaves the focus where it is.
        request_animation_frame(move || follow(&list, line));
    });
    let legend = LEGEND.map(|mark| {
        let (shape, class, word) = of_line(mark);
        view! { <li class=class>{icon(shape)} {word}</li> }
    });
    let rows = move || {
        let source = source.get();
        let (first, last) = source.body;
        let row = |(i, text): (usize, String)| {
            let number = i as u32 + 1;
            let mark = Memo::new(move |_| {
                let marked = code.with(|c| c.lines.iter().find(|l| l.line == number).cloned());
                (marked, current.get() == Some(number))
            });
            let outside = if (first..=last).contains(&number) {
                ""
            } else {
                "line-outside"
            };
            let class = move || {
                mark.with(|(marked, here)| {
                    let mark = marked.as_ref().map_or("line-untouched", |l| of_line(l.mark).1);
                    let here = if *here { "line-here" } else { "" };
                    format!("line {mark} {outside} {here}")
                })
            };
            let glyph = move || {
                mark.get().0.map(|l| {
                    let (shape, _, word) = of_line(l.mark);
                    view! { <span class="line-mark" title=word>{icon(shape)}<span class="sr-only">{word}</span></span> }
                })
            };
            let note = move || {
                mark.get()
                    .0
                    .and_then(|l| l.note)
                    .map(|note| view! { <span class="line-note">{note}</span> })
            };
            view! {
                <li class=class>
                    <span class="line-number">{number}</span>
                    <span class="line-gutter">{glyph}</span>
                    <code class="line-text">{text.clone()}</code>
                    {note}
                </li>
            }
        };
        source.lines.into_iter().enumerate().map(row).collect_view()
    };
    let opened = Memo::new(move |_| session.run.with(|run| run.opened.clone()));
    let about_file = move || {
        opened.get().map(|opened| view! {
            <div class="file-facts panel-scroll" tabindex="0">
                <p>
                    "This history came in a file. It never left this browser, and the code that wrote it is not here: a \
                     history has none of it."
                </p>
                <dl>
                    <dt>"began"</dt><dd>{opened.begun.to_string()}</dd>
                    {opened.gauges().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                </dl>
                {opened.notes.iter().map(|note| view! { <p>{note.clone()}</p> }).collect_view()}
            </div>
        })
    };
    let shows_code = move || opened.with(Option::is_none);
    view! {
        <section class="panel code" aria-label="Workflow code">
            <h2 class="panel-title">
                <span class="code-file">{move || opened.with(|opened| match opened {
                    Some(opened) => opened.name.clone(),
                    None => source.with(|s| s.file.clone()),
                })}</span>
                <ul class="code-legend" hidden=move || !shows_code()>{legend.collect_view()}</ul>
            </h2>
            {about_file}
            <ol class="code-lines panel-scroll" tabindex="0" hidden=move || !shows_code() node_ref=list aria-label="Source text">{rows}</ol>
            <p class="code-holder" hidden=move || !shows_code()>{move || code.with(|c| c.holder.clone())}</p>
        </section>
    }
}

/// Scrolls the list so that the line stands in its upper half, if it is not well in sight already.
fn follow(list: &web_sys::HtmlOListElement, line: u32) {
    let Some(row) = list.children().item(line.saturating_sub(1)) else {
        return;
    };
    let Ok(row) = row.dyn_into::<web_sys::HtmlElement>() else {
        return;
    };
    let (top, height) = (row.offset_top(), row.offset_height());
    let (seen, room) = (list.scroll_top(), list.client_height());
    let margin = height * 2;
    if top < seen + margin || top + height > seen + room - margin {
        list.set_scroll_top(top - room * 2 / 5);
    }
}
