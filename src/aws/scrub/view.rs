//! A text as whoever wrote it meant it: with its escapes undone, and with the place of every byte in the text itself.

use std::ops::Range;

/// A text, or what it decodes to.
#[derive(Debug, Clone)]
pub struct View {
    bytes: Vec<u8>,
    /// Where each byte comes from.
    places: Vec<Range<usize>>,
}

/// One way to escape text.
type Decoder = fn(&[u8]) -> Option<(Vec<u8>, usize)>;

/// The ways in which a secret may be quoted: `%2F`, `+` for a space, `\u002f`, `&#47;`, and over several lines, as MIME wraps
/// Base64.
const DECODERS: [Decoder; 5] = [percent, form, json, html, unfolded];

impl View {
    /// The text itself.
    pub fn plain(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            places: (0..text.len()).map(|at| at..at + 1).collect(),
        }
    }

    /// The text, and the text with one or two layers of escapes undone.
    pub fn all(text: &str) -> Vec<Self> {
        let plain = Self::plain(text);
        let once: Vec<_> = DECODERS
            .iter()
            .filter_map(|decoder| plain.decoded(*decoder))
            .collect();
        let twice: Vec<_> = once
            .iter()
            .flat_map(|view| DECODERS.iter().filter_map(|decoder| view.decoded(*decoder)))
            .collect();
        [plain].into_iter().chain(once).chain(twice).collect()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a range of this view is in the text itself.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let (first, last) = (&self.places[range.start], &self.places[range.end - 1]);
        first.start..last.end
    }

    /// This view with one layer of escapes undone; `None` where there is none.
    fn decoded(&self, decoder: Decoder) -> Option<Self> {
        let mut decoded = Self {
            bytes: Vec::new(),
            places: Vec::new(),
        };
        let mut at = 0;
        while at < self.bytes.len() {
            let (bytes, length) = decoder(&self.bytes[at..]).unwrap_or_else(|| (vec![self.bytes[at]], 1));
            let place = self.place(at..at + length);
            decoded.places.extend(bytes.iter().map(|_| place.clone()));
            decoded.bytes.extend(bytes);
            at += length;
        }
        (decoded.bytes != self.bytes).then_some(decoded)
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

fn utf8(character: u32) -> Option<Vec<u8>> {
    Some(char::from_u32(character)?.to_string().into_bytes())
}

fn percent(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let digits = text.strip_prefix(b"%")?.get(..2)?;
    Some((vec![u8::try_from(hex(digits)?).ok()?], 3))
}

fn form(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    match text.first()? {
        b'+' => Some((b" ".to_vec(), 1)),
        _ => percent(text),
    }
}

fn unfolded(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let ends = [b"\r\n".as_slice(), b"\n", b"\r"];
    let end = ends.into_iter().find(|end| text.starts_with(end))?;
    Some((Vec::new(), end.len()))
}

fn json(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let escaped = text.strip_prefix(b"\\")?;
    let letter = match escaped.first()? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 0x08,
        b'f' => 0x0c,
        b'u' => return json_unit(escaped),
        other @ (b'"' | b'\\' | b'/' | b'\'') => *other,
        _ => return None,
    };
    Some((vec![letter], 2))
}

/// `uXXXX`, or two of them for a character beyond the first plane.
fn json_unit(escaped: &[u8]) -> Option<(Vec<u8>, usize)> {
    let unit = hex(escaped.get(1..5)?)?;
    if let Some(bytes) = utf8(unit) {
        return Some((bytes, 6));
    }
    let low = escaped.get(5..)?.strip_prefix(b"\\u")?.get(..4)?;
    let pair = [u16::try_from(unit).ok()?, u16::try_from(hex(low)?).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character.to_string().into_bytes(), 12))
}

fn html(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    /// The longest that is looked at, `&#x10ffff;`.
    const LONGEST: usize = 10;
    let end = text.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let entity = text[..end].strip_prefix(b"&")?;
    let bytes = match entity {
        b"amp" => b"&".to_vec(),
        b"lt" => b"<".to_vec(),
        b"gt" => b">".to_vec(),
        b"quot" => b"\"".to_vec(),
        b"apos" => b"'".to_vec(),
        b"nbsp" => b" ".to_vec(),
        _ => {
            let number = entity.strip_prefix(b"#")?;
            let character = match number.strip_prefix(b"x").or_else(|| number.strip_prefix(b"X")) {
                Some(digits) => hex(digits)?,
                None => std::str::from_utf8(number).ok()?.parse().ok()?,
            };
            utf8(character)?
        }
    };
    Some((bytes, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_keep_their_place() {
        let table = [
            ("a%2Fb", "a/b"),
            ("a+b", "a b"),
            (r#"a\"b"#, "a\"b"),
            (r"a\u00e9b", "aéb"),
            (r"a\ud83d\ude00b", "a😀b"),
            ("a&amp;b", "a&b"),
            ("a&#x27;b", "a'b"),
            ("a&#39;b", "a'b"),
            ("a%26amp%3Bb", "a&b"),
        ];
        for (text, meant) in table {
            let views = View::all(text);
            let view = views.iter().find(|view| view.bytes() == meant.as_bytes());
            let view = view.expect(text);
            assert_eq!(view.place(1..meant.len() - 1), 1..text.len() - 1, "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["100%", "%zz", r"\x", "a & b;", "&unknown;", "&#;", r"\ud83d"] {
            assert_eq!(View::all(text).len(), 1, "{text}");
        }
    }
}
