//! Builds the XML of ec2Query and awsQuery answers.

use quick_xml::escape::escape;

/// The content of an element, built from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.node(name, |xml| xml.0.push_str(&escape(text)));
    }

    /// An element with elements in it.
    pub(crate) fn node(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        for part in ["<", name, ">"] {
            self.0.push_str(part);
        }
        content(self);
        for part in ["</", name, ">"] {
            self.0.push_str(part);
        }
    }
}
