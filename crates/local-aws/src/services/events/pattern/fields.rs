//! The fields of an event: its leaves by their dotted paths, with the items of lists that they are in.

use std::collections::BTreeMap;

use serde_json::Value;

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

/// The fields of an event. Empty lists and objects have none; leaves in a list are fields beside each other, which the
/// list does not bind together.
pub(super) fn of(event: &Value) -> Vec<Field<'_>> {
    let mut walk = Walk::default();
    if let Value::Object(members) = event {
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
    fn visit(&mut self, path: &str, value: &'e Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.visit(&format!("{path}.{name}"), value);
                }
            }
            Value::Array(items) => {
                let list = self.lists;
                self.lists += 1;
                for (number, item) in items.iter().enumerate() {
                    if item.is_object() || item.is_array() {
                        self.places.insert(list, number);
                    }
                    self.visit(path, item);
                    self.places.remove(&list);
                }
            }
            leaf => self.fields.push(Field {
                path: path.to_owned(),
                value: leaf,
                places: self.places.clone(),
            }),
        }
    }
}
