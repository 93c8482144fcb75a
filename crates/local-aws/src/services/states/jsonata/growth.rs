//! What a single step of an evaluation may make: what can make a long text of short ones is weighed before it does. What
//! many steps make is bounded by the time that an evaluation has. A function that is handed on by its name, as in
//! `$map(list, $pad)`, is not weighed.
//!
//! `$pad` is refused where AWS was recorded to refuse it (stackd, expression_limits). Of the others it is recorded only
//! that they may make more than a payload; they are refused where a small machine would suffer.

use jsonata_core::ast::{AstNode, BinaryOp, Stage};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::functions::string;
use jsonata_core::value::JValue;

use super::wrong;

/// The most characters that `$pad` adds.
const MOST_PADDED: f64 = 262_144.0;

/// The most bytes of a value.
const MOST_BYTES: usize = 16 << 20;

/// What AWS says of too much.
pub(super) const EXCEEDED: &str =
    "Expression evaluation memory limit exceeded: Check for excessive memory usage";

/// The functions that are weighed. The operator `&` is, too.
const GROWING: [&str; 6] = ["fromMillis", "join", "now", "pad", "replace", "string"];

/// The function that weighs. No expression can name it, nor the variables with what it weighs.
const WEIGH: &str = "what is made";

/// Lets an expression weigh before it makes: `a & b` becomes `($1 := a; $2 := b; $weigh("&", $1, $2); $1 & $2)`.
pub(super) fn guard(expression: &mut AstNode) {
    // A list of what is still to be looked at, not a recursion: expressions can be deep.
    let mut open = vec![expression];
    while let Some(node) = open.pop() {
        unchain(node);
        apply(node);
        let Some((what, operands)) = operands(node) else {
            open.extend(children(node));
            continue;
        };
        let names: Vec<AstNode> = (1..=operands.len()).map(variable).collect();
        let made = match node {
            AstNode::Function { .. } => call(&what, names.clone()),
            _ => {
                let joined = names.iter().cloned();
                let joined = joined.reduce(|left, right| binary(BinaryOp::Concatenate, left, right));
                joined.unwrap_or(AstNode::Undefined)
            }
        };
        let assigned = names.iter().cloned().zip(operands);
        let mut steps: Vec<AstNode> = assigned
            .map(|(name, operand)| binary(BinaryOp::ColonEqual, name, operand))
            .collect();
        steps.push(call(WEIGH, [vec![AstNode::String(what)], names].concat()));
        steps.push(made);
        *node = AstNode::Block(steps);
        if let AstNode::Block(steps) = node {
            // The two last ones are of this making.
            let of_operands = steps.len() - 2;
            open.extend(steps[..of_operands].iter_mut().flat_map(children));
        }
    }
}

/// The function or operator that a node calls, and what with, where that is weighed; it is taken out of the node.
fn operands(node: &mut AstNode) -> Option<(String, Vec<AstNode>)> {
    if is_growing(node)
        && let AstNode::Function { name, args, .. } = node
    {
        return Some((name.clone(), std::mem::take(args)));
    }
    // A chain of `&` leans to the left, and is weighed as one.
    let mut all = Vec::new();
    let mut left = node;
    while let AstNode::Binary {
        op: BinaryOp::Concatenate,
        lhs,
        rhs,
    } = left
    {
        all.push(std::mem::replace(&mut **rhs, AstNode::Undefined));
        left = lhs;
    }
    if all.is_empty() {
        return None;
    }
    all.push(std::mem::replace(left, AstNode::Undefined));
    all.reverse();
    Some(("&".to_owned(), all))
}

/// Whether a node calls a function that is weighed.
fn is_growing(node: &AstNode) -> bool {
    matches!(node, AstNode::Function { name, is_builtin: true, .. } if GROWING.contains(&name.as_str()))
}

/// Makes `$pad(?, 9)` the `function($1) { $pad($1, 9) }` that it stands for.
fn apply(node: &mut AstNode) {
    if !is_growing(node) {
        return;
    }
    let AstNode::Function { args, .. } = node else {
        return;
    };
    let mut params = Vec::new();
    for argument in args
        .iter_mut()
        .filter(|argument| **argument == AstNode::Placeholder)
    {
        let name = format!("given {}", params.len() + 1);
        *argument = AstNode::Variable(name.clone());
        params.push(name);
    }
    if !params.is_empty() {
        let body = Box::new(std::mem::replace(node, AstNode::Undefined));
        *node = AstNode::Lambda {
            params,
            body,
            signature: None,
            thunk: false,
        };
    }
}

/// Makes `a ~> $join(b)` the `$join(a, b)` that it stands for.
fn unchain(node: &mut AstNode) {
    let AstNode::Binary {
        op: BinaryOp::ChainPipe,
        lhs,
        rhs,
    } = node
    else {
        return;
    };
    // What has a `?` is a function, which is chained as one.
    if is_growing(rhs)
        && let AstNode::Function { name, args, .. } = &mut **rhs
        && !args.contains(&AstNode::Placeholder)
    {
        args.insert(0, std::mem::replace(&mut **lhs, AstNode::Undefined));
        *node = call(&name.clone(), std::mem::take(args));
    }
}

fn variable(number: usize) -> AstNode {
    AstNode::Variable(format!("weighed {number}"))
}

fn call(name: &str, args: Vec<AstNode>) -> AstNode {
    AstNode::Function {
        name: name.to_owned(),
        args,
        is_builtin: true,
    }
}

