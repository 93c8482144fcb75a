//! How AWS is reached: clients and credentials, error classification, listings. Nothing here knows
//! components.

mod api;
mod arn;
mod call;
mod caller;
mod clients;
mod error;
mod listing;
mod names;
mod recent;
mod regions;
mod trust;

pub use api::Api;
pub use arn::Arn;
pub use call::Called;
pub use clients::{Aws, Endpoints, Settings, Unusable};
pub use error::{AwsError, ErrorKind, wanted};
pub use listing::ConnectionsPage;
pub use regions::Regions;
