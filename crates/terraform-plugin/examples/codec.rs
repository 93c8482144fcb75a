//! The codec as a filter, for comparison with other implementations (`cargo xtask conformance codec`).
//!
//! Each line of standard input is an object with `type` (a type as JSON) and either `msgpack` (base64) or `json` (a
//! text). The answer is a line with `msgpack` and `json` as this codec writes the value, `json` only where the value
//! can be said in it; or with `error`.

use std::{
    io::{BufRead as _, Write as _, stdin, stdout},
    process::ExitCode,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};
use terraform_plugin::testing::codec;

fn main() -> ExitCode {
    for line in stdin().lock().lines() {
        let answered = line
            .map_err(|err| err.to_string())
            .and_then(|line| writeln!(stdout(), "{}", answer(&line)).map_err(|err| err.to_string()));
        if let Err(err) = answered {
            eprintln!("{err}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn answer(line: &str) -> Json {
    translate(line).unwrap_or_else(|error| json!({ "error": error }))
}

fn translate(line: &str) -> Result<Json, String> {
    let asked: Json = serde_json::from_str(line).map_err(|err| format!("the line is no JSON: {err}"))?;
    let wrong = |err: codec::CodecError| err.to_string();
    let ty = codec::decode_type(asked["type"].to_string().as_bytes()).map_err(wrong)?;
    let value = match (asked["msgpack"].as_str(), asked["json"].as_str()) {
        (Some(base64), None) => {
            let bytes = STANDARD.decode(base64).map_err(|err| err.to_string())?;
            codec::decode_msgpack(&bytes, &ty).map_err(wrong)?
        }
        (None, Some(text)) => codec::decode_json(text.as_bytes(), &ty).map_err(wrong)?,
        _ => return Err("give either msgpack or json".to_owned()),
    };
    let msgpack = codec::encode_msgpack(&value, &ty).map_err(wrong)?;
    // What holds something unknown cannot be said in JSON.
    let json = codec::encode_json(&value, &ty).ok();
    Ok(json!({
        "msgpack": STANDARD.encode(msgpack),
        "json": json.map(|json| String::from_utf8_lossy(&json).into_owned()),
    }))
}
