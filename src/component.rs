//! One file per AWS object that an invocation is made of; nothing here knows Terraform.

mod configuration;
mod connection;
mod error;
mod gateway;
mod group;
pub mod naming;
mod tags;

pub use configuration::{CONFIGURATION, Configuration, ConfigurationSpec, SeenConfiguration};
pub use connection::{
    Authorization, CONNECTION, Connection, ConnectionSpec, Secret, SeenAuthorization, SeenConnection,
};
pub use error::ComponentError;
pub use gateway::{GATEWAY, Gateway, GatewaySpec, SeenGateway};
pub use group::{GROUP, Group, GroupSpec, SeenGroup};
