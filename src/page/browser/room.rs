//! How much room a panel has, whenever that changes: by the window, by a splitter, by what is shown above it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Calls `changed` whenever the element has another size, and once to begin with.
pub fn watch(element: &web_sys::Element, changed: impl FnMut() + 'static) {
    // By its name, for the typed binding would be one more feature of a large crate.
    let made = js_sys::Reflect::get(&window(), &"ResizeObserver".into()).and_then(|class| {
        let callback = Closure::<dyn FnMut()>::new(changed).into_js_value();
        js_sys::Reflect::construct(
            class.unchecked_ref::<js_sys::Function>(),
            &js_sys::Array::of1(&callback),
        )
    });
    let Ok(observer) = made else { return };
    let call = |method: &str, argument: &wasm_bindgen::JsValue| {
        let method = js_sys::Reflect::get(&observer, &method.into());
        method.and_then(|method| method.unchecked_into::<js_sys::Function>().call1(&observer, argument))
    };
    // Every browser that runs the page has both, and nobody waits for an answer.
    call("observe", element).ok();
}
