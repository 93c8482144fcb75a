//! Words as a sentence.

use std::fmt::Display;

/// The words with a full stop, where they do not end in one.
pub fn sentence(words: impl Display) -> String {
    let mut words = words.to_string();
    if !words.ends_with(['.', '!', '?']) {
        words.push('.');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_sentence_ends_in_one_full_stop() {
        assert_eq!(sentence("No such name"), "No such name.");
        assert_eq!(sentence("Denied.\nAllow it."), "Denied.\nAllow it.");
    }
}
