//! A registry with nothing in it, in place of the crate `inventory`: 180 KB of the page's wasm, 55 KB of its download.
//!
//! The SDK's protobuf types enter themselves there before `main`, so that protobuf's `Any` can be read from JSON by the
//! name of what is in it. Whoever enters cannot be left out by the linker, with all the code to read and write them.
//! Nobody here, nor in the SDK, reads an `Any` from JSON; it would be told that the type is unknown. What is offered is
//! what the crates `typetag` and `prost-wkt` take of version 0.3.

#![no_std]

use core::iter::{self as std_iter, Empty};
use core::marker::PhantomData;

/// Enters nothing.
#[macro_export]
macro_rules! submit {
    ($($value:tt)*) => {};
}

/// Has nothing to prepare.
#[macro_export]
macro_rules! collect {
    ($type:ty) => {};
}

pub use Entries::iter;

/// All that was entered, as `inventory::iter::<T>`: none.
#[expect(non_camel_case_types, reason = "the name that its users give it")]
pub enum Entries<T> {
    /// The only value.
    iter,
    /// Never made.
    #[doc(hidden)]
    Of(PhantomData<T>),
}

impl<T: 'static> IntoIterator for Entries<T> {
    type Item = &'static T;
    type IntoIter = Empty<&'static T>;

    fn into_iter(self) -> Self::IntoIter {
        std_iter::empty()
    }
}
