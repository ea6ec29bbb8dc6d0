//! What a rule of the linter is, and how much its findings weigh.

use super::evidence::Evidence;
use super::found::Finds;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing has to be wrong.
    Note,
    /// It has gone wrong, or will one day.
    Warning,
    /// Work is lost or stuck, or is about to be.
    Error,
}

impl Severity {
    /// All, the gravest first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// Its name, which is also SARIF's `level`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A rule of the linter.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable name, by which it is silenced.
    pub id: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it finds, in one sentence without a full stop.
    pub title: &'static str,
    /// Why that matters: what Temporal does then.
    pub why: &'static str,
    /// What to do about it; a finding may have advice of its own.
    pub todo: &'static str,
    /// The page about it, below [`super::DOCS`].
    pub page: &'static str,
    /// Finds all places.
    pub(super) look: fn(&Evidence<'_>, &mut Finds),
}

impl PartialEq for Rule {
    /// By name.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
