//! How AWS is reached: clients and credentials, calls, error classification, listings. Nothing here knows
//! components.

mod api;
mod arn;
mod call;
mod caller;
mod clients;
mod error;
mod listing;
mod quotas;
mod trust;

pub use api::Api;
pub use arn::Arn;
pub use call::Called;
pub use caller::Caller;
pub use clients::{Base, Clients, Endpoints, Settings, Unusable};
pub use error::{AwsError, ErrorKind, wanted};
pub use listing::{ConnectionsPage, Listings};
