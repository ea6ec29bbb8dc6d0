//! The console: a line in which a reader asks the world of the moment shown, or does something to it; and the answers.
//!
//! What the words mean is `view::console`'s business. A deed makes another future, like a button does.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;

use crate::page::background::message::{Job, News};
use crate::page::browser::download;
use crate::page::session::Session;
use crate::page::session::branch::forked;
use crate::page::session::engine::{Choice, Line, Place, QUESTIONS, read, suggestions};
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};

/// How many answers are kept.
const KEPT: usize = 20;

/// A line that was typed, and what came of it.
#[derive(Clone)]
struct Entry {
    number: u32,
    line: String,
    answer: Result<String, String>,
    /// The file that it can be saved in.
    file: Option<&'static str>,
}

/// The button and its panel. Opening, closing and Esc are the browser's own (`popover`).
#[component]
pub fn Console() -> impl IntoView {
    let session = Session::here();
    let line = RwSignal::new(String::new());
    let entries = RwSignal::new(Vec::<Entry>::new());
    // What was typed, oldest first, and how far back in it the reader is.
    let (lines, back) = (RwSignal::new(Vec::<String>::new()), RwSignal::new(0_usize));
    let field = NodeRef::<Input>::new();
    let tell = move |typed: String, answer: Result<String, String>, file: Option<&'static str>| {
        entries.update(|all| {
            let number = all.first().map_or(1, |entry| entry.number + 1);
            all.insert(
                0,
                Entry {
                    number,
                    line: typed,
                    answer,
                    file,
                },
            );
            all.truncate(KEPT);
        });
    };
    let enter = move |typed: String| {
        let Some(spec) = session.spec() else {
            line.set(String::new());
            let why = "This history was lived elsewhere: the lab's console has no say in it.".to_owned();
            return tell(typed, Err(why), None);
        };
        let here = place(session);
        // A deed is tried out first, so that what is refused makes no other future.
        let (run, file, deed): (_, Option<&'static str>, Option<Choice>) = match read(&typed, &here) {
            Err(why) => {
                line.set(String::new());
                return tell(typed, Err(why), None);
            }
            Ok(Line::Ask(question)) => (spec.clone(), Some(question.file()), None),
            Ok(Line::Do(choice)) => {
                let future = forked(&spec, here.step, here.at, vec![choice.clone()]);
                (future, None, Some(choice))
            }
        };
        let job = Job::Console {
            run: run.to_string(),
            line: typed.clone(),
            here: here.clone(),
        };
        let hear = move |news| {
            let answer = match news {
                News::Answer(answer) => answer,
                News::Broken(why) => Err(format!("The lab has broken over it: {why}")),
                News::Done | News::Points(_) | News::Tried(_) | News::Read(_) | News::Found(_) | News::Unread(_) => {
                    return;
                }
            };
            let Some(choice) = &deed else {
                return tell(typed.clone(), answer, file);
            };
            let moved = session.spec().as_ref() != Some(&spec) || session.cursor.get_untracked() != here.step;
            if moved {
                let why = "Nothing was done: you have moved on meanwhile.".to_owned();
                return tell(typed.clone(), Err(why), None);
            }
            if answer.is_ok() {
                session.intend(Intent::Do(choice.clone()));
            }
            tell(typed.clone(), answer, None);
        };
        session.background.with_value(|background| background.give(job, hear));
        line.set(String::new());
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = line.get_untracked();
        if !typed.trim().is_empty() {
            lines.update(|all| {
                all.retain(|line| *line != typed);
                all.push(typed.clone());
            });
            back.set(0);
            enter(typed);
        }
    };
    // ↑ and ↓ bring back what was typed before; beyond the last line the field is empty.
    let recall = move |event: ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowUp" => 1,
            "ArrowDown" => -1,
            _ => return,
        };
        event.prevent_default();
        let typed = lines.get_untracked();
        let to = back.get_untracked().saturating_add_signed(step).min(typed.len());
        back.set(to);
        line.set(if to == 0 {
            String::new()
        } else {
            typed[typed.len() - to].clone()
        });
    };
    let ask = move |words: &'static str| {
        view! { <button type="button" class="button" on:click=move |_| enter(words.to_owned())>{words}</button> }
    };
    let begin = move |words: String| {
        let label = format!("{words} …");
        let prefill = move |_| {
            line.set(format!("{words} "));
            if let Some(field) = field.get_untracked() {
                field.focus().ok();
            }
        };
        view! { <button type="button" class="button console-begin" on:click=prefill>{label}</button> }
    };
    let version = Memo::new(move |_| session.moment.with(|m| m.code.version));
    let beginnings = move || {
        let lines = session.run.with(|run| {
            let source = run.source(version.get()).map(|source| source.lines.as_slice());
            suggestions(&place(session).workflow_id, source.unwrap_or_default())
        });
        lines.into_iter().map(begin).collect_view()
    };
    view! {
        <button class="button" popovertarget="console" aria-label="Console" title="Console: ask, signal, query, cancel, reset … (:)">
            {icon(Icon::Bolt)} <span class="console-word">"Console"</span>
        </button>
        <div class="console" id="console" popover="auto" role="dialog" aria-label="Console">
            <form class="console-line" on:submit=submit>
                <label class="console-prompt" for="console-input">{move || format!("step {} ›", session.cursor.get())}</label>
                <input id="console-input" class="console-input" type="text" autofocus autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="describe, list ExecutionStatus='Running', signal ID NAME {…}" aria-label="Command"
                    node_ref=field prop:value=line on:input:target=move |e| line.set(e.target().value()) on:keydown=recall />
                <button class="button" type="submit">"Enter"</button>
            </form>
            <div class="console-words" role="group" aria-label="Beginnings">
                {QUESTIONS.map(ask).collect_view()} {beginnings}
            </div>
            <div class="console-answers" role="log" aria-label="Answers" tabindex="0">
                <For each=move || entries.get() key=|entry| entry.number let:entry>{shown(session, entry)}</For>
            </div>
        </div>
    }
}

fn shown(session: Session, entry: Entry) -> impl IntoView {
    let save = entry.file.zip(entry.answer.clone().ok()).map(|(file, text)| {
        view! { <button class="link" on:click=move |_| download::save(session, file, &text)>"save"</button> }
    });
    let (text, class) = match entry.answer {
        Ok(text) => (text, "console-answer"),
        Err(why) => (why, "console-answer is-failed"),
    };
    view! {
        <p class="console-asked">"› " {entry.line} " " {save}</p>
        <pre class=class>{text}</pre>
    }
}

fn place(session: Session) -> Place {
    let step = session.cursor.get_untracked();
    session.run.with_untracked(|run| {
        let shown = run.runs.get(run.shown() as usize);
        Place {
            step,
            at: run.at(step),
            workflow_id: shown.map(|row| row.workflow_id.clone()).unwrap_or_default(),
            task_queue: shown.map(|row| row.task_queue.clone()).unwrap_or_default(),
        }
    })
}
