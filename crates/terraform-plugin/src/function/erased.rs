//! A function without its types: what the RPC layer calls.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use super::{Function, FunctionError, Signature, signature};
use crate::{
    configurable::Boxed,
    model,
    path::{Path, Step},
    plan,
    schema::{Violation, is_identifier},
    shape,
    value::{Type, Value, codec::CodecError},
};

/// How a call came out: the result, or what to say and which argument to blame, counted from 0.
pub(crate) type Called = Result<Value, (String, Option<usize>)>;

/// A function behind its types.
pub(crate) trait FunctionHandler: Send + Sync {
    fn name(&self) -> &'static str;

    fn signature(&self) -> &Signature;

    /// What the author's code says that was to describe it and panicked, as a broken rule.
    fn panicked(&self) -> Option<&str>;

    /// All that core would reject in the signature, and arguments that do not fit it.
    fn violations(&self) -> Vec<Violation>;

    /// Calls it with one value of each argument's type.
    fn call(&self, arguments: Vec<Value>) -> Boxed<'_, Called>;
}

/// A function with its signature, which is built when it is first needed.
pub(crate) struct TypedFunction<F> {
    function: F,
    /// With what is said where it panicked.
    signature: LazyLock<(Signature, Option<String>)>,
}

impl<F: Function> TypedFunction<F> {
    pub(crate) fn new(function: F) -> Self {
        Self {
            function,
            signature: LazyLock::new(|| {
                shape::described("signature", F::signature, || Signature::new(Type::Dynamic))
            }),
        }
    }

    fn bug(rule: impl std::fmt::Display) -> (String, Option<usize>) {
        let text = format!(
            "{}: {rule}. This is a bug in the provider; please report it",
            signature::owner(F::NAME)
        );
        (text, None)
    }

    /// The first argument that must not come to the function, or that the result has to wait for.
    fn refused(&self, arguments: &[Value]) -> Result<bool, (String, Option<usize>)> {
        let signature = self.signature();
        let (least, count) = (signature.parameters.len(), arguments.len());
        if count < least || (count > least && signature.variadic.is_none()) {
            let text = format!(
                "{} takes {least} arguments, not {count}",
                signature::owner(F::NAME)
            );
            return Err((text, None));
        }
        let mut waits = false;
        for (i, argument) in arguments.iter().enumerate() {
            // The number of arguments was checked.
            let Some((name, parameter)) = signature.at(i) else {
                continue;
            };
            if argument.is_null() && !parameter.allow_null {
                return Err((format!("argument {name:?} must not be null"), Some(i)));
            }
            if !argument.is_wholly_known() && !parameter.allow_unknown {
                waits = true;
            } else if let Some(broken) = parameter.refuses(name, argument) {
                return Err((broken, Some(i)));
            }
        }
        Ok(waits)
    }

    /// The parameters' names, the variadic one's last.
    fn names(&self) -> impl Iterator<Item = &str> {
        let signature = self.signature();
        let all = signature.parameters.iter().chain(&signature.variadic);
        all.map(|(name, _)| name.as_str())
    }

    fn decode<A: DeserializeOwned>(&self, arguments: Vec<Value>) -> Result<A, CodecError> {
        model::decode_arguments(self.names(), self.signature().variadic.is_some(), arguments)
    }

    /// One argument for each parameter: once with all of them known, then with each one null and unknown that may
    /// be so.
    fn samples(&self) -> Vec<Vec<Value>> {
        let signature = self.signature();
        let parameters = || {
            signature
                .parameters
                .iter()
                .chain(&signature.variadic)
                .map(|(_, parameter)| parameter)
        };
        let known: Vec<Value> = parameters()
            .map(|parameter| model::sample(&parameter.ty()))
            .collect();
        let odd = parameters().enumerate().flat_map(|(i, parameter)| {
            let null = parameter.allow_null.then_some(Value::Null);
            let unknown = parameter.allow_unknown.then_some(Value::UNKNOWN);
            null.into_iter().chain(unknown).map(move |value| (i, value))
        });
        let odd = odd.map(|(i, value)| {
            let mut sample = known.clone();
            sample[i] = value;
            sample
        });
        let odd: Vec<_> = odd.collect();
        std::iter::once(known).chain(odd).collect()
    }

