//! Switches with more than two positions.

use serde::{Deserialize, Serialize};

/// The tag of an association that EventBridge made for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssociationTag {
    /// `ManagedByServiceAWSEventBridge` = `account-id:connection-name` ("Managing service network resource
    /// associations for connections").
    Documented,
    /// There is none.
    Absent,
    /// The same key, and the connection's ARN for its value.
    Other,
}

/// An answer to a question that only the owner of a resource gets an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedTagsAnswer {
    /// `AccessDeniedException`, 403.
    AccessDenied,
    /// `ResourceNotFoundException`, 404.
    NotFound,
    /// `ValidationException`, 400.
    Invalid,
}

/// The words of a denial that a service meets on its caller's behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DenialWords {
    /// They say what could not be made, and no IAM action.
    WithoutAction,
    /// They name the IAM action.
    WithAction,
}

/// How a text from AWS quotes a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotedSecrets {
    /// It does not.
    Never,
    /// As it was sent.
    Plain,
    /// In Base64.
    Base64,
    /// With JSON's escapes.
    Json,
    /// Percent-encoded, as in a query.
    Url,
    /// With HTML's entities.
    Html,
}
