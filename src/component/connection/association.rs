//! The associations that EventBridge makes between a resource configuration and a service network of its own: the way
//! of a connection is ready when its association is, and gone when that is.

use aws_sdk_vpclattice::types::{
    ServiceNetworkResourceAssociationStatus as Status, ServiceNetworkResourceAssociationSummary as Summary,
};

use super::Connection;
use super::seen::{SeenConnection, UnreadyAssociation, Way};
use crate::component::configuration::associations;

impl Connection<'_> {
    /// The association of a way. `None` where it is gone, or cannot be seen: without the permission, or where the
    /// configuration is another account's. Then what depends on it tells: a connection that is not ready, or a deletion
    /// that is refused.
    async fn association(&self, way: &Way<'_>) -> Option<Summary> {
        let association_arn = way.association_arn?;
        match associations(self.aws, way.configuration_arn).await {
            Ok(all) => all
                .into_iter()
                .find(|one| one.arn.as_deref() == Some(association_arn)),
            Err(error) => {
                tracing::debug!(%error, "cannot see the association {association_arn}");
                None
            }
        }
    }

    /// What still holds the ways of a connection that is gone, in words: EventBridge's associations go some time after
    /// it, and hold their configurations till then.
    pub(super) async fn lingering_association(&self, last: &SeenConnection) -> Option<String> {
        for way in last.ways() {
            if let Some(association) = self.association(&way).await {
                let arn = association.arn.as_deref().unwrap_or("of EventBridge");
                let status = association.status.as_ref().map_or("there", Status::as_str);
                return Some(format!("its association {arn} is {status}"));
            }
        }
        None
    }

    /// The first association of a connection that is not ready.
    pub(super) async fn unready_association(&self, seen: &SeenConnection) -> Option<UnreadyAssociation> {
        for way in seen.ways() {
            if let Some(unready) = self.association(&way).await.and_then(unready) {
                return Some(unready);
            }
        }
        None
    }
}

fn unready(association: Summary) -> Option<UnreadyAssociation> {
    let status = association
        .status
        .filter(|status| !matches!(status, Status::Active | Status::Partial))?;
    Some(UnreadyAssociation {
        arn: association.arn?,
        status: status.as_str().to_owned().into(),
        failure: association.failure_code,
    })
}

impl UnreadyAssociation {
    /// Whether it will not get ready by itself.
    pub(super) fn has_failed(&self) -> bool {
        self.status.has_failed()
    }

    /// What it is like, in words.
    pub(super) fn words(&self) -> String {
        let Self { arn, status, failure } = self;
        match failure {
            Some(failure) => format!("its association {arn} is {status}: {failure}"),
            None => format!("its association {arn} is {status}"),
        }
    }
}
