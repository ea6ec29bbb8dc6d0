//! The travel desk's own lab, in a page.

fn main() {
    sagascope::page::mount(travel_desk::desk::CATALOGUE);
}
