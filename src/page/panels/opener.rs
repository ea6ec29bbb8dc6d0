//! Opening histories: the dialog with its three ways in and the shelf, and what is shown while files are held over the page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::page::browser::drop::files;
use crate::page::layout::late::late;
use crate::page::layout::modal::modal;
use crate::page::session::Session;
use crate::page::session::intent::{Brought, Intent};
use crate::page::session::subject::FileKey;
use crate::page::words::icons::{Icon, icon};

/// The dialog, and the sheet under files that are about to be dropped.
#[component]
pub fn Opener() -> impl IntoView {
    let session = Session::here();
    let dialog = modal(session.opener);
    view! {
        <dialog class="help opener" node_ref=dialog aria-labelledby="opener-title" on:close=move |_| session.intend(Intent::CloseOpener)>
            <header class="help-head">
                <h2 id="opener-title">"Open a workflow history"</h2>
                <button class="button button-icon" aria-label="Close" on:click=move |_| session.intend(Intent::CloseOpener)>
                    {icon(Icon::Cross)}
                </button>
            </header>
            {late(move || session.opener.get(), || view! { <Inside /> })}
        </dialog>
        {move || session.dropping.get().then(|| view! {
            <div class="drop-sheet" aria-hidden="true">
                <p>"Drop histories to open them. They stay in this browser."</p>
            </div>
        })}
    }
}

#[component]
fn Inside() -> impl IntoView {
    let session = Session::here();
    let choose = move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
        let input = event.target();
        let brought = files(input.files());
        // The same file can be chosen once more.
        input.set_value("");
        if !brought.is_empty() {
            session.intend(Intent::Open(brought));
        }
    };
    let pasted = RwSignal::new(String::new());
    let open_pasted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = pasted.get_untracked();
        if text.trim().is_empty() {
            return session.note("There is nothing to open yet: paste a history into the field.");
        }
        pasted.set(String::new());
        session.intend(Intent::Open(vec![Brought::text("pasted.json", &text)]));
    };
    view! {
        <p>
            "Of any SDK, in any form: " <code>"temporal workflow show -w ID --output json"</code>
            ", a download of the Web UI, an SDK's recording, packed or not. Files never leave this browser."
        </p>
        <label class="opener-files button button-main">
            "Choose files"
            <input type="file" multiple class="sr-only" accept=".json,.gz,.bin,.pb,.binpb,.txt,application/json" on:change:target=choose />
        </label>
        <span class="opener-or">" or drop them anywhere on the page."</span>
        <form on:submit=open_pasted>
            <label class="opener-paste">
                "Or paste one"
                <textarea rows="4" spellcheck="false" placeholder="{\"events\": [ … ]}" prop:value=pasted
                    on:input:target=move |event| pasted.set(event.target().value())></textarea>
            </label>
            <button class="button" type="submit">"Open what is pasted"</button>
        </form>
        <Shelved />
    }
}

/// What the browser keeps.
#[component]
fn Shelved() -> impl IntoView {
    let session = Session::here();
    let keys = RwSignal::new(Vec::<FileKey>::new());
    Effect::new(move |_| {
        session.opener.track();
        session.branches.track();
        spawn_local(async move {
            let all = session.shelf.all().await;
            keys.try_set(all);
        });
    });
    let entry = move |key: FileKey| {
        let name = key.name.clone();
        view! { <li><button class="link" on:click=move |_| session.intend(Intent::OpenShelved(key.clone()))>{name}</button></li> }
    };
    let clear = move |_| {
        session.intend(Intent::ClearShelf);
        keys.set(Vec::new());
    };
    view! {
        <section class="opener-shelf">
            <h3 class="panel-title">"On this browser's shelf"</h3>
            {move || if keys.read().is_empty() {
                view! { <p>"Nothing yet. What you open is kept here, for a reload, until you clear it."</p> }.into_any()
            } else {
                view! {
                    <ul>{keys.get().into_iter().map(entry).collect_view()}</ul>
                    <button class="button" on:click=clear>"Clear the shelf"</button>
                }.into_any()
            }}
        </section>
    }
}
