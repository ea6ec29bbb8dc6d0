//! What a branch shows: a run that the lab works out, or a history that came in a file. Both are spelled in addresses.

use std::fmt;

use super::engine::{Catalogue, RunSpec};

/// The first part of a file's address.
const FILE: &str = "file/";

/// What a branch shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A run that the lab works out.
    Run(RunSpec),
    /// A history that was opened.
    File(FileKey),
}

/// Which file a history came in: by what its browser knows it by, and by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKey {
    /// Letters and digits that the shelf knows it by.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Subject {
    /// The run, if it is one.
    pub fn run(&self) -> Option<&RunSpec> {
        match self {
            Self::Run(spec) => Some(spec),
            Self::File(_) => None,
        }
    }

    /// Whether an address without its `#/` means a file.
    pub fn is_file(address: &str) -> bool {
        address.starts_with(FILE)
    }

    /// Reads what was spelled.
    ///
    /// # Errors
    ///
    /// Why it is nothing, for people.
    pub fn read(text: &str, catalogue: Catalogue) -> Result<Self, String> {
        let Some(file) = text.strip_prefix(FILE) else {
            return catalogue.spec(text).map(Self::Run).map_err(|why| why.to_string());
        };
        let (id, name) = file.split_once('/').unwrap_or((file, ""));
        let is_id = !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric());
        if !is_id {
            return Err(format!("“{text}” names no file."));
        }
        Ok(Self::File(FileKey {
            id: id.to_owned(),
            name: decoded(name),
        }))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(spec) => spec.fmt(f),
            Self::File(key) => write!(f, "{FILE}{}/{}", key.id, encoded(&key.name)),
        }
    }
}

/// Letters that mean nothing in an address stay; of all others the bytes are written out: `~20`.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let mut text = String::new();
    for byte in name.bytes() {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("~{byte:02x}"));
        }
    }
    text
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        match byte {
            b'~' => {
                if let (Some(high), Some(low)) = (digit(), digit()) {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::stories::LAB;

    #[test]
    fn a_file_is_spelled_and_read_back() {
        for name in ["orders.json", "a b&c=d#?é~.json", ""] {
            let key = FileKey {
                id: "1a2b3c".to_owned(),
                name: name.to_owned(),
            };
            let spelled = Subject::File(key.clone()).to_string();
            assert!(!spelled.contains(['&', '?', '#', ' ']), "{spelled}");
            assert_eq!(Subject::read(&spelled, LAB), Ok(Subject::File(key)));
        }
        assert!(Subject::read("file//x", LAB).is_err());
        assert!(Subject::read("file/../x", LAB).is_err());
    }
}
