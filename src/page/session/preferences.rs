//! What a reader chooses once and for all: the theme, and how fast the clock runs. Plain words; `settings.rs` keeps them.

use crate::base::time::Span;

/// Dark or light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }

    /// Stable name, for the storage and as `data-theme` says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// The theme of that name.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Dark, Self::Light].into_iter().find(|t| t.word() == word)
    }
}

/// How fast the virtual clock runs beside a real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Ten times slower.
    Tenth,
    /// As fast.
    Real,
    /// Eight times faster.
    Eight,
    /// A minute a second.
    Sixty,
    /// An hour a second.
    Hour,
    /// Every wait takes a moment: a short one long enough to be seen, one of days no longer than two seconds.
    Even,
    /// A step a second, however far apart.
    Steps,
}

impl Speed {
    /// In the order of the picker.
    pub const ALL: [Self; 7] = [
        Self::Tenth,
        Self::Real,
        Self::Eight,
        Self::Sixty,
        Self::Hour,
        Self::Even,
        Self::Steps,
    ];

    /// Stable name, for the picker and the storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tenth => "1/10×",
            Self::Real => "1×",
            Self::Eight => "8×",
            Self::Sixty => "60×",
            Self::Hour => "an hour a second",
            Self::Even => "long waits shortened",
            Self::Steps => "a step a second",
        }
    }

    /// The speed of that name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Virtual nanoseconds in a real millisecond; `None` where [`Self::wait_ms`] says how fast it goes.
    pub fn nanos_per_ms(self) -> Option<u64> {
        match self {
            Self::Tenth => Some(100_000),
            Self::Real => Some(1_000_000),
            Self::Eight => Some(8_000_000),
            Self::Sixty => Some(60_000_000),
            Self::Hour => Some(3_600_000_000),
            Self::Even | Self::Steps => None,
        }
    }

    /// How many real milliseconds it takes from one step to the next, so far apart; `None` where the clock just runs.
    #[expect(
        clippy::cast_precision_loss,
        reason = "how long a reader waits, to the blink of an eye"
    )]
    pub fn wait_ms(self, gap: Span) -> Option<f64> {
        match self {
            Self::Steps => Some(1_000.0),
            Self::Even => Some(180.0 + 250.0 * (1.0 + gap.0 as f64 / 1e6).log10()),
            Self::Tenth | Self::Real | Self::Eight | Self::Sixty | Self::Hour => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_speed_has_a_name_and_one_way_to_go() {
        for speed in Speed::ALL {
            assert_eq!(Speed::named(speed.word()), Some(speed));
            assert_ne!(speed.nanos_per_ms().is_some(), speed.wait_ms(Span::ZERO).is_some());
        }
    }

    #[test]
    fn shortened_waits_grow_with_the_wait_and_stay_short() {
        let ms = |gap: Span| Speed::Even.wait_ms(gap).unwrap();
        let gaps = [
            Span::ZERO,
            Span::millis(1),
            Span::secs(1),
            Span::secs(60),
            Span::secs(3 * 86_400),
        ];
        assert!(gaps.map(ms).is_sorted());
        assert!(ms(Span::ZERO) >= 150.0 && ms(Span::secs(3 * 86_400)) <= 2_500.0);
    }
}