    /// Where the model cannot hold a sample: the parameter and why.
    fn misfit(&self, sample: Vec<Value>) -> Option<(Option<String>, String)> {
        let variadic = self.signature().variadic.is_some();
        let err = model::check_arguments::<F::Arguments>(self.names(), variadic, sample)?;
        let (index, _) = place(self.signature(), &err);
        let parameter = index.and_then(|i| self.signature().at(i));
        // The sample of a dynamic type is null, and says nothing where null never comes.
        let says_nothing = parameter.is_some_and(|(_, p)| p.ty().has_dynamic() && !p.allow_null);
        let rule = match err.message.as_str() {
            of_hole if of_hole == model::NULL_ELEMENT || of_hole.starts_with("is ") => {
                format!("{of_hole}; use Attr<…>")
            }
            other => other.to_owned(),
        };
        (!says_nothing).then(|| (parameter.map(|(name, _)| name.clone()), rule))
    }
}

/// The argument that the model refuses, counted from 0, and what is said of it. Core says the parameter's name before it.
fn place(signature: &Signature, err: &CodecError) -> (Option<usize>, String) {
    let (first, mut rest) = match err.path.steps() {
        [first, rest @ ..] => (Some(first), rest),
        [] => (None, &[][..]),
    };
    let mut index = match first {
        Some(Step::Index(index)) => usize::try_from(*index).ok(),
        Some(Step::Attribute(name)) => {
            let mut all = signature.parameters.iter().chain(&signature.variadic);
            all.position(|(n, _)| n == name)
        }
        _ => None,
    };
    // The variadic parameter's arguments are a list of their own.
    if let ([Step::Index(i), within @ ..], true) = (rest, index == Some(signature.parameters.len())) {
        index = usize::try_from(*i).ok().map(|i| signature.parameters.len() + i);
        rest = within;
    }
    let Some((name, _)) = index.and_then(|i| signature.at(i)) else {
        return (None, err.message.clone());
    };
    let path: Path = std::iter::once(Step::from(name))
        .chain(rest.iter().cloned())
        .collect();
    let refused = match err.of_value {
        true => model::refusal(err, None),
        false => err.message.clone(),
    };
    let text = match rest {
        [] => format!("The value {refused}"),
        _ => format!("{path}: The value {refused}"),
    };
    (index, text)
}

impl<F: Function> FunctionHandler for TypedFunction<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature.0
    }

    fn panicked(&self) -> Option<&str> {
        self.signature.1.as_deref()
    }

    fn violations(&self) -> Vec<Violation> {
        let owner = signature::owner(F::NAME);
        let mut found = self.signature().violations(&owner);
        if !is_identifier(F::NAME) {
            found.push(Violation::of(
                &owner,
                "functions' names consist of lower-case letters, digits and underscores, and begin with no digit",
            ));
        }
        let misfit = self.samples().into_iter().find_map(|sample| self.misfit(sample));
        found.extend(misfit.map(|(name, rule)| Violation {
            path: name.map_or_else(Path::root, |name| Path::root().then(name)),
            ..Violation::of(&owner, format!("the arguments do not fit the signature: {rule}"))
        }));
        found
    }

    fn call(&self, arguments: Vec<Value>) -> Boxed<'_, Called> {
        Box::pin(async move {
            let signature = self.signature();
            if self.refused(&arguments)? {
                return Ok(Value::UNKNOWN);
            }
            let (count, known) = (arguments.len(), arguments.iter().all(Value::is_wholly_known));
            let numbers = plan::long_numbers(&arguments);
            let arguments = self.decode(arguments).map_err(|err| {
                let (index, text) = place(signature, &err);
                (text, index)
            })?;
            let result = self
                .function
                .call(arguments)
                .await
                .map_err(|err: FunctionError| match err.index(signature.parameters.len()) {
                    Some(index) if index >= count => Self::bug(format_args!(
                        "{} (this blames the argument {index} of {count}, counted from 0)",
                        err.text
                    )),
                    index => (err.text, index),
                })?;
            let result = model::encode(&result, &signature.returns)
                .map(|result| plan::carry_numbers(result, &numbers))
                .map_err(|err| Self::bug(format_args!("the result does not fit the signature: {err}")))?;
            if known && !result.is_wholly_known() {
                return Err(Self::bug(
                    "the result is unknown although all arguments are known",
                ));
            }
            Ok(result)
        })
    }
}
