//! The path as a flowchart, in the language that GitHub renders.

use std::fmt::Write as _;
use std::time::SystemTime;

use super::hops;
use crate::diagnosis::{Diagnosis, Severity};

pub fn show(diagnosis: &Diagnosis, now: SystemTime) -> String {
    let hops = hops::of(diagnosis, now);
    let mut text = String::from("flowchart LR\n");
    // Writing to a text cannot fail.
    for (index, hop) in hops.iter().enumerate() {
        let class = match hops::findings(hop, diagnosis)
            .map(|finding| finding.severity)
            .min()
        {
            Some(Severity::Error) => "error",
            None if hop.is_well => "well",
            Some(Severity::Warning) | None => "warning",
        };
        let label = escaped(&format!("{}\n{}\n{}", hop.kind, hop.id, hop.state));
        let _ = writeln!(text, "  hop{index}[\"{label}\"]:::{class}");
        if index > 0 {
            let _ = writeln!(text, "  hop{} --> hop{index}", index - 1);
        }
    }
    for (index, finding) in diagnosis.findings.iter().enumerate() {
        // What is wrong with the URL, with a call or with a role is at the beginning of the path.
        let at = hops
            .iter()
            .position(|hop| hops::findings(hop, diagnosis).any(|of_hop| of_hop == finding));
        let label = escaped(&format!("{}\n{}", finding.id, finding.seen));
        let _ = writeln!(
            text,
            "  finding{index}[\"{label}\"]:::{}",
            finding.severity.word()
        );
        let _ = writeln!(text, "  finding{index} -.- hop{}", at.unwrap_or(0));
    }
    // Without these, what was not looked at would pass for well.
    for (index, hidden) in diagnosis.observation.hidden.iter().enumerate() {
        let label = escaped(&format!("not seen\n{hidden}"));
        let _ = writeln!(text, "  hidden{index}[\"{label}\"]:::unseen");
    }
    text.push_str("  classDef unseen stroke:#57606a,stroke-dasharray:4\n");
    text.push_str("  classDef well stroke:#1a7f37\n");
    text.push_str("  classDef warning stroke:#9a6700\n");
    text.push_str("  classDef error stroke:#d1242f,stroke-width:2px\n");
    text
}

/// A label in quotation marks: entities instead of what ends it or is taken for markup.
fn escaped(label: &str) -> String {
    let mut escaped = String::new();
    for letter in label.chars() {
        match letter {
            '"' => escaped.push_str("#quot;"),
            '#' => escaped.push_str("#35;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            '\n' => escaped.push_str("<br/>"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_end_itself_or_bring_markup() {
        assert_eq!(
            escaped("a \"b\"\n<i>#1 & c"),
            "a #quot;b#quot;<br/>#lt;i#gt;#35;1 #amp; c"
        );
    }
}
