//! CallFunction: a function's result for its arguments.

use super::{Refused, Rpc, caught, convert};
use crate::{
    diagnostic::Diagnostics,
    function::{FunctionHandler, Signature},
    value::{Type, Value, msgpack},
    wire::tfplugin6::{
        DynamicValue, FunctionError,
        call_function::{Request, Response},
    },
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let function = rpc.plugin.functions().get(&request.name)?;
    let arguments = match arguments(function.signature(), &request.arguments) {
        Ok(arguments) => arguments,
        Err((at, unreadable)) => return Ok(failed(text(&unreadable), Some(at))),
    };
    // A panic is the only way in which the call itself fails.
    Ok(match caught(async { Ok(function.call(arguments).await) }).await {
        Ok(Ok(result)) => answer(function.as_ref(), &result),
        Ok(Err((text, at))) => failed(text, at),
        Err(crash) => failed(text(&crash), None),
    })
}

/// The arguments, as far as there are parameters for them; the function itself says when there are too many.
fn arguments(signature: &Signature, arguments: &[DynamicValue]) -> Result<Vec<Value>, (usize, Diagnostics)> {
    arguments
        .iter()
        .enumerate()
        .map(|(i, argument)| {
            let ty = signature
                .at(i)
                .map_or(Type::Dynamic, |(_, parameter)| parameter.ty());
            convert::value(Some(argument), &ty, "argument").map_err(|unreadable| (i, unreadable))
        })
        .collect()
}

fn answer(function: &dyn FunctionHandler, result: &Value) -> Response {
    match msgpack::encode(result, &function.signature().returns) {
        Ok(msgpack) => Response {
            result: Some(DynamicValue {
                msgpack,
                json: Vec::new(),
            }),
            error: None,
        },
        Err(err) => failed(format!("the result cannot be sent: {err}"), None),
    }
}

/// In the form of a function's errors, at which a CLI puts the full stop.
fn text(diagnostics: &Diagnostics) -> String {
    let details = diagnostics.iter().map(|d| d.detail.trim_end_matches('.'));
    details.collect::<Vec<_>>().join("\n")
}

fn failed(text: String, at: Option<usize>) -> Response {
    Response {
        result: None,
        error: Some(FunctionError {
            text,
            // An index that no call has does not fit.
            function_argument: at.and_then(|at| i64::try_from(at).ok()),
        }),
    }
}
