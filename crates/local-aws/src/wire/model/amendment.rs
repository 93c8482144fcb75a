//! What services do otherwise than their models say.

use std::borrow::Cow;

use super::{Model, Reference};

/// One thing that a service does otherwise than its model says.
pub(crate) enum Amendment {
    /// It tells the values of an enum in another order.
    Order(&'static str, &'static [&'static str]),
    /// A structure has a member that only later models know: its name and shape.
    Member(&'static str, &'static str, &'static str),
    /// It does not hold a text against its pattern.
    AnyText(&'static str),
    /// It takes the values of an enum in small letters and capitals.
    AnyCase(&'static str),
    /// It answers with an error that these operations do not list, or that none lists: its code and HTTP status.
    Error(&'static str, u16, &'static [&'static str]),
}

impl Model<'static> {
    /// The same model with these amendments.
    pub(crate) fn amended(mut self, amendments: &[Amendment]) -> Self {
        for amendment in amendments {
            match *amendment {
                Amendment::Order(shape, values) => {
                    if let Some(shape) = self.shapes.get_mut(shape) {
                        shape.values = values.iter().copied().map(Cow::Borrowed).collect();
                    }
                }
                Amendment::AnyText(shape) => {
                    if let Some(shape) = self.shapes.get_mut(shape) {
                        shape.pattern = None;
                    }
                }
                Amendment::AnyCase(shape) => {
                    if let Some(shape) = self.shapes.get_mut(shape) {
                        shape.any_case = true;
                    }
                }
                Amendment::Error(code, status, operations) => self.unlisted.push((code, status, operations)),
                Amendment::Member(structure, name, shape) => {
                    if let Some(structure) = self.shapes.get_mut(structure) {
                        let reference = Reference {
                            shape,
                            place: None,
                            name: None,
                            query: None,
                        };
                        structure.members.0.push((name, reference));
                    }
                }
            }
        }
        self
    }
}
