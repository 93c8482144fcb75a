//! How AWS is reached: clients and credentials, error classification, listings. Nothing here knows
//! components.

mod clients;
mod error;
mod listing;
mod names;
mod recent;
mod regions;
mod trust;

pub use clients::{Aws, Endpoints, Settings, Unusable};
pub use error::{Api, AwsError, ErrorKind, wanted};
pub use listing::ConnectionsPage;
pub use regions::Regions;
