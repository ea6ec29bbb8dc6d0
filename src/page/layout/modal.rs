//! Modal dialogs: the browser keeps the focus inside, and gives it back. Whether one is open is the session's to say.

use leptos::html::Dialog;
use leptos::prelude::*;

/// A dialog that opens and closes as `open` says; it is made by whoever puts this into its `node_ref`.
pub fn modal(open: RwSignal<bool>) -> NodeRef<Dialog> {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let open = open.get();
        let Some(dialog) = dialog.get() else { return };
        if open && !dialog.open() {
            // Throws only if the dialog is open already or not in the page.
            dialog.show_modal().ok();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    dialog
}
