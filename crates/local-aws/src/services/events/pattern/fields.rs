//! The fields of an event: its leaves by their dotted paths, with the items of lists that they are in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::located::{Content, Part};

/// By the numbers of lists, in the order of the event, the numbers of their items.
pub(super) type Places = BTreeMap<usize, usize>;

/// A leaf of an event.
pub(super) struct Field<'e> {
    pub(super) path: String,
    pub(super) value: &'e Value,
    pub(super) places: Places,
}

impl Field<'_> {
    /// Whether it stands in no other item of a list than those that were chosen.
    pub(super) fn is_beside(&self, chosen: &Places) -> bool {
        let mut places = self.places.iter();
        places.all(|(list, item)| chosen.get(list).is_none_or(|chosen| chosen == item))
    }
}

/// An event: as a value, or as a text in which a name may stand more than once.
pub(super) trait Node: Sized {
    fn view(&self) -> View<'_, Self>;
}

pub(super) enum View<'e, N> {
    Object(Vec<(&'e str, &'e N)>),
    List(&'e [N]),
    Leaf(&'e Value),
}

impl Node for Value {
    fn view(&self) -> View<'_, Self> {
        match self {
            Value::Object(members) => View::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.as_str(), value))
                    .collect(),
            ),
            Value::Array(items) => View::List(items),
            leaf => View::Leaf(leaf),
        }
    }
}

impl Node for Part {
    fn view(&self) -> View<'_, Self> {
        match &self.content {
            Content::Object(members) => View::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.as_str(), value))
                    .collect(),
            ),
            Content::List(items) => View::List(items),
            Content::Leaf(leaf) => View::Leaf(leaf),
        }
    }
}

/// The fields of an event. Empty lists and objects have none; leaves in a list are fields beside each other, which the
/// list does not bind together.
pub(super) fn of<N: Node>(event: &N) -> Vec<Field<'_>> {
    let mut walk = Walk::default();
    if let View::Object(members) = event.view() {
        for (name, value) in members {
            walk.visit(name, value);
        }
    }
    walk.fields
}

#[derive(Default)]
struct Walk<'e> {
    fields: Vec<Field<'e>>,
    lists: usize,
    places: Places,
}

impl<'e> Walk<'e> {
    fn visit<N: Node>(&mut self, path: &str, value: &'e N) {
        match value.view() {
            View::Object(members) => {
                for (name, value) in members {
                    self.visit(&format!("{path}.{name}"), value);
                }
            }
            View::List(items) => {
                let list = self.lists;
                self.lists += 1;
                for (number, item) in items.iter().enumerate() {
                    if !matches!(item.view(), View::Leaf(_)) {
                        self.places.insert(list, number);
                    }
                    self.visit(path, item);
                    self.places.remove(&list);
                }
            }
            View::Leaf(leaf) => self.fields.push(Field {
                path: path.to_owned(),
                value: leaf,
                places: self.places.clone(),
            }),
        }
    }
}
