//! A travel desk: flight, room and car, or none of them.

pub mod bookings;
pub mod careful_trip;
pub mod desk;
pub mod grand_tour;
pub mod hasty_trip;
pub mod tour;

pub mod traced {
    //! The workflows with a probe at each statement.

    sagascope::traced!();
}
