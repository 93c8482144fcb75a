//! Makes a piece of configuration stand alone: what is of other providers is left out or becomes a value that nobody
//! knows yet, and what is only hinted at is filled in. Lines stay where they are, but for those that fill in.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::visit::{Visit, visit_attr, visit_block, visit_traversal};

/// A module whose files can be validated with one provider.
#[derive(Default)]
pub struct Standalone {
    /// The texts, in the order in which they were given.
    pub texts: Vec<String>,
    /// What they refer to and do not have.
    pub filling: String,
    /// For each text the lines after which others were put in, and how many: what a resource leaves out with a comment
    /// `# …`.
    pub added: Vec<Added>,
    /// The variables that a caller has to give.
    pub variables: BTreeSet<String>,
}

/// Lines of a text, from 1, after which so many lines were put in; in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added(Vec<(usize, usize)>);

impl Added {
    /// The line of the original text of a line of the one with more.
    pub fn original(&self, line: usize) -> usize {
        let mut original = line;
        for &(after, count) in &self.0 {
            if original > after {
                original = after.max(original.saturating_sub(count));
            }
        }
        original
    }
}

/// The variable that stands for everything of other providers.
const FOREIGN: &str = "of_another_provider";

/// The comment that stands for arguments which are not shown.
const HINT: &str = "# …";

/// What `calls_modules` says is whether folders that the texts call as modules are there.
///
/// # Errors
/// A text is no HCL: its index, the line and what the parser says.
pub fn standalone(texts: &[&str], calls_modules: bool) -> Result<Standalone, (usize, usize, String)> {
    let mut bodies = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        let parsed = hcl_edit::parser::parse_body(text);
        let wrong = |error: hcl_edit::parser::Error| (i, error.location().line(), error.message().to_owned());
        bodies.push(parsed.map_err(wrong)?);
    }
    let declared = Declared::of(&bodies, calls_modules);
    let mut module = Standalone {
        variables: declared.variables.clone(),
        ..Standalone::default()
    };
    for (text, body) in texts.iter().zip(&bodies) {
        let mut edits = Edits {
            declared: &declared,
            text,
            found: Vec::new(),
            variables: BTreeSet::new(),
        };
        edits.visit_body(body);
        let added = hinted_at(text, body, calls_modules);
        let lines = added
            .iter()
            .map(|(at, lines)| (text[..*at].matches('\n').count() + 1, lines.matches('\n').count()));
        module.added.push(Added(lines.collect()));
        edits
            .found
            .extend(added.into_iter().map(|(at, lines)| (at..at, lines)));
        module.variables.append(&mut edits.variables);
        module.texts.push(edits.applied());
    }
    for name in module.variables.difference(&declared.variables) {
        let _ = writeln!(module.filling, "variable \"{name}\" {{}}");
    }
    if !declared.provider {
        module.filling += "terraform {\n  required_providers {\n    private = { source = \"private-api/private\" }\n  }\n}\n";
    }
    Ok(module)
}

/// What the texts declare.
#[derive(Default)]
struct Declared {
    variables: BTreeSet<String>,
    locals: BTreeSet<String>,
    /// `private_api_path.internal`, `module.orders`.
    addresses: BTreeSet<String>,
    provider: bool,
    /// Whether folders that are called as modules are there.
    calls_modules: bool,
}

impl Declared {
    fn of(bodies: &[Body], calls_modules: bool) -> Self {
        let mut declared = Self {
            calls_modules,
            ..Self::default()
        };
        for block in bodies.iter().flat_map(Body::blocks) {
            let label = |i: usize| block.labels.get(i).map_or("", |label| label.as_str());
            match block.ident.as_str() {
                "variable" => drop(declared.variables.insert(label(0).to_owned())),
                "locals" => {
                    let names = block.body.attributes().map(|local| local.key.as_str().to_owned());
                    declared.locals.extend(names);
                }
                "resource" => drop(declared.addresses.insert(format!("{}.{}", label(0), label(1)))),
                "module" if !is_foreign(block, calls_modules) => {
                    declared.addresses.insert(format!("module.{}", label(0)));
                }
                "terraform" => {
                    declared.provider |= block
                        .body
                        .get_blocks("required_providers")
                        .any(|all| all.body.has_attribute("private"));
                }
                _ => {}
            }
        }
        declared
    }
}

/// Whether a top-level block is nothing that can be validated here.
fn is_foreign(block: &Block, calls_modules: bool) -> bool {
    let label = block.labels.first().map_or("", |label| label.as_str());
    match block.ident.as_str() {
        "resource" | "data" => !label.starts_with("private_"),
        // Only newer CLIs know actions and lists.
        "ephemeral" | "action" | "list" => true,
        "provider" => label != "private",
        "module" => {
            !calls_modules
                || !block.body.get_attribute("source").is_some_and(|source| {
                    source
                        .value
                        .as_str()
                        .is_some_and(|source| source.starts_with('.'))
                })
        }
        "moved" | "removed" => block.body.attributes().any(|attribute| {
            attribute
                .value
                .as_traversal()
                .is_some_and(|to| !root(to).starts_with("private_"))
        }),
        _ => false,
    }
}

fn root(traversal: &Traversal) -> &str {
    match &traversal.expr {
        Expression::Variable(name) => name.as_str(),
        _ => "",
    }
}

/// `b` of `a.b`.
fn second(traversal: &Traversal) -> &str {
    match traversal.operators.first().map(|operator| operator.value()) {
        Some(TraversalOperator::GetAttr(name)) => name.as_str(),
        _ => "",
    }
}

