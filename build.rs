//! Two generators: Temporal's history types, beside what they make, and the workflows with a probe at each statement.

#[path = "src/history/build.rs"]
mod history_types;

fn main() {
    history_types::generate();
    sagascope_trace::generate("src/catalogue/workflows");
}
