//! Builds the XML of ec2Query and awsQuery answers.

use std::fmt::{Display, Write};

use quick_xml::escape::escape;

use crate::core::tags::Tags;

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

    /// An element with a text, where there is one.
    pub(crate) fn leaf_if(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// An element with elements in it.
    pub(crate) fn node(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name}>");
        content(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// A list: an element with one `item` for each.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut content: impl FnMut(&mut Self, T),
    ) {
        self.node(name, |list| {
            for item in items {
                list.node("item", |xml| content(xml, item));
            }
        });
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &str, texts: impl IntoIterator<Item = impl Display>) {
        self.node(name, |list| {
            for text in texts {
                list.leaf("item", text);
            }
        });
    }

    /// EC2's `tagSet`.
    pub(crate) fn tags(&mut self, tags: &Tags) {
        self.list("tagSet", tags, |xml, (key, value)| {
            xml.leaf("key", key);
            xml.leaf("value", value);
        });
    }
}
