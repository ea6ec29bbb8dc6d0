//! How the types that the SDK hands to a workflow are read: [`read_by_value!`].

/// Lets types be read from a JSON value only, and from anything else by way of one.
///
/// The SDK reads through trait objects, with some thirty functions for every type it reads, though what is behind them
/// is always a JSON value. Made a value again first, all types share the thirty; the page has no need of more.
///
/// The types derive both halves of serde with `#[serde(remote = "Self")]`, which makes functions of them, not traits.
macro_rules! read_by_value {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value: serde_json::Value = serde::Deserialize::deserialize(deserializer)?;
                Self::deserialize(&value).map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(super) use read_by_value;
