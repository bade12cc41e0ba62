//! What each branch of a union says of single values: a place that takes a text or a number has the bounds of both.
//!
//! A value past a bound of its branch speaks for that bound where no other branch takes values of its type. What several
//! branches might take speaks for the union as a whole: whoever reads one of them too loosely takes it, whichever that is.

use serde_json::{Value, json};

use super::places::Walk;
use super::view::View;
use crate::contract::{Assertion, Direction, Edge, Sample, Standing};
use crate::identity::Keyword;
use crate::keyword::{self, Node, NodeJudge, Said};

/// So many branches of a union are told apart.
const MOST_BRANCHES: usize = 8;
/// So many values past one bound of a branch are tried as those of the union.
const MOST_OF_A_BOUND: usize = 1;

/// A branch, with what stands around the union.
struct Branch {
    schema: Value,
    view: View,
}

impl Branch {
    /// The names of the types that it takes; nothing where it may take any.
    fn types(&self) -> Option<Vec<&str>> {
        let listed = || match (self.view.get("const"), self.view.get("enum")) {
            (Some(value), _) => Some(vec![type_of(value)]),
            (None, Some(Value::Array(values))) => Some(values.iter().map(type_of).collect()),
            _ => None,
        };
        self.view.types().or_else(listed)
    }

    fn takes_type_of(&self, value: &Value) -> bool {
        let name = type_of(value);
        self.types()
            .is_none_or(|types| types.iter().any(|other| *other == name || (*other == "number" && name == "integer")))
    }
}

impl Walk<'_, '_> {
    /// Adds to what is said of a union what its branches say.
    pub(super) fn add_branches(
        &mut self,
        view: &View,
        pointer: &str,
        judge: &NodeJudge,
        assertions: &mut Vec<Assertion>,
    ) {
        for whole in [Keyword::OneOf, Keyword::AnyOf] {
            let branches = self.union_of(view, whole);
            if branches.len() < 2 {
                continue;
            }
            let (mut shared, mut has_format): (Vec<Sample>, bool) = (Vec::new(), false);
            let mut told: Vec<bool> = Vec::new();
            for branch in &branches {
                let is_other =
                    |other: &Branch, value: &Value| !std::ptr::eq(other, branch) && other.takes_type_of(value);
                let is_alone =
                    |value: &Value| !branches.iter().any(|other| is_other(other, value)) && !judge.keeps_several(value);
                let mut own = self.of_branch(branch, pointer);
                for one in &mut own {
                    one.inside.retain(|sample| judge.accepts(&sample.value));
                    one.outside.retain(|sample| judge.breaks_only(&sample.value, &[whole.as_str()]));
                    // Of formats not all readers think alike: they are told by themselves, once.
                    let is_format = one.keyword == Keyword::Format && !has_format;
                    let (alone, others): (Vec<Sample>, Vec<Sample>) =
                        std::mem::take(&mut one.outside).into_iter().partition(|sample| {
                            is_alone(&sample.value) || (is_format && !judge.surely_refuses(&sample.value))
                        });
                    one.outside = alone;
                    has_format |= is_format && !one.outside.is_empty();
                    if one.standing.is_firm() {
                        let sure = others.into_iter().filter(|sample| judge.surely_refuses(&sample.value));
                        shared.extend(sure.take(MOST_OF_A_BOUND));
                    }
                }
                told.push(own.iter().any(|one| !one.outside.is_empty()));
                for one in own {
                    join(assertions, one);
                }
            }
            let is_list = |one: &&Assertion| matches!(one.keyword, Keyword::Enum | Keyword::Const);
            let listed: Vec<Sample> = assertions.iter().filter(is_list).flat_map(|one| one.inside.clone()).collect();
            let Some(one) = assertions.iter_mut().find(|one| one.keyword == whole) else { continue };
            // Each value speaks for one keyword.
            one.inside.retain(|sample| listed.iter().all(|other| other.value != sample.value));
            // What only one branch could take speaks for what that branch says.
            one.outside.retain(|sample| {
                let mut takers = branches.iter().zip(&told).filter(|(branch, _)| branch.takes_type_of(&sample.value));
                !matches!((takers.next(), takers.next()), (Some((_, true)), None))
            });
            for sample in shared {
                if one.outside.iter().all(|other| other.value != sample.value) {
                    one.outside.push(Sample { edge: Edge::Unfitting, ..sample });
                }
            }
            if one.standing.is_unprobed() && !one.outside.is_empty() {
                one.standing = Standing::Firm;
            }
        }
    }

    /// The branches of a union of values that are no objects; none where one of them is not understood.
    fn union_of(&self, view: &View, whole: Keyword) -> Vec<Branch> {
        let Some(Value::Array(branches)) = view.get(whole.as_str()) else { return Vec::new() };
        let reading = &*self.reading;
        let is_unsure = view.is_partial
            || branches.len() > MOST_BRANCHES
            || !reading.is_native(&view.keywords, whole.as_str())
            || reading.holds_unread(&view.keywords, whole.as_str());
        if is_unsure {
            return Vec::new();
        }
        let mut rest = view.keywords.clone();
        rest.remove(whole.as_str());
        let branch = |branch: &Value| {
            let schema = json!({ "allOf": [rest, branch] });
            let view = reading.view(&schema);
            let is_known = !view.is_partial
                && !reading.is_loose(&view)
                && reading.is_native(&view.keywords, "type")
                && !view.says("oneOf")
                && !view.says("anyOf");
            is_known.then_some(Branch { schema, view })
        };
        branches.iter().map(branch).collect::<Option<_>>().unwrap_or_default()
    }

    /// What the keywords of a branch say by themselves.
    fn of_branch(&mut self, branch: &Branch, pointer: &str) -> Vec<Assertion> {
        let is_object = branch.types().is_none_or(|types| types.contains(&"object"));
        let Some(judge) = self.judge(&branch.schema, pointer).filter(|_| !is_object) else { return Vec::new() };
        let reading = &*self.reading;
        let samples = reading.samples(&branch.schema, Direction::Request, &|value| judge.accepts(value));
        let array = |count| reading.counted(&branch.view, count);
        let said = Said { keywords: &branch.view.keywords, types: branch.types() };
        let node = Node::of(said, &judge, reading.formats()).with((&samples, &[]), &array, false);
        let mut own = keyword::assertions(&node, &|keyword| keyword == Keyword::Type);
        reading.loosen(&branch.view, &mut own);
        own
    }
}

/// Adds what a branch says to what is said already: the same of two branches is said once.
fn join(assertions: &mut Vec<Assertion>, more: Assertion) {
    if more.inside.is_empty() && more.outside.is_empty() {
        return;
    }
    let known = assertions.iter_mut().find(|one| one.keyword == more.keyword && one.bound == more.bound);
    let Some(known) = known else { return assertions.push(more) };
    for (all, new) in [(&mut known.inside, more.inside), (&mut known.outside, more.outside)] {
        for sample in new {
            if all.iter().all(|other| other.value != sample.value) {
                all.push(sample);
            }
        }
    }
}

/// The JSON Schema name of the narrowest type of a value.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => "integer",
        Value::Number(_) => "number",
    }
}
