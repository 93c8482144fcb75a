//! The inputs that AWS has accepted when an update ended early, so that the next plan shows the others again:
//! secrets and their versions above all, which AWS never shows.

use reconcile::{Engine, Slot, Step};
use terraform_plugin::Attr;

use crate::component::{API_DESTINATION, ComponentError};
use crate::invocation::model::{ApiDestination, Destinations, Model};
use crate::invocation::slots::CONNECTION_SLOT;

/// What of `config` counts after the steps that `engine` has done, beside the outputs of `prior`; the rest is as in
/// `prior`. An input counts when every step that it decides is done.
pub fn inputs(config: &Model, prior: &Model, engine: &Engine<ComponentError>) -> Model {
    let of_connection = |step: &Step| *step.slot() == CONNECTION_SLOT && !matches!(step, Step::Delete(..));
    let of_path = |step: &Step| {
        let slot = step.slot();
        let destination = slot.kind() == API_DESTINATION.key;
        !destination && *slot != CONNECTION_SLOT && !matches!(step, Step::Delete(..))
    };
    let (done, left) = (engine.done(), engine.left());
    let connection_left = left.iter().any(of_connection);
    let mut inputs = Model {
        wait_for_ready: config.wait_for_ready,
        force_destroy: config.force_destroy,
        timeouts: config.timeouts.clone(),
        ..prior.clone()
    };
    if done.iter().any(of_connection) && !connection_left {
        inputs.authorization = config.authorization.clone();
        inputs.invocation_http_parameters = config.invocation_http_parameters.clone();
        inputs.description = config.description.clone();
        inputs.kms_key_identifier = config.kms_key_identifier.clone();
    }
    if done.iter().any(|step| of_path(step) || of_connection(step))
        && !connection_left
        && !left.iter().any(of_path)
    {
        inputs.vpc_endpoint_id = config.vpc_endpoint_id.clone();
        inputs.https_endpoint = config.https_endpoint.clone();
        inputs.network = config.network.clone();
        inputs.tags = config.tags.clone();
        inputs.tags_all = config.tags_all.clone();
        inputs.shared_resource_configuration_arn = config.shared_resource_configuration_arn.clone();
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