fn binary(op: BinaryOp, lhs: AstNode, rhs: AstNode) -> AstNode {
    AstNode::Binary {
        op,
        lhs: Box::new(lhs),
        rhs: Box::new(rhs),
    }
}

/// The expressions that a node is made of.
pub(super) fn children(node: &mut AstNode) -> Vec<&mut AstNode> {
    match node {
        AstNode::Path { steps } => {
            let mut all = Vec::new();
            for step in steps {
                all.push(&mut step.node);
                all.extend(step.stages.iter_mut().filter_map(|stage| match stage {
                    Stage::Filter(filter) => Some(&mut **filter),
                    Stage::KeepArray | Stage::Index(_) => None,
                }));
            }
            all
        }
        AstNode::Binary { lhs, rhs, .. } => vec![lhs, rhs],
        AstNode::Unary { operand: inner, .. }
        | AstNode::Lambda { body: inner, .. }
        | AstNode::FunctionApplication(inner) => vec![inner],
        AstNode::Function { args: items, .. }
        | AstNode::Array(items)
        | AstNode::ArrayGroup(items)
        | AstNode::Block(items) => items.iter_mut().collect(),
        AstNode::Call { procedure, args } => std::iter::once(&mut **procedure).chain(args).collect(),
        AstNode::Object(pairs) => pairs.iter_mut().flat_map(|(name, value)| [name, value]).collect(),
        AstNode::ObjectTransform { input, pattern } => {
            let pairs = pattern.iter_mut().flat_map(|(name, value)| [name, value]);
            std::iter::once(&mut **input).chain(pairs).collect()
        }
        AstNode::Conditional {
            condition,
            then_branch,
            else_branch,
        } => {
            let both: [&mut AstNode; 2] = [condition, then_branch];
            both.into_iter().chain(else_branch.as_deref_mut()).collect()
        }
        AstNode::Sort { input, terms } => {
            let terms = terms.iter_mut().map(|(term, _)| term);
            std::iter::once(&mut **input).chain(terms).collect()
        }
        AstNode::Transform {
            location,
            update,
            delete,
        } => {
            let both: [&mut AstNode; 2] = [location, update];
            both.into_iter().chain(delete.as_deref_mut()).collect()
        }
        AstNode::String(_)
        | AstNode::Name(_)
        | AstNode::Number(_)
        | AstNode::Boolean(_)
        | AstNode::Null
        | AstNode::Undefined
        | AstNode::Placeholder
        | AstNode::Regex { .. }
        | AstNode::Variable(_)
        | AstNode::ParentVariable(_)
        | AstNode::Wildcard
        | AstNode::Descendant
        | AstNode::Parent(_) => Vec::new(),
    }
}

/// Adds the function that weighs.
pub(super) fn add_scale(evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
    evaluator.register_fn(WEIGH, |arguments: &[JValue]| {
        let (what, operands) = arguments.split_first().unwrap_or((&JValue::Undefined, &[]));
        if fits(what.as_str().unwrap_or_default(), operands) {
            Ok(JValue::Undefined)
        } else {
            Err(wrong(EXCEEDED))
        }
    })
}

fn fits(what: &str, operands: &[JValue]) -> bool {
    let text = |at: usize| operands.get(at).and_then(JValue::as_str);
    match (what, operands) {
        ("pad", _) => {
            let there = text(0).map_or(0, |text| text.chars().count());
            let width = operands.iter().find_map(JValue::as_f64).unwrap_or_default();
            width.abs() - there as f64 <= MOST_PADDED
        }
        // The width in a picture: `[Y,100]`.
        ("fromMillis" | "now", _) => {
            let pictures = operands.iter().filter_map(JValue::as_str);
            let mut numbers = pictures.flat_map(|picture| picture.split(|c: char| !c.is_ascii_digit()));
            numbers.all(|number| number.len() <= 4)
        }
        ("join", [JValue::Array(items), ..]) => {
            let between = text(1).map_or(0, str::len).saturating_mul(items.len());
            between.saturating_add(weight(operands)) <= MOST_BYTES
        }
        ("replace", [JValue::String(within), pattern, JValue::String(by), ..]) => {
            // How often it is found is the difference that one character makes.
            let length = |by: &str| {
                let replaced = string::replace(within, pattern, by, None).ok()?;
                replaced.as_str().map(str::len)
            };
            let found = length("-").zip(length("")).map_or(0, |(one, none)| one - none);
            // Each `$` may stand for all that was found.
            let quoted = by.matches('$').count().saturating_mul(within.len());
            let made = found.saturating_mul(by.len()).saturating_add(quoted);
            made.saturating_add(within.len()) <= MOST_BYTES
        }
        _ => weight(operands) <= MOST_BYTES,
    }
}

/// Whether a value is small enough to be written out.
pub(super) fn is_bearable(value: &JValue) -> bool {
    weight(std::slice::from_ref(value)) <= MOST_BYTES
}

/// About how many bytes values are as JSON; one that is more than is borne is not weighed to its end. Values share their
/// parts, so that a small one can be long.
fn weight(values: &[JValue]) -> usize {
    let mut open: Vec<&JValue> = values.iter().collect();
    let mut bytes = 0_usize;
    while let Some(value) = open.pop() {
        bytes += 8;
        match value {
            JValue::String(text) => bytes += text.len(),
            JValue::Array(items) => open.extend(items.iter()),
            JValue::Object(members) => {
                bytes += members.keys().map(String::len).sum::<usize>();
                open.extend(members.values());
            }
            _ => {}
        }
        if bytes > MOST_BYTES {
            break;
        }
    }
    bytes
}
