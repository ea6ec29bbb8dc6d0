#[test]
#[should_panic(expected = "200 euros withdrawn")]
fn no_crash_can_hurt_a_payout() {
    sagascope::Sweep::of(my_lab::setup()).assert_holds();
}
