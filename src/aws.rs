//! How AWS is reached: clients and credentials, calls, error classification, listings. Nothing here knows
//! components.

mod answer;
mod api;
mod arn;
mod call;
mod caller;
mod cause;
mod clients;
mod deadline;
mod error;
mod events_retries;
mod listing;
mod listings;
mod pages;
mod patience;
mod quotas;
mod scrub;
mod trust;

pub use api::Api;
pub use arn::Arn;
pub use call::Called;
pub use caller::Caller;
pub use clients::{Base, Clients, Endpoints, Settings, Unusable};
pub use deadline::reading_until;
pub use error::{AwsError, ErrorKind, wanted};
pub use listings::{ListedConfiguration, ListedConnection, ListedGateway, ListedGroup, Listings};
pub use pages::pages;
pub use scrub::Scrubber;
