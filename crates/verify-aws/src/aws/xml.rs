//! Answers of EC2 and STS as JSON: elements are members, lists of `item` or `member` are lists.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use serde_json::{Map, Value};

/// What is inside of a document's root element.
///
/// # Errors
/// The text is no XML.
pub fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(_) => return element(&mut reader),
            Event::Eof => return Err("there is no element".to_owned()),
            _ => {}
        }
    }
}

/// The items of a list, which is a text where it is empty.
pub fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// What is left of an element whose start was read.
fn element(reader: &mut Reader<&[u8]>) -> Result<Value, String> {
    let (mut text, mut members, mut list) = (String::new(), Map::new(), Vec::new());
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                let value = element(reader)?;
                match name.as_str() {
                    "item" | "member" => list.push(value),
                    _ => drop(members.insert(name, value)),
                }
            }
            Event::Empty(empty) => {
                let name = empty.local_name().as_ref().to_owned();
                members.insert(name, Value::String(String::new()));
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => text.push_str(&resolved(&reference)?),
            Event::End(_) if !list.is_empty() => return Ok(Value::Array(list)),
            Event::End(_) if !members.is_empty() => return Ok(Value::Object(members)),
            Event::End(_) => return Ok(Value::String(text)),
            Event::Eof => return Err("an element has no end".to_owned()),
            _ => {}
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let name = reference.xml10_content();
    let known = resolve_predefined_entity(&name).ok_or_else(|| format!("&{name}; is not known"))?;
    Ok(known.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_members_and_items_are_lists() {
        let parsed = parse(
            "<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><id>a&amp;b&#33;</id><set><item><n>1</n></item><item><n>2</n></item></set>\
             <none/><empty></empty></R>",
        );
        let expected = json!({ "id": "a&b!", "set": [{ "n": "1" }, { "n": "2" }], "none": "", "empty": "" });
        assert_eq!(parsed, Ok(expected.clone()));
        assert_eq!(
            (items(&expected["set"]).len(), items(&expected["none"]).len()),
            (2, 0)
        );
        assert!(parse("<a><b>").is_err() && parse("").is_err());
    }
}
