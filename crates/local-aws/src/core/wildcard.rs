//! Texts with wildcards, compared in linear time whatever the pattern.

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token {
    Literal(char),
    /// `?`: any one character.
    One,
    /// `*`: any text, the empty one too.
    Any,
}

/// Reads a pattern: `*`, where `question` says so `?`, and a backslash before what is to be taken as it is.
pub(crate) fn tokens(pattern: &str, question: bool) -> Vec<Token> {
    let mut chars = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(found) = chars.next() {
        tokens.push(match found {
            '*' => Token::Any,
            '?' if question => Token::One,
            // A backslash at the end stands for itself.
            '\\' => Token::Literal(chars.next().unwrap_or('\\')),
            plain => Token::Literal(plain),
        });
    }
    tokens
}

/// Whether a whole text is of a pattern. On a mismatch only the last `*` is tried again one character later,
/// which is enough, since an earlier one could not do better.
pub(crate) fn matches(tokens: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut token) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match tokens.get(token) {
            Some(Token::Any) => {
                token += 1;
                retry = Some((token, at));
            }
            Some(Token::One) => {
                token += 1;
                at += 1;
            }
            Some(Token::Literal(wanted)) if *wanted == text[at] => {
                token += 1;
                at += 1;
            }
            _ => match &mut retry {
                None => return false,
                Some((after, from)) => {
                    *from += 1;
                    (token, at) = (*after, *from);
                }
            },
        }
    }
    tokens[token..].iter().all(|token| *token == Token::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        matches(&tokens(pattern, true), text)
    }

    #[test]
    fn wildcards_stand_for_what_they_should() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("*b*b", "abab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            ("ä*", "äö", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
        assert!(!matches(&tokens("a?c", false), "abc") && matches(&tokens("a?c", false), "a?c"));
    }

    #[test]
    fn many_wildcards_are_no_way_to_keep_the_server_busy() {
        let text = "a".repeat(20_000);
        assert!(!like(&format!("{}b", "*a".repeat(200)), &text));
    }
}
