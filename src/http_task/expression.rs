//! Texts that a state machine evaluates: JSONPaths, intrinsic functions, JSONata. Only what is certainly malformed is found:
//! AWS takes more than the standards of both languages say.

/// Whether a text is a JSONPath or an intrinsic function of Amazon States Language.
pub fn is_path(text: &str) -> bool {
    let path = text == "$"
        || text == "$$"
        || ["$.", "$[", "$$.", "$$["]
            .iter()
            .any(|begin| text.starts_with(begin));
    path || (text.starts_with("States.") && text.ends_with(')') && text.contains('('))
}

/// Whether a text is a JSONata expression.
pub fn is_expression(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{%") && text.ends_with("%}")
}

/// What is wrong with the form of a JSONPath or an intrinsic function, a clause; `None` where nothing certainly is.
pub fn malformed_path(text: &str) -> Option<String> {
    let Some(path) = text.strip_prefix('$') else {
        return closed(text, "([").err();
    };
    // A regular expression, in which brackets and quotes are letters.
    if path.contains("=~") {
        return None;
    }
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    while !rest.is_empty() {
        rest = match part(rest) {
            Ok(rest) => rest,
            Err(why) => return Some(why),
        };
    }
    None
}

/// What is wrong with the form of a JSONata expression, a clause; `None` where nothing certainly is.
pub fn malformed_expression(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}"));
    let inner = inner.unwrap_or_default().trim();
    if inner.is_empty() {
        return Some("it says nothing".to_owned());
    }
    // A slash may begin a comment or a regular expression, in which brackets and quotes are letters.
    if inner.contains('/') {
        return None;
    }
    closed(inner, "([{").err()
}

/// Takes the first part of what follows the `$` of a path, and gives the rest.
fn part(path: &str) -> Result<&str, String> {
    if path.starts_with('[') {
        let end = closing(path, "([")?;
        if path[1..end - 1].trim().is_empty() {
            return Err("there is nothing in its []".to_owned());
        }
        return Ok(&path[end..]);
    }
    let Some(name) = path.strip_prefix('.') else {
        return Err(format!("{path:?} follows a ], where a . or a [ can"));
    };
    // `..` looks in all that is below.
    let name = match name.strip_prefix('.') {
        Some(below) if below.starts_with('[') => return Ok(below),
        below => below.unwrap_or(name),
    };
    let end = name.find(['.', '[']).unwrap_or(name.len());
    match &name[..end] {
        "" => Err("a . has no name after it".to_owned()),
        // A function, whose arguments may have anything in them.
        part if part.contains('(') => closed(name, "([").map(|()| ""),
        part if part.contains(']') => Err("a ] closes nothing".to_owned()),
        _ => Ok(&name[end..]),
    }
}

/// Looks whether everything is closed that is opened by these brackets or a quote.
fn closed(text: &str, brackets: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find(|letter| "\"'`()[]{}".contains(letter)) {
        rest = &rest[at..];
        rest = &rest[closing(rest, brackets)?..];
    }
    Ok(())
}

/// The end of what the first letter opens; what stands in quotes is no bracket.
fn closing(text: &str, brackets: &str) -> Result<usize, String> {
    let mut open = Vec::new();
    let mut letters = text.char_indices();
    while let Some((_, letter)) = letters.next() {
        match letter {
            '\'' | '"' | '`' => {
                let mut escaped = false;
                let end = letters.find(|(_, next)| {
                    let closes = *next == letter && !escaped;
                    escaped = *next == '\\' && !escaped;
                    closes
                });
                if end.is_none() {
                    return Err(format!("a {letter} is not closed"));
                }
            }
            '(' | '[' | '{' if brackets.contains(letter) => open.push(letter),
            ')' | ']' | '}' if brackets.contains(opening(letter)) && open.pop() != Some(opening(letter)) => {
                return Err(format!("a {letter} closes nothing"));
            }
            _ => {}
        }
        if open.is_empty() {
            return Ok(letters.offset());
        }
    }
    Err(format!("a {} is not closed", open.pop().unwrap_or('[')))
}

fn opening(closing: char) -> char {
    match closing {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_right_is_not_called_malformed() {
        for path in [
            "$",
            "$$",
            "$.order",
            "$.order-id.with space",
            "$.o'brien",
            "$$.Map.Item.Value['a.b'][0]",
            "$..book[?(@.price < 10 && @.title =~ /.*]/i)]",
            "$..[0,1]",
            "$[1:-1].*",
            "$['it\\'s ]']",
            "$.items.length()",
            "$.a.min($.b[0], 1)",
            "States.Format('{} and ( {}', $.a['b'], \"[\")",
            "States.Array(States.UUID(), $.x)",
        ] {
            assert_eq!(malformed_path(path), None, "{path}");
        }
        for expression in [
            "{% $states.input.order %}",
            "{% $x ? '%}' : \"(\" %}",
            "{% $match(name, /[(]/) %}",
            "{% { 'a': [1, 2], `b c`: $sum(x) } %}",
        ] {
            assert_eq!(malformed_expression(expression), None, "{expression}");
        }
    }

    #[test]
    fn what_is_certainly_malformed_is_told() {
        for (path, words) in [
            ("$.order[", "a [ is not closed"),
            ("$.order['a", "a ' is not closed"),
            ("$.order]", "a ] closes nothing"),
            ("$.order[0", "a [ is not closed"),
            ("$.order[(@.length-1]", "a ] closes nothing"),
            ("$.order[ ]", "nothing in its []"),
            ("$.", "no name after it"),
            ("$.order.", "no name after it"),
            ("$.a...b", "no name after it"),
            ("$[0]b", "\"b\" follows a ]"),
            ("States.Format('{}, $.a)", "a ' is not closed"),
            ("States.Format('{}', $.a", "a ( is not closed"),
            ("States.Format('{}'), $.a)", "a ) closes nothing"),
        ] {
            let why = malformed_path(path);
            assert!(
                why.as_deref().is_some_and(|why| why.contains(words)),
                "{path}: {why:?}"
            );
        }
        for (expression, words) in [
            ("{% %}", "it says nothing"),
            ("{%%}", "it says nothing"),
            ("{%}", "it says nothing"),
            ("{% $sum(x %}", "a ( is not closed"),
            ("{% x] %}", "a ] closes nothing"),
            ("{% 'a %}", "a ' is not closed"),
            ("{% { 'a': [1, 2 } %}", "a } closes nothing"),
        ] {
            let why = malformed_expression(expression);
            assert!(
                why.as_deref().is_some_and(|why| why.contains(words)),
                "{expression}: {why:?}"
            );
        }
    }
}
