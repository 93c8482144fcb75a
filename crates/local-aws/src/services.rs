//! The services, one folder each.

pub(crate) mod ec2;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod lattice;
pub(crate) mod secretsmanager;
pub(crate) mod states;
pub(crate) mod sts;

use crate::core::registration::Registration;
use crate::dataplane::delivery;

/// Whatever keeps something in the world.
pub(crate) static REGISTRATIONS: &[&Registration] = &[
    &ec2::REGISTRATION,
    &lattice::REGISTRATION,
    &events::REGISTRATION,
    &iam::REGISTRATION,
    &delivery::REGISTRATION,
];
