//! The services, one folder each.

mod apigateway;
pub(crate) mod ec2;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod lattice;
pub(crate) mod secretsmanager;
pub(crate) mod states;
pub(crate) mod sts;

use std::sync::LazyLock;

use crate::core::registration::Registry;
use crate::dataplane::delivery;
use crate::service::Service;

/// Every service, by one line. One that is not named by its signature is taken to be the first.
pub(crate) static SERVICES: [&Service; 9] = [
    &ec2::SERVICE,
    &lattice::SERVICE,
    &events::SERVICE,
    &states::SERVICE,
    &sts::SERVICE,
    &secretsmanager::SERVICE,
    &kms::SERVICE,
    &iam::SERVICE,
    &apigateway::SERVICE,
];

/// What has a part in the world: the services, and the deliveries on their way.
pub(crate) static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let services = SERVICES.iter().map(|service| service.registration);
    Registry(services.chain([&delivery::REGISTRATION]).collect())
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use regex::Regex;

    use super::*;
    use crate::core::registration::Registration;
    use crate::core::world::Services as _;

    #[test]
    fn no_two_services_share_a_name_on_the_wire_in_a_state_or_on_the_agenda() {
        let dues = |one: &&Registration| {
            let mut dues: Vec<_> = one.changes.iter().flat_map(|change| change.dues()).collect();
            // Several steps of one life cycle may be due under one name.
            dues.dedup();
            dues
        };
        let names = [
            SERVICES.iter().map(|service| service.name()).collect(),
            REGISTRY.kept().iter().map(|kept| kept.key).collect(),
            REGISTRY.0.iter().flat_map(dues).collect::<Vec<_>>(),
        ];
        for names in names {
            let distinct: BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "{names:?}");
        }
    }

    #[test]
    fn operations_are_listed_in_order_and_each_has_a_model_that_can_be_read() {
        for service in SERVICES {
            let names: Vec<_> = service
                .operations
                .iter()
                .map(|operation| operation.name)
                .collect();
            assert!(names.is_sorted(), "{}: {names:?}", service.name());
            assert_eq!(
                service.model.broken(&names),
                Vec::<String>::new(),
                "{}",
                service.name()
            );
        }
    }

    #[test]
    fn every_code_that_a_service_names_stands_in_its_model_or_its_amendments() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/services");
        let code = Regex::new(r#"ApiError::new\(\s*"([^"]+)""#).unwrap();
        let services: [(&str, &Service); 8] = [
            ("apigateway", &apigateway::SERVICE),
            ("events", &events::SERVICE),
            ("iam", &iam::SERVICE),
            ("kms", &kms::SERVICE),
            ("lattice", &lattice::SERVICE),
            ("secretsmanager", &secretsmanager::SERVICE),
            ("states", &states::SERVICE),
            ("sts", &sts::SERVICE),
        ];
        for (folder, service) in services {
            let mut files = vec![sources.join(folder).with_extension("rs")];
            let mut folders = vec![sources.join(folder)];
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() {
                        folders.push(path)
                    } else {
                        files.push(path)
                    }
                }
            }
            let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
            let text: String = texts.collect();
            for named in code.captures_iter(&text) {
                let mut operations = service.operations.iter();
                let is_known = operations
                    .any(|operation| service.model.error_status(operation.name, &named[1]).is_some());
                assert!(is_known, "{folder}: {}", &named[1]);
            }
        }
    }
}
