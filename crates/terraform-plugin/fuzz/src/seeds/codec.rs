//! The inputs of the codecs' targets. A row is the type that its first byte chooses, what it shows, and the bytes.

use super::super::codec::{
    BOOL, Choice, DYNAMIC, LIST_OF_SETS, MAP_OF_TUPLES, NUMBER, OBJECT, SET_OF_OBJECTS, STRING,
};
use super::Seed;

const JSON: &[(Choice, &str, &[u8])] = &[
    (BOOL, "null", b"null"),
    (BOOL, "number", b"1"),
    (BOOL, "true", b"true"),
    (DYNAMIC, "extra", br#"{"value":1,"type":"number","x":1}"#),
    (DYNAMIC, "no-type", br#"{"value":1}"#),
    (DYNAMIC, "other-type", br#"{"value":"a","type":"number"}"#),
    (DYNAMIC, "typed-null", br#"{"value":null,"type":["set","dynamic"]}"#),
    (DYNAMIC, "wrong-order", br#"{"type":["object",{"a":["map","bool"]}],"value":{"a":{"k":true}}}"#),
    (LIST_OF_SETS, "values", b"[[3,1,2,1],null,[],[1e2,100]]"),
    (MAP_OF_TUPLES, "long-tuple", br#"{"a":["x",1,null,2]}"#),
    (MAP_OF_TUPLES, "twice", br#"{"a":null,"a":null}"#),
    (MAP_OF_TUPLES, "twice-normalised", br#"{"\u00e9":null,"e\u0301":null}"#),
    (MAP_OF_TUPLES, "values", br#"{"a":["x",1,{"value":true,"type":"bool"}],"b":null,"":[null,null,null]}"#),
    (NUMBER, "escaped", br#""\u0031""#),
    (NUMBER, "exponent", b"1.5E+3"),
    (NUMBER, "exponent-overflow", br#""1000e9223372036854775807""#),
    (NUMBER, "fraction", b"-0.125"),
    (NUMBER, "greatest", b"1e9999"),
    (NUMBER, "huge-exponent", b"1e999999999"),
    (NUMBER, "inf-text", br#""Inf""#),
    (NUMBER, "least", b"-1e-9999"),
    (NUMBER, "object", br#"{"a":1}"#),
    (NUMBER, "quote", br#"""#),
    (NUMBER, "small", b"7"),
    (NUMBER, "text", br#""12.50""#),
    (NUMBER, "zero", b"-0.0"),
    (OBJECT, "extra", br#"{"x":[[{}]]}"#),
    (OBJECT, "missing", br#"{"d":null}"#),
    (OBJECT, "twice", br#"{"n":1,"n":2}"#),
    (OBJECT, "values", br#" { "d":{"type":["list","string"],"value":["a"]} , "l":["x",null],"m":{"k":1.5},"n":-1,"s":[{"value":"a","type":"string"},{"value":1,"type":"number"}]}"#),
    (SET_OF_OBJECTS, "values", br#"[{"a":"x","b":[true]},{"b":[true],"a":"x"},{"a":null,"b":null}]"#),
    (STRING, "cut", br#""ab"#),
    (STRING, "decomposed", br#""e\u0301""#),
    (STRING, "escapes", br#""\u00e9\ud83d\ude00\n\"\\""#),
    (STRING, "half-surrogate", br#""\ud83d""#),
    (STRING, "not-utf8", b"\"\xff\""),
    (STRING, "text", br#""a text""#),
    (STRING, "two", br#""a" "b""#),
];

const MSGPACK: &[(Choice, &str, &[u8])] = &[
    (BOOL, "null", b"\xc0"),
    (BOOL, "true", b"\xc3"),
    (BOOL, "unknown", b"\xd4\x00\x00"),
    (DYNAMIC, "bad-type", b"\x92\xc4\x03\"n\"\xc0"),
    (DYNAMIC, "empty-tuple", b"\x92\xc4\x0c[\"tuple\",[]]\x90"),
    (DYNAMIC, "object", b"\x92\xc47[\"object\",{\"a\":\"string\",\"b\":[\"set\",[\"list\",\"number\"]]}]\x82\xa1a\xa1x\xa1b\x92\x91\x02\x91\x01"),
    (DYNAMIC, "optional-attributes", b"\x92\xc4\x1f[\"object\",{\"a\":\"string\"},[\"a\"]]\x81\xa1a\xc0"),
    (DYNAMIC, "refined", b"\xc7\x03\x0c\x81\x01\xc2"),
    (DYNAMIC, "typed-null", b"\x92\xc4\x1f[\"object\",{\"a\":[\"map\",\"bool\"]}]\xc0"),
    (LIST_OF_SETS, "array16-length", b"\xdc\xff\xff\x90"),
    (LIST_OF_SETS, "array32-length", b"\xdd\xff\xff\xff\xff"),
    (LIST_OF_SETS, "refined", b"\xc7\x05\x0c\x82\x05\x01\x06\t"),
    (LIST_OF_SETS, "refined-negative", b"\xc7\x03\x0c\x81\x05\xff"),
    (LIST_OF_SETS, "unknown-elements", b"\x91\x94\xd4\x00\x00\xd4\x00\x00\x01\xc7\x03\x0c\x81\x01\xc2"),
    (LIST_OF_SETS, "values", b"\x94\x94\x03\x01\x02\x01\xc0\x90\xd4\x00\x00"),
    (MAP_OF_TUPLES, "map32-length", b"\xdf\xff\xff\xff\xff"),
    (MAP_OF_TUPLES, "short-tuple", b"\x81\xa1a\x92\xa1x\x01"),
    (MAP_OF_TUPLES, "twice", b"\x82\xa1a\xc0\xa1a\xc0"),
    (MAP_OF_TUPLES, "twice-normalised", b"\x82\xa2\xc3\xa9\xc0\xa3e\xcc\x81\xc0"),
    (MAP_OF_TUPLES, "values", b"\x83\xa0\x93\xc0\xc0\xc0\xa1a\x93\xa1x\x01\x92\xc4\x06\"bool\"\xc3\xa1b\xc0"),
    (NUMBER, "bound-of-many-digits", b"\xc7\n\x0c\x81\x03\x92\xa41e99\xc3"),
    (NUMBER, "contradictory", b"\xc7\t\x0c\x82\x03\x92\x05\xc3\x04\x92\x01\xc3"),
    (NUMBER, "exponent-overflow", b"\xb81000e9223372036854775807"),
    (NUMBER, "f32", b"\xca?\x00\x00\x00"),
    (NUMBER, "float", b"\xcb?\xb9\x99\x99\x99\x99\x99\x9a"),
    (NUMBER, "greatest", b"\xa61e9999"),
    (NUMBER, "huge-exponent", b"\xab1e999999999"),
    (NUMBER, "huge-float", b"\xcb\x7f\xeeB\xd10w;v"),
    (NUMBER, "inf-text", b"\xa4-Inf"),
    (NUMBER, "infinite", b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"),
    (NUMBER, "least", b"\xa8-1e-9999"),
    (NUMBER, "min", b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
    (NUMBER, "nan", b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x01"),
    (NUMBER, "refined", b"\xc7\x13\x0c\x83\x01\xc2\x03\x92\x01\xc3\x04\x92\xcb@_@\x00\x00\x00\x00\x00\xc2"),
    (NUMBER, "small", b"\x07"),
    (NUMBER, "text", b"\xd9 123456789012345678901234567890.5"),
    (NUMBER, "tiny-float", b"\xcb\x00\x00\x00\x00\x00\x00\x00\x01"),
    (NUMBER, "u64", b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
    (OBJECT, "extra", b"\x81\xa1x\xc0"),
    (OBJECT, "missing", b"\x81\xa1d\xc0"),
    (OBJECT, "unknown", b"\x85\xa1d\xd4\x00\x00\xa1l\x91\xd4\x00\x00\xa1m\x81\xa1k\xd4\x00\x00\xa1n\xd4\x00\x00\xa1s\xd4\x00\x00"),
    (OBJECT, "values", b"\x85\xa1d\x92\xc4\x11[\"list\",\"string\"]\x91\xa1a\xa1l\x92\xa1x\xc0\xa1m\x81\xa1k\xcb?\xf8\x00\x00\x00\x00\x00\x00\xa1n\xff\xa1s\x92\x92\xc4\x08\"string\"\xa1a\x92\xc4\x08\"number\"\x01"),
    (SET_OF_OBJECTS, "values", b"\x94\x82\xa1a\xa1x\xa1b\x91\xc3\x82\xa1a\xa1x\xa1b\x91\xc3\x82\xa1a\xd4\x00\x00\xa1b\xc0\xd4\x00\x00"),
    (STRING, "cut", b"\xa5ab"),
    (STRING, "decomposed", b"\xa3a\xcc\x81"),
    (STRING, "ext32-length", b"\xc9\xff\xff\xff\xff\x0c"),
    (STRING, "later-extension", b"\xd4c\x00"),
    (STRING, "later-refinement", b"\xc7\x07\x0c\x81c\x92\x01\x81\x01\x02"),
    (STRING, "not-utf8", b"\xa1\xff"),
    (STRING, "prefix", b"\xc7\t\x0c\x82\x01\xc2\x02\xa4arn:"),
    (STRING, "str32-length", b"\xdb\xff\xff\xff\xff"),
    (STRING, "text", b"\xa6a text"),
];

const TYPES: &[(&str, &[u8])] = &[
    ("bool", br#""bool""#),
    ("capsule", br#"["capsule","x"]"#),
    ("cut", br#"["list","#),
    ("dynamic", br#""dynamic""#),
    ("empty", b"[]"),
    ("empty-object", br#"["object",{}]"#),
    ("empty-tuple", br#"["tuple",[]]"#),
    ("list", br#"["list","string"]"#),
    ("not-utf8", b"[\"object\",{\"\xff\":\"bool\"}]"),
    ("nothing", b""),
    ("null", b"null"),
    ("number", br#""number""#),
    ("number-instead", b"1"),
    ("object", br#"["object",{"b":"bool","a":["set","string"]}]"#),
    ("optional", br#"["object",{"a":"string","b":"bool"},["a"]]"#),
    ("optional-unknown", br#"["object",{"a":"string"},["z"]]"#),
    ("set", br#"[ "set" , ["map","number"] ]"#),
    ("spaces", b"\n\t[\"map\"\r,\"dynamic\"] "),
    ("string", br#""string""#),
    ("too-few", br#"["map"]"#),
    ("too-many", br#"["list","string","string"]"#),
    ("trailing", br#""bool" "bool""#),
    ("tuple", br#"["tuple",["string",["list","bool"],"dynamic"]]"#),
    ("twice", br#"["object",{"a":"string","a":"bool"}]"#),
    (
        "twice-normalised",
        br#"["object",{"\u00e9":"string","e\u0301":"bool"}]"#,
    ),
    ("unknown", br#""text""#),
    ("wrong-arguments", br#"["object",["string"]]"#),
];

fn typed(((choice, ty), what, bytes): (Choice, &str, &[u8])) -> Seed {
    Seed::new(format!("{ty}-{what}"), [&[choice], bytes].concat())
}

/// What stands so often around, or before, what is in the middle.
fn nested(depth: usize, open: &[u8], middle: &str, close: &[u8]) -> Vec<u8> {
    [&open.repeat(depth), middle.as_bytes(), &close.repeat(depth)].concat()
}

pub fn json() -> Vec<Seed> {
    let list = |middle: &str, open: &str| nested(98, open.as_bytes(), middle, b"]");
    let typed_list = [
        br#"{"value":"#,
        &list("true", "[")[..],
        br#","type":"#,
        &list(r#""bool""#, r#"["list","#),
        b"}",
    ];
    let objects = nested(62, br#"["object",{"a":"#, r#""bool""#, b"}]");
    let typed_null = [br#"{"value":null,"type":"#, &objects[..], b"}"];
    let dynamic = |depth| nested(depth, br#"{"value":"#, "null", br#","type":"dynamic"}"#);
    let long: [(Choice, &str, &[u8]); 6] = [
        (DYNAMIC, "deep-list", &typed_list.concat()),
        (DYNAMIC, "deep-type", &typed_null.concat()),
        (DYNAMIC, "nested", &dynamic(30)),
        (DYNAMIC, "nested-too-deep", &dynamic(110)),
        (LIST_OF_SETS, "deep", &nested(300, b"[", "", b"")),
        (NUMBER, "many-digits", &nested(200, b"9", ".5", b"")),
    ];
    JSON.iter().copied().chain(long).map(typed).collect()
}

pub fn msgpack() -> Vec<Seed> {
    let dynamic = |depth| [nested(depth, b"\x92\xc4\t\"dynamic\"", "", b""), vec![0xc0]].concat();
    let digits = [&b"\xd9\xc8"[..], &b"9".repeat(200)].concat();
    // 302 bytes of é, which are more than go-cty keeps of a prefix.
    let prefix = [
        &b"\xc8\x01\x33\x0c\x81\x02\xda\x01\x2e"[..],
        &"é".repeat(151).into_bytes(),
    ]
    .concat();
    let long: [(Choice, &str, &[u8]); 4] = [
        (DYNAMIC, "nested", &dynamic(40)),
        (DYNAMIC, "nested-too-deep", &dynamic(120)),
        (NUMBER, "many-digits", &digits),
        (STRING, "long-prefix", &prefix),
    ];
    MSGPACK.iter().copied().chain(long).map(typed).collect()
}

pub fn type_json() -> Vec<Seed> {
    let lists = |depth| nested(depth, br#"["list","#, r#""bool""#, b"]");
    let long = [
        ("deep", nested(62, br#"["object",{"a":"#, r#""bool""#, b"}]")),
        ("deep-lists", lists(98)),
        ("too-deep", lists(110)),
        ("unclosed", nested(200, br#"["tuple",["#, "", b"")),
    ];
    let rows = TYPES.iter().map(|(what, bytes)| (*what, bytes.to_vec()));
    rows.chain(long)
        .map(|(what, bytes)| Seed::new(what, bytes))
        .collect()
}
