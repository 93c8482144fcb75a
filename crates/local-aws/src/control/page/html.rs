//! HTML as text: every value is escaped on its way in.

use std::fmt::Write;

/// A piece of a page that grows.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Adds markup of our own, as it is.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Adds a text of somebody's.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
    }

    /// Adds an element with a class and a text.
    pub(super) fn element(&mut self, tag: &str, class: &str, text: &str) {
        self.raw(&format!("<{tag} class=\"{class}\">"));
        self.text(text);
        self.raw(&format!("</{tag}>"));
    }

    /// Adds a state's word, coloured by what it means.
    pub(super) fn state(&mut self, state: &str) {
        let class = match state.to_ascii_uppercase().as_str() {
            "ACTIVE" | "SUCCEEDED" | "AVAILABLE" | "ENABLED" | "AUTHORIZED" | "DELIVERED" | "IN-USE" => {
                "good"
            }
            "RUNNING" | "RETRIED" | "DISABLED" => "busy",
            state if state.contains("FAIL") || state.contains("DEAUTHORIZED") => "bad",
            "INACTIVE" | "TIMED_OUT" | "ABORTED" | "DEAD-LETTERED" | "DROPPED" => "bad",
            "" => "none",
            _ => "busy",
        };
        self.element("span", &format!("state {class}"), state);
    }

    /// Adds a table with these headings and rows.
    pub(super) fn table(&mut self, headings: &[&str], rows: impl Iterator<Item = Vec<Cell>>) {
        self.raw("<table><tr>");
        for heading in headings {
            self.element("th", "", heading);
        }
        self.raw("</tr>");
        let mut is_empty = true;
        for row in rows {
            is_empty = false;
            self.raw("<tr>");
            for cell in row {
                self.raw(if cell.is_short() {
                    "<td class=\"short\">"
                } else {
                    "<td>"
                });
                match cell {
                    Cell::Text(text) => self.text(&text),
                    Cell::State(state) => self.state(&state),
                    Cell::Link { to, text } => {
                        self.raw("<a href=\"");
                        self.text(&to);
                        self.raw("\">");
                        self.text(&text);
                        self.raw("</a>");
                    }
                }
                self.raw("</td>");
            }
            self.raw("</tr>");
        }
        if is_empty {
            let _ = write!(
                self.0,
                "<tr><td colspan=\"{}\" class=\"none\">none</td></tr>",
                headings.len()
            );
        }
        self.raw("</table>");
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// What stands in a cell of a table.
#[derive(Debug)]
pub(super) enum Cell {
    Text(String),
    State(String),
    Link { to: String, text: String },
}

impl Cell {
    /// Whether it stands on one line.
    fn is_short(&self) -> bool {
        const MOST: usize = 40;
        match self {
            Self::Text(text) | Self::Link { text, .. } => text.len() <= MOST,
            Self::State(_) => true,
        }
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn state(state: impl Into<String>) -> Self {
        Self::State(state.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        let mut html = Html::default();
        html.element("b", "x", "<script>'&\"");
        let rows = [vec![Cell::Link {
            to: "?a=\"><script>".to_owned(),
            text: "<i>".to_owned(),
        }]];
        html.table(&["h"], rows.into_iter());
        let text = html.into_text();
        assert!(
            text.starts_with("<b class=\"x\">&lt;script&gt;&#39;&amp;&quot;</b>"),
            "{text}"
        );
        assert!(!text.contains("<script>") && !text.contains("<i>"), "{text}");
    }
}
