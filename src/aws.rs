//! How AWS is reached: clients and credentials, error classification, listings. Nothing here knows
//! components.

mod api;
mod call;
mod clients;
mod error;
mod listing;
mod names;
mod recent;
mod regions;
mod trust;

pub use api::Api;
pub use call::Called;
pub use clients::{Aws, Endpoints, Settings, Unusable};
pub use error::{AwsError, ErrorKind, wanted};
pub use listing::ConnectionsPage;
pub use regions::Regions;
