//! Chance that can be repeated: every draw is a pure function of the seed and of *what is drawn for*.
//!
//! Draws have keys, not an order. An intervention that adds or removes steps therefore changes nothing else: the
//! second payment attempt takes as long in a fork as it took in the run it was forked from. Only `u64` arithmetic, so
//! that a seed means the same natively and in wasm32; a test pins the first draws on both.

use super::time::Span;

/// The source of all chance in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    /// Chance for a run with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number drawn for `what`, told apart by `keys`: the same for the same seed, name and keys.
    pub fn draw(self, what: &str, keys: &[u64]) -> u64 {
        let mut state = mix(self.seed);
        for byte in what.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        for key in keys {
            state = mix(state ^ *key);
        }
        state
    }

    /// A span from `low` (included) to `high` (excluded), or `low` where they are equal.
    pub fn span(self, what: &str, keys: &[u64], low: Span, high: Span) -> Span {
        let width = high.0.saturating_sub(low.0).max(1);
        Span(low.0 + self.draw(what, keys) % width)
    }

    /// A version 4 UUID in its usual spelling.
    pub fn uuid(self, what: &str, keys: &[u64]) -> String {
        let high = self.draw(what, keys);
        let low = mix(high);
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014): a bijection that scatters neighbouring inputs.
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
