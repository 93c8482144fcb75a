//! Builds the XML of ec2Query and awsQuery answers.

use std::fmt::{Display, Write};

use quick_xml::escape::escape;

/// The content of an element, built from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &str, text: impl Display) {
        let text = text.to_string();
        // Writing to a String cannot fail.
        let _ = write!(self.0, "<{name}>{}</{name}>", escape(text.as_str()));
    }

    /// An element with elements in it.
    pub(crate) fn node(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name}>");
        content(self);
        let _ = write!(self.0, "</{name}>");
    }
}
