//! What calls a private API through a connection: the HTTP task of Step Functions, the URL that it calls, and the policies
//! of the roles that call. All of it is values; nothing here calls AWS.

mod connection_arn;
mod definition;
mod expression;
pub mod header;
pub mod policy;
mod url;

pub use connection_arn::{ConnectionArn, is_name};
pub use definition::{Language, METHODS, Task};
pub use expression::{is_expression, is_path, malformed_expression, malformed_path};
pub use url::{TaskUrl, is_host};
