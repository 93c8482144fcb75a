//! Protobuf, as much of it as requests need: by field numbers, so that a seed can also be what no message is.

use terraform_plugin::{Type, Value, testing::codec};

/// A message, field by field.
#[derive(Clone, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    fn varint(mut self, mut number: u64) -> Self {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    /// A field that is a number or a bool.
    pub fn number(self, field: u64, number: u64) -> Self {
        self.varint(field << 3).varint(number)
    }

    /// A field that is a text or bytes.
    pub fn bytes(self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let mut with = self.varint((field << 3) | 2).varint(bytes.len() as u64);
        with.0.extend(bytes);
        with
    }

    /// A field that is a message.
    pub fn message(self, field: u64, message: Self) -> Self {
        self.bytes(field, message.0)
    }

    /// A field that is a value, as `DynamicValue` in MessagePack.
    pub fn value(self, field: u64, value: &Value, ty: &Type) -> Self {
        let msgpack = codec::encode_msgpack(value, ty).expect("a value of the type");
        self.message(field, Self::default().bytes(1, msgpack))
    }

    /// A field that says all that a host can do, as `ClientCapabilities`.
    pub fn capable(self, field: u64) -> Self {
        let all = (1..=4).fold(Self::default(), |all, each| all.number(each, 1));
        self.message(field, all)
    }
}
