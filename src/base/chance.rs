//! Chance that can be repeated: every draw is a pure function of the seed and of *what is drawn for*.
//!
//! Draws have keys, not an order. An intervention that adds or removes steps therefore changes nothing else: the
//! second payment attempt takes as long in a fork as it took in the run it was forked from. Only `u64` arithmetic, so
//! that a seed means the same natively and in wasm32; a test pins the first draws on both.

use super::time::{EPOCH_SECONDS, SimTime, Span};

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

    /// A version 7 UUID: the milliseconds since the Unix epoch, then chance. What a server gives client-started runs.
    pub fn uuid_at(self, what: &str, keys: &[u64], at: SimTime) -> String {
        let high = self.draw(what, keys);
        let low = mix(high);
        let millis = EPOCH_SECONDS.unsigned_abs() * 1_000 + at.0 / 1_000_000;
        format!(
            "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
            millis >> 16,
            millis & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The same numbers are pinned in the browser: a seed means the same run on every platform.
    #[test]
    fn draws_are_pinned() {
        let chance = Chance::new(7);
        let draws: Vec<u64> = (0..4).map(|key| chance.draw("poll", &[key])).collect();
        assert_eq!(draws, PINNED);
        assert_eq!(chance.uuid("run id", &[0]).as_bytes()[14], b'4');
        assert_eq!(chance.uuid_at("run id", &[0], SimTime::ZERO).as_bytes()[14], b'7');
    }

    const PINNED: [u64; 4] = [
        15_500_508_242_055_103_284,
        14_312_690_471_012_894_059,
        17_601_803_425_926_613_854,
        10_905_014_113_910_856_957,
    ];

    #[test]
    fn a_span_stays_between_its_bounds() {
        let chance = Chance::new(1);
        for key in 0..1_000 {
            let span = chance.span("any", &[key], Span::millis(3), Span::millis(5));
            assert!(span >= Span::millis(3) && span < Span::millis(5), "{span}");
        }
        assert_eq!(
            chance.span("none", &[], Span::millis(3), Span::millis(3)),
            Span::millis(3)
        );
    }
}
