//! How AWS is reached: clients and credentials, calls, error classification, listings. Nothing here knows
//! components.

mod answer;
mod api;
mod arn;
mod audible;
mod batch;
mod call;
mod caller;
mod cause;
mod clients;
mod credentials;
mod deadline;
mod denial;
mod error;
mod events_retries;
mod host_prefix;
mod inherited;
mod listing;
mod listings;
mod pages;
mod patience;
mod profiles;
mod quotas;
pub mod region;
mod roles;
mod scrub;
mod settings;
mod signer;
mod trust;

pub use api::Api;
pub use arn::{Arn, region_option};
pub use batch::Batch;
pub use call::Called;
pub use caller::Caller;
pub use clients::{Base, Clients, Unusable};
pub use deadline::reading_until;
pub use error::{AwsError, ErrorKind, wanted};
pub use inherited::{URL, Unfit};
pub use listing::Shown;
pub use listings::{ListedConfiguration, ListedConnection, ListedGateway, ListedGroup, Listings, MarkedRule};
pub use pages::pages;
pub use profiles::Unsuitable;
pub use scrub::Scrubber;
pub use settings::{Connection, Endpoints, Role, Settings, Token, WebIdentity};
pub use trust::Unusable as UnusableConnection;
