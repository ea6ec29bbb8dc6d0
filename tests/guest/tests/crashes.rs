//! Whatever worker dies, whenever: nobody is left with half a trip.

use sagascope::Sweep;
use travel_desk::desk::trip;

#[test]
fn no_crash_can_hurt_a_careful_trip() {
    Sweep::of(trip("CarefulTrip")).assert_holds();
}

#[test]
fn a_crash_leaves_a_hasty_traveller_with_a_car() {
    let mut sweep = Sweep::of(trip("HastyTrip"));
    sweep.run_to_end();
    let report = sweep.report().expect("the mistake is found");
    for told in ["a trip is booked in full or not at all", "seat, room, car: [0, 0, 1]", "repro: trip-ines?seed=7&do="]
    {
        assert!(report.contains(told), "{report}");
    }
}
