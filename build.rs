//! Two generators, each beside what it makes: Temporal's history types, and the workflows with a probe at each
//! statement.

#[path = "src/history/build.rs"]
mod history_types;
#[path = "src/workflows/build.rs"]
mod traced_workflows;

fn main() {
    history_types::generate();
    traced_workflows::generate();
}
