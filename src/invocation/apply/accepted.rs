//! The inputs that AWS has accepted when an update ended early, so that the next plan shows the others again:
//! secrets and their versions above all, which AWS never shows.

use reconcile::{Engine, Slot, Step};
use terraform_plugin::Attr;

use crate::component::{API_DESTINATION, ComponentError};
use crate::invocation::model::{ApiDestination, Destinations, Model};
use crate::invocation::slots::CONNECTION_SLOT;

/// What of `config` counts after the steps that `engine` has done; the rest is as in `prior`.
pub fn inputs(config: &Model, prior: &Model, engine: &Engine<ComponentError>) -> Model {
    let done = engine.done();
    let of_connection = |step: &&Step| *step.slot() == CONNECTION_SLOT && !matches!(step, Step::Delete(..));
    let of_path = |step: &&Step| *step.slot() != CONNECTION_SLOT && step.slot().kind() != API_DESTINATION.key;
    let mut inputs = config.clone();
    if !done.iter().any(|step| of_connection(&step)) {
        inputs.authorization = prior.authorization.clone();
        inputs.invocation_http_parameters = prior.invocation_http_parameters.clone();
        inputs.description = prior.description.clone();
        inputs.kms_key_identifier = prior.kms_key_identifier.clone();
    }
    if !done.iter().any(|step| of_path(&step)) {
        inputs.vpc_endpoint_id = prior.vpc_endpoint_id.clone();
        inputs.https_endpoint = prior.https_endpoint.clone();
        inputs.network = prior.network.clone();
        inputs.tags = prior.tags.clone();
        if !done.iter().any(|step| of_connection(&step)) {
            inputs.shared_resource_configuration_arn = prior.shared_resource_configuration_arn.clone();
        }
    }
    inputs.api_destinations = destinations(config, prior, engine);
    inputs
}

/// The API destinations that are recorded, each with the inputs that it was last given.
fn destinations(config: &Model, prior: &Model, engine: &Engine<ComponentError>) -> Attr<Destinations> {
    let (recorded, done) = (engine.recorded(), engine.done());
    let given = |model: &Model, name: &str| -> Option<ApiDestination> {
        model
            .destinations()
            .find(|(other, _)| *other == name)
            .map(|(_, given)| given.clone())
    };
    let mut accepted = Destinations::new();
    for slot in recorded
        .current
        .keys()
        .filter(|slot| slot.kind() == API_DESTINATION.key)
    {
        let Some(name) = slot.instance() else { continue };
        let changed = done
            .iter()
            .any(|step| *step.slot() == Slot::named(API_DESTINATION, name));
        let inputs = match given(prior, name) {
            Some(old) if !changed => Some(old),
            _ => given(config, name),
        };
        accepted.extend(inputs.map(|inputs| (name.to_owned(), Attr::Known(inputs))));
    }
    if accepted.is_empty() && (config.api_destinations.is_null() || prior.api_destinations.is_null()) {
        return Attr::Null;
    }
    Attr::Known(accepted)
}
