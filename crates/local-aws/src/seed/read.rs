//! Reading a seed: what is wrong in it is told with its place.

use crate::seed::document::SeedDocument;
use crate::seed::mocks::Mocks;
use crate::seed::{check, text};

impl SeedDocument {
    /// Reads a seed, JSON or YAML.
    ///
    /// # Errors
    /// A text that names the field that is wrong, and its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Self = text::read(text)?;
        check::document(&document).map_err(|wrong| text::placed(text, wrong))?;
        Ok(document)
    }

    /// Takes what stands for tasks of state machines from the text of a file, JSON or YAML, in the shape of Step
    /// Functions Local's `MockConfigFile.json`.
    ///
    /// # Errors
    /// A text that names the field that is wrong, and its line where there is one.
    pub fn mock(&mut self, text: &str) -> Result<(), String> {
        let mocks: Mocks = text::read(text)?;
        mocks.check().map_err(|wrong| text::placed(text, wrong))?;
        self.mocks = mocks;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_document_is_refused_with_field_and_line() {
        let vpc = "vpcs: [{ name: v, cidr_blocks: [10.0.0.0/16], subnets: [{ name: a, zone: a, cidr_block: 10.0.0.0/24 }] }]";
        for (text, parts) in [
            (
                "vpcs:\n  - name: v\n    cidr: x\n".to_owned(),
                &["cidr", "line 3"][..],
            ),
            (
                "{\n \"vpcs\": [\n  {\"name\": 7}]}".to_owned(),
                &["vpcs[0].name", "line 3"],
            ),
            (
                "vpcs:\n  - name: v\n    cidr_blocks: [10.0.0.1/16]\n".to_owned(),
                &["vpcs[0].cidr_blocks[0]: 10.0.0.1/16 has host bits", "10.0.0.0/16", "line 3"],
            ),
            (
                format!("{vpc}\nendpoints: [{{ name: e, vpc: w }}]"),
                &["endpoints[0].vpc: there is no VPC 'w'", "line 2, column 24"],
            ),
            (
                format!("{vpc}\nendpoints:\n  - name: e\n    vpc: v\n    subnets: [a, b]"),
                &["endpoints[0].subnets[1]: there is no subnet 'b'", "line 5"],
            ),
            (
                format!("{vpc}\nendpoints: [{{ name: e, vpc: v }},\n  {{ name: e, vpc: v }}]"),
                &["endpoints[1].name: 'e' is that of endpoints[0], too", "line 3"],
            ),
            (
                "apis:\n  - { name: a, id: abcdefghij }\n  - { name: b, id: abcdefghij }".to_owned(),
                &["apis[1].id: 'abcdefghij' is that of apis[0].id, too", "line 3"],
            ),
            (
                "{\"apis\": [{\"name\": \"a\",\n \"id\": \"A\"}]}".to_owned(),
                &["apis[0].id: 'A' is not 10 lower-case letters", "line 2"],
            ),
            (
                "vpcs:\n- name: v\n  cidr_blocks: [10.0.0.0/16]\n  subnets:\n  - { name: a, zone: a, cidr_block: 10.1.0.0/24 }".to_owned(),
                &["vpcs[0].subnets[0].cidr_block: 10.1.0.0/24 is not inside", "line 5"],
            ),
            (
                "vpcs:\n- name: v\n  cidr_blocks: [10.0.0.0/16]\n  subnets:\n  - { name: a, zone: a, cidr_block: 10.0.0.0/24 }\n  - { name: b, zone: b, cidr_block: 10.0.0.0/25 }".to_owned(),
                &["vpcs[0].subnets[1].cidr_block: 10.0.0.0/25 overlaps with the subnet 'a'", "line 6"],
            ),
            (
                "vpcs:\n- name: v\n  cidr_blocks: [10.0.0.0/16, 10.0.1.0/24]".to_owned(),
                &["vpcs[0].cidr_blocks[1]: 10.0.1.0/24 overlaps with 10.0.0.0/16", "line 3"],
            ),
            (
                "vpcs:\n- name: v\n  cidr_blocks: [10.0.0.0/16]\n  security_groups:\n  - name: g\n    ingress: [{ ports: \"443\" },\n      { ports: \"9-1\" }]".to_owned(),
                &["vpcs[0].security_groups[0].ingress[1].ports: '9-1'", "line 7"],
            ),
            (
                "apis:\n  - name: a\n    routes:\n      - path: /x\n        response: { status: ok }\n"
                    .to_owned(),
                &["apis[0].routes[0].response.status", "line 5"],
            ),
            (
                "apis: [{ name: a, routes: [{ path: x }] }]".to_owned(),
                &["apis[0].routes[0].path", "line 1"],
            ),
            (
                "apis:\n- name: a\n  routes:\n  - path: /x\n    auth: [{ api_key: { header: 'x y' } }]".to_owned(),
                &["apis[0].routes[0].auth[0].api_key.header: 'x y'", "line 5"],
            ),
            (
                "apis:\n- name: a\n  policy:\n    Statement:\n    - { Effect: Maybe }".to_owned(),
                &["apis[0].policy.Statement[0].Effect: is neither", "line 5"],
            ),
            (
                "hosts:\n- name: h\n  domain_name: h.example.com\n  routes: [{ path: /, upstream: 'http://example.com' }]".to_owned(),
                &["hosts[0].routes[0].upstream:", "line 4"],
            ),
            ("roles:\n- a\n- { name: a }".to_owned(), &["roles[1]: 'a' is that of roles[0], too", "line 3"]),
            (
                "hosts: [{ name: h, domain_name: h.example.com }]\nshared_configurations:\n- { name: s, owner: '210987654321', to: h, port_ranges: ['443', x] }".to_owned(),
                &["shared_configurations[0].port_ranges[1]: 'x'", "line 3"],
            ),
            (
                "mocks:\n  StateMachines:\n    m:\n      TestCases: { Default: { S: r } }".to_owned(),
                &["mocks.StateMachines.m.TestCases.Default.S: there is no 'r'", "line 4"],
            ),
            ("\n\naccount_id: \"1\"".to_owned(), &["account_id: '1'", "line 3"]),
            ("vpcs: [".to_owned(), &["line 1"]),
        ] {
            let error = SeedDocument::parse(&text).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{text}\n{error}");
        }
    }
}
