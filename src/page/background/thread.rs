//! The Web Worker: starting it, and its inside.
//!
//! It is the page's own program once more, compiled once for both: the page hands its module over. What the program finds
//! is no window, so it does jobs instead of showing anything ([`serve`]). Its first lines are a script made here, since a
//! guest's page consists of nothing but the program; the program's own script is where the document's head says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Object, Reflect};
use leptos::prelude::document;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, HtmlLinkElement, MessageEvent, Url, Worker, WorkerOptions,
    WorkerType,
};

use super::jobs;
use super::message::{Letter, Order};
use crate::base::sorted::SortedMap;
use crate::page::session::engine::Catalogue;

/// A Web Worker. It ends when this is dropped.
pub struct Thread {
    worker: Worker,
    _hears: Closure<dyn Fn(MessageEvent)>,
    _fails: Closure<dyn Fn(web_sys::Event)>,
}

impl Thread {
    /// Starts one; `hear` hears what it says.
    ///
    /// # Errors
    ///
    /// If this browser or this document does not allow it. With the reason.
    pub fn start(hear: impl Fn(Letter) + Clone + 'static) -> Result<Self, String> {
        let script = Self::script().ok_or("the document does not name the program's script")?;
        let said = |why: JsValue| format!("{why:?}");
        let kind = BlobPropertyBag::new();
        kind.set_type("text/javascript");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &kind).map_err(said)?;
        let address = Url::create_object_url_with_blob(&blob).map_err(said)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        // Where the class is missing, this throws as well.
        let worker = Worker::new_with_options(&address, &options).map_err(said)?;
        let first = Object::new();
        Reflect::set(&first, &"module_or_path".into(), &wasm_bindgen::module()).map_err(said)?;
        worker.post_message(&first).map_err(said)?;

        let told = hear.clone();
        let hears = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            Url::revoke_object_url(&address).ok();
            told(read(event.data()).unwrap_or_else(|| Letter::Broken("it cannot be understood".to_owned())));
        });
        let fails = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            // A script that could not be loaded comes without words.
            let why = Reflect::get(&event, &"message".into())
                .ok()
                .and_then(|why| why.as_string());
            hear(Letter::Broken(why.unwrap_or_else(|| "it did not start".to_owned())));
        });
        worker.set_onmessage(Some(hears.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fails.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            _hears: hears,
            _fails: fails,
        })
    }

    /// The first lines of the Web Worker: the program takes over with the first message, the module.
    fn script() -> Option<String> {
        let named = document().query_selector("link[rel=modulepreload]").ok()??;
        let program = named.dyn_into::<HtmlLinkElement>().ok()?.href();
        Some(format!(
            "import init from {program:?};\nonmessage = ({{ data }}) => {{ onmessage = null; init(data); }};\n"
        ))
    }

    /// Sends an order.
    pub fn send(&self, order: &Order) {
        if let Some(order) = written(order) {
            // Throws only for what cannot be copied, and plain data can.
            self.worker.post_message(&order).ok();
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // After a panic has been told, the browser tells of it once more: nobody hears that.
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Whether this is the inside of a Web Worker.
pub fn is_inside() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}

/// The inside: does the jobs that the page orders, for good.
pub fn serve(catalogue: Catalogue) {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        post(&Letter::Broken(panic.to_string()));
    }));
    let wanted = Rc::new(RefCell::new(SortedMap::<u32, Rc<Cell<bool>>>::new()));
    let hears = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(Order { ticket, job }) = read(event.data()) else {
            return;
        };
        let Some(job) = job else {
            if let Some(wanted) = wanted.borrow_mut().remove(&ticket) {
                wanted.set(false);
            }
            return;
        };
        let (all, mine) = (Rc::clone(&wanted), Rc::new(Cell::new(true)));
        all.borrow_mut().insert(ticket, Rc::clone(&mine));
        spawn_local(async move {
            let tell = |news| post(&Letter::Of { ticket, news });
            jobs::work(catalogue, job, tell, || mine.get()).await;
            all.borrow_mut().remove(&ticket);
        });
    });
    if let Some(scope) = scope() {
        scope.set_onmessage(Some(hears.into_js_value().unchecked_ref()));
    }
    post(&Letter::Ready);
}

fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

fn post(letter: &Letter) {
    if let Some((scope, letter)) = scope().zip(written(letter)) {
        // Throws only for what cannot be copied, and plain data can.
        scope.post_message(&letter).ok();
    }
}

fn written(message: &impl Serialize) -> Option<JsValue> {
    // Seeds and times need all of their 64 bits.
    let all_bits = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
    message.serialize(&all_bits).ok()
}

fn read<T: DeserializeOwned>(message: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(message).ok()
}
