//! What a reader chooses once and for all: the theme, and how fast the clock runs. Plain words; `settings.rs` keeps them.

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
    /// A step a second, however far apart.
    Steps,
}

impl Speed {
    /// In the order of the picker.
    pub const ALL: [Self; 5] = [Self::Tenth, Self::Real, Self::Eight, Self::Sixty, Self::Steps];

    /// Stable name, for the picker and the storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tenth => "1/10×",
            Self::Real => "1×",
            Self::Eight => "8×",
            Self::Sixty => "60×",
            Self::Steps => "a step a second",
        }
    }

    /// The speed of that name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Virtual nanoseconds in a real millisecond; `None` for a step a second.
    pub fn nanos_per_ms(self) -> Option<u64> {
        match self {
            Self::Tenth => Some(100_000),
            Self::Real => Some(1_000_000),
            Self::Eight => Some(8_000_000),
            Self::Sixty => Some(60_000_000),
            Self::Steps => None,
        }
    }
}
