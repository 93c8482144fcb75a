//! What a service registers with the world: what it keeps there, and what becomes of that by itself.

use serde_json::Value;

use crate::core::agenda::Due;
use crate::core::change::Change;
use crate::core::faults::{Courses, Known};
use crate::core::notice::Notice;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::world::{Services, Type, World};

/// What a service, or whatever else keeps something in the world, registers.
pub(crate) struct Registration {
    /// What may be asked of it.
    pub(crate) surface: Option<&'static Surface>,
    /// What it keeps.
    pub(crate) kept: &'static [Kept],
    /// What becomes of its objects by itself.
    pub(crate) changes: &'static [&'static dyn Change],
    /// The types of its objects, as the control API lists them, each with the states that there are.
    pub(crate) types: &'static [Type],
    /// Its objects, as the control API lists them.
    pub(crate) objects: fn(&World) -> Vec<Value>,
    /// Looks at what has changed, before and after everything that happens by itself.
    pub(crate) observe: fn(&mut World),
    /// Takes up what the end of an earlier process broke off.
    pub(crate) resume: fn(&mut World),
    /// Hears of what other services did.
    pub(crate) hear: fn(&mut World, &Notice<'_>),
    /// Whether it has an object of this ARN that is ready to be used.
    pub(crate) is_ready: fn(&World, &str) -> bool,
}

impl Registration {
    /// Keeps nothing, and does nothing by itself.
    pub(crate) const NOTHING: Self = Self {
        surface: None,
        kept: &[],
        changes: &[],
        types: &[],
        objects: |_| Vec::new(),
        observe: |_| {},
        resume: |_| {},
        hear: |_, _| {},
        is_ready: |_, _| false,
    };
}

/// All registrations.
pub(crate) struct Registry(pub(crate) Vec<&'static Registration>);

impl Registry {
    /// Whether an object is of a type, and in a state, that its service has registered.
    fn declares(&self, object: &Value) -> bool {
        let mut types = self.0.iter().flat_map(|one| one.types);
        types.any(|(name, states)| {
            object["type"] == *name && states.iter().any(|state| object["state"] == *state)
        })
    }

    /// The change of this name on the agenda.
    fn change(&self, due: &str) -> Option<(&'static str, &'static dyn Change)> {
        let mut changes = self.0.iter().flat_map(|one| one.changes);
        changes.find_map(|change| {
            let name = change.dues().into_iter().find(|name| *name == due)?;
            Some((name, *change))
        })
    }
}

impl Known for Registry {
    fn surfaces(&self) -> Vec<&'static Surface> {
        self.0.iter().filter_map(|one| one.surface).collect()
    }

    fn courses(&self) -> Vec<Courses> {
        let changes = self.0.iter().flat_map(|one| one.changes);
        let courses = changes.filter_map(|change| {
            Some(Courses {
                service: change.service(),
                kind: change.kind()?,
                passing: change.passing(),
                failures: change.failures(),
            })
        });
        courses.collect()
    }
}

impl Services for Registry {
    fn kept(&self) -> Vec<Kept> {
        self.0.iter().flat_map(|one| one.kept).copied().collect()
    }

    fn due(&self, name: &str) -> Option<&'static str> {
        self.change(name).map(|(name, _)| name)
    }

    fn happen(&self, world: &mut World, due: Due) -> Option<Due> {
        let (_, change) = self.change(due.name)?;
        change.happen(world, due)
    }

    fn observe(&self, world: &mut World) {
        for one in &self.0 {
            (one.observe)(world);
        }
    }

    fn resume(&self, world: &mut World) {
        for one in &self.0 {
            (one.resume)(world);
        }
    }

    fn tell(&self, world: &mut World, notice: &Notice<'_>) {
        for one in &self.0 {
            (one.hear)(world, notice);
        }
    }

    fn is_ready(&self, world: &World, arn: &str) -> bool {
        self.0.iter().any(|one| (one.is_ready)(world, arn))
    }

    fn types(&self) -> Vec<Type> {
        self.0.iter().flat_map(|one| one.types).copied().collect()
    }

    fn objects(&self, world: &World) -> Vec<Value> {
        let objects: Vec<_> = self.0.iter().flat_map(|one| (one.objects)(world)).collect();
        debug_assert_eq!(objects.iter().find(|object| !self.declares(object)), None);
        objects
    }
}
