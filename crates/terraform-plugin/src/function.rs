//! Functions: the trait that authors write, and what goes wrong in them.

mod erased;
mod signature;

use std::{fmt, future::Future};

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::erased::{FunctionHandler, TypedFunction};
pub use self::signature::{Parameter, Signature};
use crate::diagnostic::Diagnostic;

/// A function, `provider::private::name(…)` in a configuration (Terraform 1.8, OpenTofu 1.7 and later).
///
/// It must be pure: core calls it whenever it likes, without a configured provider, and refuses a plan in which
/// the same arguments gave two results.
///
/// `call` is written as `async fn`.
///
/// ```
/// use terraform_plugin::{Function, FunctionError, Parameter, Signature, Type, schema::{number, string}};
///
/// struct Repeat;
///
/// impl Function for Repeat {
///     const NAME: &'static str = "repeat";
///     type Arguments = (String, usize, Vec<String>);
///     type Result = String;
///
///     fn signature() -> Signature {
///         Signature::new(Type::String)
///             .summary("Repeats a text.")
///             .parameter("text", Parameter::new(string().length(1..)))
///             .parameter("times", Parameter::new(number().between(0..=100)))
///             .variadic("suffixes", Parameter::new(string()))
///     }
///
///     async fn call(&self, (text, times, suffixes): Self::Arguments) -> Result<String, FunctionError> {
///         if let Some(i) = suffixes.iter().position(String::is_empty) {
///             return Err(FunctionError::variadic(i, "a suffix must not be empty"));
///         }
///         Ok(text.repeat(times) + &suffixes.concat())
///     }
/// }
/// ```
pub trait Function: Send + Sync + 'static {
    /// The name, `parse_arn`.
    const NAME: &'static str;
    /// The arguments: a tuple with one element for each parameter, or a serde struct with a field of each
    /// parameter's name. The variadic parameter's element is a `Vec`. What may be null or unknown is an
    /// [`Attr`](crate::Attr).
    type Arguments: DeserializeOwned + Send + 'static;
    /// The result, of the signature's type.
    type Result: Serialize + Send + 'static;

    /// What it takes and returns.
    fn signature() -> Signature;

    /// Computes the result.
    ///
    /// # Errors
    /// What is wrong, and with which argument.
    fn call(
        &self,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Result, FunctionError>> + Send;
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    text: String,
    at: Place,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Whole,
    Argument(usize),
    Variadic(usize),
}

impl FunctionError {
    /// An error that no single argument is to blame for. A sentence without a full stop, as core puts it into
    /// one of its own.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: Place::Whole,
        }
    }

    /// An error of one argument, counted from 0; those of the variadic parameter come after all others.
    pub fn argument(index: usize, text: impl Into<String>) -> Self {
        Self {
            at: Place::Argument(index),
            ..Self::new(text)
        }
    }

    /// An error of one of the variadic parameter's arguments, the first of which is 0.
    pub fn variadic(index: usize, text: impl Into<String>) -> Self {
        Self {
            at: Place::Variadic(index),
            ..Self::new(text)
        }
    }

    /// What is wrong.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The argument that is to blame, counted from 0 over all arguments, of a function that has so many
    /// parameters besides the variadic one.
    fn index(&self, parameters: usize) -> Option<usize> {
        match self.at {
            Place::Whole => None,
            Place::Argument(index) => Some(index),
            Place::Variadic(index) => Some(parameters + index),
        }
    }
}

impl From<Diagnostic> for FunctionError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(format!("{}: {}", diagnostic.summary, diagnostic.detail))
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for FunctionError {}