struct Edits<'a> {
    declared: &'a Declared,
    text: &'a str,
    found: Vec<(Range<usize>, String)>,
    /// The variables that are referred to.
    variables: BTreeSet<String>,
}

impl Edits<'_> {
    fn leave_out(&mut self, what: &impl Span) {
        let span = what.span().expect("what was parsed has its place");
        let lines = self.text[span.clone()].matches('\n').count();
        self.found.push((span, "\n".repeat(lines)));
    }

    fn is_foreign(&self, traversal: &Traversal) -> bool {
        let (root, second) = (root(traversal), second(traversal));
        match root {
            "data" => !second.starts_with("private_"),
            "ephemeral" => true,
            "local" => !self.declared.locals.contains(second),
            "var" | "each" | "count" | "self" | "path" | "terraform" => false,
            // What a `for` binds has a name without underscores in these pages; a resource type has one.
            _ if root == "module" || root.contains('_') => {
                !self.declared.addresses.contains(&format!("{root}.{second}")) || !root_is_ours(root)
            }
            _ => false,
        }
    }

    fn applied(mut self) -> String {
        self.found.sort_by_key(|(span, _)| span.start);
        let mut text = String::new();
        let mut at = 0;
        for (span, instead) in self.found {
            if span.start >= at {
                text += &self.text[at..span.start];
                text += &instead;
                at = span.end;
            }
        }
        text + &self.text[at..]
    }
}

fn root_is_ours(root: &str) -> bool {
    root == "module" || root.starts_with("private_")
}

impl Visit for Edits<'_> {
    fn visit_block(&mut self, block: &Block) {
        if is_foreign(block, self.declared.calls_modules) {
            self.leave_out(block);
        } else if block.ident.as_str() == "required_providers" {
            for other in block
                .body
                .attributes()
                .filter(|provider| provider.key.as_str() != "private")
            {
                self.leave_out(other);
            }
        } else if !matches!(block.ident.as_str(), "moved" | "removed" | "import") {
            visit_block(self, block);
        }
    }

    fn visit_attr(&mut self, attribute: &Attribute) {
        if matches!(attribute.key.as_str(), "depends_on" | "replace_triggered_by") {
            let all = attribute.value.as_array();
            let foreign = all.is_some_and(|all| {
                all.iter()
                    .filter_map(Expression::as_traversal)
                    .any(|one| self.is_foreign(one))
            });
            if foreign {
                self.leave_out(attribute);
            }
            return;
        }
        visit_attr(self, attribute);
    }

    fn visit_traversal(&mut self, traversal: &Traversal) {
        if self.is_foreign(traversal) {
            let span = traversal.span().expect("what was parsed has its place");
            self.found.push((span, format!("var.{FOREIGN}")));
            self.variables.insert(FOREIGN.to_owned());
        } else {
            if root(traversal) == "var" {
                self.variables.insert(second(traversal).to_owned());
            }
            visit_traversal(self, traversal);
        }
    }
}

/// For each resource of ours with a comment `# …`: where the comment ends, and the arguments that the resource has to have
/// and leaves out, each after a line break.
fn hinted_at(text: &str, body: &Body, calls_modules: bool) -> Vec<(usize, String)> {
    let ours = body
        .get_blocks("resource")
        .filter(|block| !is_foreign(block, calls_modules));
    let hints = ours.filter_map(|block| {
        let span = block.span().expect("what was parsed has its place");
        let at = span.start + text[span].find(HINT)? + HINT.len();
        let has = |argument: &str| block.body.has_attribute(argument);
        let mut lines = String::new();
        if !has("name") {
            lines += "\n  name = \"orders\"";
        }
        if !has("vpc_endpoint_id") && !has("https_endpoint") && !has("shared_resource_configuration_arn") {
            lines += "\n  vpc_endpoint_id = \"vpce-0123456789abcdef0\"";
        }
        if block.labels[0].as_str() == "private_api_invocation" && !has("authorization") {
            lines += "\n  authorization = { none = {} }";
        }
        Some((at, lines))
    });
    hints.collect()
}

#[test]
fn lines_stay_and_what_is_foreign_goes() {
    let text = "resource \"aws_vpc\" \"a\" {\n  cidr = \"10.0.0.0/16\"\n}\n\nresource \"private_api_path\" \"a\" {\n  name            = \
                \"a-${aws_vpc.a.id}\"\n  vpc_endpoint_id = var.id\n  # …\n  depends_on = [aws_vpc.a]\n}\n\nresource \"private_api_invocation\" \"b\" {\n  # …\n  name = \"b\"\n}\n";
    let module = standalone(&[text], false).unwrap_or_else(|error| panic!("{error:?}"));
    let expected = "\n\n\n\nresource \"private_api_path\" \"a\" {\n  name            = \
                    \"a-${var.of_another_provider}\"\n  vpc_endpoint_id = var.id\n  # …\n  \n}\n\nresource \
                    \"private_api_invocation\" \"b\" {\n  # …\n  vpc_endpoint_id = \"vpce-0123456789abcdef0\"\n  \
                    authorization = { none = {} }\n  name = \"b\"\n}\n";
    assert_eq!(module.texts, [expected]);
    assert_eq!(module.variables, ["id", FOREIGN].map(str::to_owned).into());
    let original = |line| module.added[0].original(line);
    assert_eq!(
        [1, 8, 13, 14, 15, 16, 17].map(original),
        [1, 8, 13, 13, 13, 14, 15]
    );
}
