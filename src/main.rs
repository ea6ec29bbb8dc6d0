//! The page of the lab's own stories.

fn main() {
    sagascope::page::mount_bare(sagascope::catalogue::stories::LAB);
}
