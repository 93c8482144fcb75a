//! What the resources work with: AWS as one provider configuration reaches it, in every Region that they name.

mod handovers;
mod lookups;
mod names;
mod recent;
mod region;
mod reservations;
mod tag_policy;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use terraform_plugin::{Attr, Diagnostic, path};

use crate::aws::{Base, Settings, Unusable};
use crate::lock::lock;
pub use handovers::{Fate, MayDelete, Part, Planned};
pub use region::Aws;
pub use reservations::{Need, Reservation};
pub use tag_policy::TagPolicy;

/// What the keys of our own tags begin with.
pub const TAG_PREFIX: &str = "terraform-provider-private:";

/// The tag that everything that can be tagged bears from its create call on, until a state is about to record it. Its value
/// is when the object was made, which AWS does not tell of every kind; older versions wrote `true`.
pub const CREATING_TAG: &str = "terraform-provider-private:creating";

/// What a configured provider hands to its resources.
pub enum Client {
    /// The AWS of the provider block.
    Ready(Box<Regions>),
    /// The provider block holds values that are not known before something else was applied: nothing can be
    /// looked up yet. Only plans are made so.
    NotYetKnown,
}

impl Client {
    /// The AWS of a resource: of the Region that it names, else the provider's. `None` while something of that is not
    /// known.
    pub fn aws(&self, region: &Attr<String>) -> Option<Arc<Aws>> {
        match (self, region) {
            (Self::NotYetKnown, _) | (_, Attr::Unknown) => None,
            (Self::Ready(regions), region) => Some(regions.get(region.known().map(String::as_str))),
        }
    }

    /// Refuses a Region that there is not, before anything is asked of it: its endpoints have no address, which reads as a fault
    /// of the network.
    ///
    /// # Errors
    /// What is wrong with `region`, and what is meant.
    pub fn check_region(&self, region: &Attr<String>) -> Result<(), Diagnostic> {
        match (self, region) {
            (Self::Ready(regions), Attr::Known(name)) if !regions.base.takes_region(name) => {
                let words = crate::aws::region::unknown(name);
                let detail = format!(
                    "{words} Correct it; or set skip_region_validation = true in the provider block, where the Region is newer than \
                     this version of the provider."
                );
                Err(Diagnostic::error("Unknown Region", detail).at(path!("region")))
            }
            _ => Ok(()),
        }
    }
}

/// One [`Aws`] a Region: the provider's own, and those of resources with a `region` of their own.
pub struct Regions {
    base: Base,
    own: Arc<Aws>,
    tags: Arc<TagPolicy>,
    others: Mutex<HashMap<String, Arc<Aws>>>,
}

impl Regions {
    /// Makes the clients of the provider's own Region.
    ///
    /// # Errors
    /// When the settings and what they leave to the standard chain do not make clients.
    pub async fn new(settings: Settings) -> Result<Self, Unusable> {
        let base = Base::load(settings).await?;
        Ok(Self {
            own: Arc::new(Aws::new(&base, base.region(), Arc::default())),
            tags: Arc::default(),
            base,
            others: Mutex::default(),
        })
    }

    /// The same with what the provider block says of tags.
    pub fn tagging(self, policy: TagPolicy) -> Self {
        let tags = Arc::new(policy);
        Self {
            own: Arc::new(Aws::new(&self.base, self.base.region(), Arc::clone(&tags))),
            tags,
            ..self
        }
    }

    /// Where the credentials come from, and which access key they are, in words.
    pub fn signer(&self) -> String {
        self.base.signer().signed().who
    }

    /// The AWS of a Region; `None` is the provider's own. Endpoints of the provider block hold for all of them.
    pub fn get(&self, region: Option<&str>) -> Arc<Aws> {
        match region {
            Some(region) if region != self.own.region() => {
                let mut others = lock(&self.others);
                let made = others
                    .entry(region.to_owned())
                    .or_insert_with(|| Arc::new(Aws::new(&self.base, region, Arc::clone(&self.tags))));
                Arc::clone(made)
            }
            _ => Arc::clone(&self.own),
        }
    }
}
