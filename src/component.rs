//! One file per AWS object that an invocation is made of; nothing here knows Terraform.

mod borrowers;
mod configuration;
mod connection;
mod destination;
mod error;
mod gateway;
mod group;
mod ingress;
mod left_behind;
mod marks;
pub mod naming;
mod object_tags;
pub mod ports;
pub mod reserved;
mod tags;
pub mod url;
mod word;

pub use configuration::{
    CONFIGURATION, Configuration, ConfigurationSpec, SeenConfiguration, Target, dns_name,
};
pub use connection::{
    Authorization, CONNECTION, Connection, ConnectionSpec, Credential, HttpParameters, HttpValue, List,
    Lists, OAuth, Resend, Secret, Secrets, SeenAuthorization, SeenConnection, SeenHttpParameters,
    SeenHttpValue, SeenOAuth,
};
pub use destination::{API_DESTINATION, Destination, DestinationSpec, SeenDestination};
pub use error::ComponentError;
pub use gateway::{GATEWAY, Gateway, GatewaySpec, SeenGateway};
pub use group::{EgressTarget, GROUP, Group, GroupSpec, SeenGroup};
pub use ingress::{INGRESS, Ingress, IngressSpec, SeenIngress};
pub use left_behind::{left_behind, namesakes};
pub use marks::begun_at;
pub use object_tags::{Disputed, ObjectTags, Shown, UserTags, shown};
pub use ports::PortRange;
pub use word::{ConnectionState, DnsResolution, IpAddressType, LatticeStatus};
