//! The page of the lab's own stories.

fn main() {
    sagascope::page::mount(sagascope::catalogue::stories::LAB);
}
