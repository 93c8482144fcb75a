//! The AWS of one provider configuration in every Region that its resources name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::clients::{Aws, Base, Settings, Unusable};

/// One [`Aws`] a Region: the provider's own, and those of resources with a `region` of their own.
pub struct Regions {
    base: Base,
    own: Arc<Aws>,
    others: Mutex<HashMap<String, Arc<Aws>>>,
}

impl Regions {
    /// Makes the clients of the provider's own Region.
    pub async fn new(settings: Settings) -> Result<Self, Unusable> {
        let base = Base::load(settings).await?;
        Ok(Self {
            own: Arc::new(Aws::own(&base)),
            base,
            others: Mutex::default(),
        })
    }

    /// The AWS of a Region; `None` is the provider's own. Endpoints of the provider block hold for all of them.
    pub fn get(&self, region: Option<&str>) -> Arc<Aws> {
        match region {
            Some(region) if region != self.own.region() => {
                let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
                let made = others
                    .entry(region.to_owned())
                    .or_insert_with(|| Arc::new(Aws::in_region(&self.base, region)));
                Arc::clone(made)
            }
            _ => Arc::clone(&self.own),
        }
    }
}
