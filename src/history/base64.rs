//! Bytes in JSON: base64 as protobuf has it.
//!
//! Written with the standard letters and padding; read with those or the ones for addresses, with padding or without.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | usize::from(three.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let letter = char::from(LETTERS[bits >> (18 - 6 * i) & 63]);
            text.push(if i <= three.len() { letter } else { '=' });
        }
    }
    text
}

/// The bytes of a text; nothing if no bytes are written like that.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len().div_ceil(4) * 3);
    decode_onto(&mut bytes, text).map(|()| bytes)
}

/// Appends the bytes of a text; where it returns nothing, what is appended means nothing.
pub(super) fn decode_onto(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    let letters = match text.len() % 4 {
        0 => text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text),
        _ => text,
    };
    for four in letters.as_bytes().chunks(4) {
        let mut bits = 0;
        for letter in four {
            bits = bits << 6 | value(*letter)?;
        }
        // What is left of a group that is not full: two letters are a byte and four bits, which must not say anything.
        let (of_group, rest) = match four.len() {
            4 => (3, 0),
            3 => (2, 2),
            2 => (1, 4),
            _ => return None,
        };
        if bits & ((1 << rest) - 1) != 0 {
            return None;
        }
        bytes.extend_from_slice(&(bits >> rest).to_be_bytes()[4 - of_group..]);
    }
    Some(())
}

fn value(letter: u8) -> Option<u32> {
    Some(match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], text: &str) {
        assert_eq!(encode(bytes), text);
        assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        assert_eq!(
            decode(text.trim_end_matches('=')).as_deref(),
            Some(bytes),
            "without padding"
        );
    }

    #[test]
    fn bytes_are_padded_to_four_letters() {
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(b"foob", "Zm9vYg==");
        check(&[0xfb, 0xff, 0xfe], "+//+");
        assert_eq!(decode("-__-"), Some(vec![0xfb, 0xff, 0xfe]), "the letters of addresses");
        for byte in 0..=u8::MAX {
            check(&[byte, !byte], &encode(&[byte, !byte]));
        }
    }

    #[test]
    fn what_no_bytes_are_written_as_is_refused() {
        for text in [
            "Z",
            "Zm9vY",
            "Zh==",
            "Zm9=",
            "Zg=",
            "Z===",
            "====",
            "Zm 9",
            "Zm9é",
            "json/plain",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
