//! What the cases of the rules are made of; `sketch` says how their histories are drawn.

/// A rule, a history in which it finds something, and one close to that in which it finds nothing.
pub(super) struct Case {
    pub(super) rule: &'static str,
    pub(super) fires: String,
    pub(super) silent: String,
}

pub(super) fn case(rule: &'static str, fires: impl Into<String>, silent: impl Into<String>) -> Case {
    Case {
        rule,
        fires: fires.into(),
        silent: silent.into(),
    }
}

pub(super) const COMPLETED: &str = "\n 9 WorkflowExecutionCompleted {}";

/// A value in a payload, for sketches.
pub(super) fn payload(json: &str) -> String {
    format!(
        r#"{{"metadata": {{"encoding": "anNvbi9wbGFpbg=="}}, "data": "{}"}}"#,
        base64(json)
    )
}

pub(super) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

/// Lines in a row, by their numbers from 1.
pub(super) fn lines(count: u32, line: impl Fn(u32) -> String) -> String {
    (1..=count).map(|n| format!("\n{}", line(n))).collect()
}
