//! The path as a tree, with the findings below it, for people.

use std::fmt::Write as _;
use std::time::SystemTime;

use super::hops::{self, Hop};
use crate::diagnosis::{Diagnosis, Finding, Remedy, Severity};

/// How a terminal wants the text; the default is for a pipe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    pub colour: bool,
    /// Columns; `None` breaks no line.
    pub width: Option<usize>,
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A text, broken between words where a line would be too long, each further line with the indent.
    fn wrap(self, indent: usize, first: &str, text: &str) -> String {
        let Some(width) = self.width else {
            return format!("{first}{text}");
        };
        let mut lines = vec![first.to_owned()];
        let mut length = indent;
        for word in text.split(' ') {
            let line = lines.last_mut().expect("there is a first line");
            let size = word.chars().count();
            if length > indent && length + 1 + size > width {
                lines.push(format!("{}{word}", " ".repeat(indent)));
                length = indent + size;
            } else {
                let space = if length > indent { " " } else { "" };
                line.push_str(space);
                line.push_str(word);
                length += space.len() + size;
            }
        }
        lines.join("\n")
    }
}

/// What was seen, what is wrong with it, and what could not be seen.
pub fn show(diagnosis: &Diagnosis, now: SystemTime, style: Style) -> String {
    let mut text = String::new();
    let hops = hops::of(diagnosis, now);
    // Writing to a text cannot fail.
    for (depth, hop) in hops.iter().enumerate() {
        let _ = writeln!(text, "{}", line(depth, hop, diagnosis, style));
    }
    let count = diagnosis.findings.len();
    let sum = match count {
        0 => style.paint(GREEN, "Nothing is wrong with this path, as far as can be seen."),
        1 => "1 finding:".to_owned(),
        _ => format!("{count} findings:"),
    };
    let _ = writeln!(text, "\n{sum}");
    for finding in &diagnosis.findings {
        let _ = writeln!(text, "\n{}", paragraph(finding, style));
    }
    let hidden = &diagnosis.observation.hidden;
    if !hidden.is_empty() {
        let _ = writeln!(text, "\nNot seen:\n");
        for hidden in hidden {
            let words = hidden.to_string().replace('\n', " ");
            let _ = writeln!(text, "{}", style.wrap(2, "- ", &words));
        }
    }
    text
}

fn line(depth: usize, hop: &Hop, diagnosis: &Diagnosis, style: Style) -> String {
    let branch = match depth {
        0 => String::new(),
        depth => format!("{}└─ ", "   ".repeat(depth - 1)),
    };
    let worst = hops::findings(hop, diagnosis)
        .map(|finding| finding.severity)
        .min();
    let code = match worst {
        Some(Severity::Error) => RED,
        Some(Severity::Warning) => YELLOW,
        None if hop.is_well => GREEN,
        None => YELLOW,
    };
    let mut line = format!(
        "{branch}{} {}  {}",
        hop.kind,
        style.paint(BOLD, &hop.id),
        style.paint(code, &hop.state)
    );
    for detail in hop.details.iter().filter(|detail| !detail.is_empty()) {
        line.push_str("  ");
        line.push_str(detail);
    }
    for finding in hops::findings(hop, diagnosis) {
        line.push_str("  ");
        line.push_str(&style.paint(code, &format!("← {}", finding.id)));
    }
    line
}

fn paragraph(finding: &Finding, style: Style) -> String {
    let (code, mark) = match finding.severity {
        Severity::Error => (RED, "✗"),
        Severity::Warning => (YELLOW, "!"),
    };
    let head = format!("{mark} {} ({})", finding.id, finding.severity.word());
    let mut lines = vec![
        style.paint(code, &head),
        style.wrap(2, "  ", &finding.seen),
        style.wrap(2, "  ", finding.why),
    ];
    for remedy in &finding.remedies {
        match remedy {
            Remedy::Words(words) => lines.push(style.wrap(4, "  → ", words)),
            Remedy::Command { when, command } => {
                let when = if when.is_empty() {
                    "Run:".to_owned()
                } else {
                    format!("Run, {when}:")
                };
                lines.push(style.wrap(4, "  → ", &when));
                // Never broken: it is there to be copied.
                lines.push(format!("      {command}"));
            }
            Remedy::Hcl { place, text } => {
                lines.push(style.wrap(4, "  → ", &format!("{place}:")));
                lines.extend(text.lines().map(|line| format!("      {line}")));
            }
        }
    }
    lines.push(style.wrap(2, "  ", &format!("AWS: “{}”", finding.page)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_short_lines_and_a_pipe_gets_whole_ones() {
        let narrow = Style {
            width: Some(20),
            colour: false,
        };
        let text = "one two three four five six seven";
        assert_eq!(
            narrow.wrap(2, "- ", text),
            "- one two three four\n  five six seven"
        );
        assert_eq!(Style::default().wrap(2, "- ", text), format!("- {text}"));
    }

    #[test]
    fn colours_are_for_terminals() {
        let colour = Style {
            colour: true,
            width: None,
        };
        assert_eq!(colour.paint(RED, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(Style::default().paint(RED, "x"), "x");
    }
}
