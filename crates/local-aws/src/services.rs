//! The services, one folder each.

pub(crate) mod ec2;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod lattice;
pub(crate) mod secretsmanager;
pub(crate) mod states;
pub(crate) mod sts;
