//! What the page needs beside its program: style, icon, that phones show it in their own width, and the banner for when it
//! breaks; for a document that does not bring them. A guest's index.html names the program and nothing else. The lab's own
//! has them all, so that they are there before anything runs.

use leptos::prelude::document;

/// The style, in the order of the cascade: that of the lab's index.html.
const SHEETS: [(&str, &str); 13] = [
    ("tokens", include_str!("../../../style/tokens.css")),
    ("base", include_str!("../../../style/base.css")),
    ("boot", include_str!("../../../style/boot.css")),
    ("top_strip", include_str!("../../../style/top_strip.css")),
    ("lesson", include_str!("../../../style/lesson.css")),
    ("code_panel", include_str!("../../../style/code_panel.css")),
    ("history_panel", include_str!("../../../style/history_panel.css")),
    ("time_picture", include_str!("../../../style/time_picture.css")),
    ("drawer", include_str!("../../../style/drawer.css")),
    ("sweep_panel", include_str!("../../../style/sweep_panel.css")),
    ("console", include_str!("../../../style/console.css")),
    ("help_overlay", include_str!("../../../style/help_overlay.css")),
    ("opener", include_str!("../../../style/opener.css")),
];
const BROKEN: &str = include_str!("../broken.js");
const ICON: &str = include_str!("../../../public/favicon.svg");

/// Puts them at the beginning of the document's head: whatever stands there has the last word.
pub fn put_on() {
    let Ok(Some(head)) = document().query_selector("head") else {
        return;
    };
    let icon = String::from(js_sys::encode_uri_component(ICON));
    let sheets = SHEETS.map(|(_, sheet)| sheet).concat();
    let outfit = format!(
        r#"<meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:image/svg+xml,{icon}"><style>{sheets}</style>"#
    );
    head.insert_adjacent_html("afterbegin", &outfit)
        .expect("a head takes a link and a style");
    // A script runs if it is made, not if it comes with a text.
    if let Ok(script) = document().create_element("script") {
        script.set_text_content(Some(BROKEN));
        // A policy of the guest's may forbid it; then there is no banner.
        head.append_child(&script).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::SHEETS;

    #[test]
    fn a_guest_has_the_style_of_the_lab() {
        let document = include_str!("../../../index.html");
        let inline = document.lines().filter_map(|line| {
            line.trim()
                .strip_prefix("<link data-trunk rel=\"inline\" href=\"style/")
        });
        let named: Vec<&str> = inline.filter_map(|rest| rest.strip_suffix(".css\">")).collect();
        assert_eq!(named, SHEETS.map(|(name, _)| name));
    }
}
