//! A text of a pattern whose letters are small or capital.
//!
//! Each letter stands for its small and its capital form, which may be several letters: `ß` of a pattern is `ß` or `SS`
//! of an event, but `ss` of a pattern is no `ß`. As recorded, this is done with the halves of a letter that UTF-16 needs
//! two for; such a half comes to be a `?`.

use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Folded {
    /// The two forms of each letter.
    letters: Vec<[String; 2]>,
}

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        let forms = |letter: char| {
            let halves = || "?".repeat(letter.len_utf16());
            match letter.len_utf16() {
                1 => [letter.to_lowercase().collect(), letter.to_uppercase().collect()],
                _ => [halves(), halves()],
            }
        };
        Self {
            letters: text.chars().map(forms).collect(),
        }
    }

    /// Whether a text is this one.
    pub(super) fn is(&self, text: &str) -> bool {
        self.rests(text).contains("")
    }

    /// Whether a text begins with this one.
    pub(super) fn begins(&self, text: &str) -> bool {
        !self.rests(text).is_empty()
    }

    /// Whether a text ends with this one.
    pub(super) fn ends(&self, text: &str) -> bool {
        let mut fronts = BTreeSet::from([text]);
        for forms in self.letters.iter().rev() {
            fronts = each(&fronts, forms, |front, form| front.strip_suffix(form));
        }
        !fronts.is_empty()
    }

    /// What may be left of a text behind this one at its beginning.
    fn rests<'t>(&self, text: &'t str) -> BTreeSet<&'t str> {
        let mut rests = BTreeSet::from([text]);
        for forms in &self.letters {
            rests = each(&rests, forms, |rest, form| rest.strip_prefix(form));
        }
        rests
    }
}

/// What is left of each text by each form that it has.
fn each<'t>(
    texts: &BTreeSet<&'t str>,
    forms: &[String; 2],
    strip: impl Fn(&'t str, &str) -> Option<&'t str>,
) -> BTreeSet<&'t str> {
    let all = texts
        .iter()
        .flat_map(|text| forms.iter().filter_map(|form| strip(text, form)));
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_its_small_or_its_capital_form() {
        for (pattern, text, expected) in [
            ("Straße", "STRASSE", true),
            ("Straße", "straße", true),
            ("straße", "strasse", false),
            ("\u{fb00}", "FF", true),
            ("\u{fb00}", "ff", false),
            ("SS", "ß", false),
            ("ÉtÉ", "éTé", true),
            ("a", "ab", false),
            ("", "", true),
            ("😀", "😀", false),
            ("😀", "??", true),
        ] {
            assert_eq!(Folded::new(pattern).is(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_text_begins_and_ends_with_either_form() {
        let folded = Folded::new("ß");
        assert!(folded.begins("SSabc") && folded.begins("ßabc") && !folded.begins("ssabc"));
        assert!(folded.ends("abcSS") && folded.ends("abcß") && !folded.ends("abcss"));
        assert!(Folded::new("").begins("a") && Folded::new("").ends("a"));
    }
}
