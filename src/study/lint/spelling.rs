//! Whether two names are meant to be one: the types of errors, which languages spell differently, and the ids of rules.

/// No more of a name is compared letter by letter.
const CHARS: usize = 64;

/// Whether somebody who wrote `listed` most likely meant the error that came as `came`, which is not spelled so: with or
/// without its package or module, in another case, with another ending, or with a slip of the pen.
pub(super) fn alike(listed: &str, came: &str) -> bool {
    if listed == came {
        return false;
    }
    let (listed, came) = (last_part(listed), last_part(came));
    if listed.is_empty() || came.is_empty() {
        return false;
    }
    listed == came
        || stem(&listed) == stem(&came)
        || listed.chars().count().min(came.chars().count()) >= 8 && distance(&listed, &came) <= 1
}

/// The name that is spelled most like this one, if any comes near it.
pub(super) fn nearest<'a>(name: &str, all: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = u32::try_from(name.chars().count() / 3 + 1).unwrap_or(u32::MAX);
    let measured = all.into_iter().map(|other| (distance(name, other), other));
    let (distance, other) = measured.min_by_key(|(distance, _)| *distance)?;
    (distance <= near).then_some(other)
}

/// What stands after the last dot, colon, slash or dollar of a name, in small letters, without anything but letters and
/// digits.
fn last_part(name: &str) -> String {
    let parts = name.rsplit(['.', ':', '/', '\\', '$']);
    let last = parts.map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    let letters = last.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).take(CHARS).collect()
}

/// A name without the word that only says that it is an error.
fn stem(name: &str) -> &str {
    let ending = ["exception", "failure", "error"];
    let cut = ending.iter().find_map(|end| name.strip_suffix(end));
    cut.filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// How many letters have to be put in, left out or changed to make one of the other.
fn distance(one: &str, other: &str) -> u32 {
    let other: Vec<char> = other.chars().take(CHARS).collect();
    let mut row: Vec<u32> = (0..).take(other.len() + 1).collect();
    for (i, a) in (1..).zip(one.chars().take(CHARS)) {
        let mut before = row[0];
        row[0] = i;
        for (j, b) in other.iter().enumerate() {
            let changed = before + u32::from(a != *b);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_spelled_in_many_ways() {
        for (listed, came) in [
            ("TypeError", "builtins.TypeError"),
            ("shop.errors.CardDeclined", "CardDeclined"),
            ("CARD_DECLINED", "CardDeclined"),
            ("CardDeclined", "CardDeclinedError"),
            ("CardDeclinedException", "card_declined_error"),
            ("IllegalArgumentException", "java.lang.IllegalArgumentException"),
            ("InsuficientFunds", "InsufficientFunds"),
        ] {
            assert!(alike(listed, came), "{listed} {came}");
            assert!(alike(came, listed), "{came} {listed}");
        }
        for (listed, came) in [
            ("TypeError", "TypeError"),
            ("TypeError", "ValueError"),
            ("MY_CUSTOM_ERROR_TYPE", "TypeError"),
            ("", "TypeError"),
            ("Error", "Exception"),
        ] {
            assert!(!alike(listed, came), "{listed} {came}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_near() {
        let ids = ["max-attempts-1", "no-heartbeat"];
        assert_eq!(nearest("max-atempts", ids), Some("max-attempts-1"));
        assert_eq!(nearest("heartbeat", ids), Some("no-heartbeat"));
        assert_eq!(nearest("xyz", ids), None);
        assert_eq!(nearest("", []), None);
    }
}
