//! The keywords of JSON Schema as families: what belongs together is one file.
//!
//! No keyword makes a value alone: pattern, length and format all constrain one text. So a family does two things. It *narrows*
//! the domain of a place by what its keywords demand, and it *proposes* values for both sides of each keyword: drawn from what
//! all families together leave, and from the same with its own demand turned round. Which rule a proposal breaks is not the
//! family's to say: the judge reads the errors of a validator, and what breaks more than the one keyword is dropped.
//!
//! To add a keyword: a line in `identity/keyword.rs`, a file here that implements [`Family`], and a line in [`FAMILIES`].
//! Nothing here knows a document, a request or a target.

mod array;
mod composed;
mod contains;
mod decimal;
mod format;
mod judge;
mod listed;
mod names;
mod number;
mod object;
mod pattern;
mod text;
mod types;

use std::ops::Deref;

use serde_json::{Map, Value};

use crate::contract::{Assertion, Edge, Sample, Standing};
use crate::identity::Keyword;
pub(crate) use format::Certainty;
pub(crate) use judge::NodeJudge;
pub(crate) use names::are_forbidden;
use number::Numbers;
use text::Texts;

/// Every family, in the order in which their rules are listed.
const FAMILIES: [&dyn Family; 10] = [
    &types::Types,
    &text::Lengths,
    &pattern::Patterns,
    &format::Formats,
    &number::Bounds,
    &listed::Listed,
    &array::Arrays,
    &contains::Held,
    &object::Objects,
    &composed::Composed,
];

/// So many values of each side of a keyword are kept.
const MOST_SAMPLES: usize = 4;

/// What the schema of one place says.
pub(crate) struct Said<'a> {
    /// Its keywords, references followed and the parts of `allOf` put together.
    pub(crate) keywords: &'a Map<String, Value>,
    /// The types that it allows; nothing where it allows all.
    pub(crate) types: Option<Vec<&'a str>>,
}

/// What the schema of one place says, who judges values of it, and what is known of it.
pub(crate) struct Node<'a> {
    pub(crate) said: Said<'a>,
    /// What all families leave of the values there.
    domain: Domain,
    /// Who says what is legal.
    judge: &'a NodeJudge,
    /// Legal values that are known, the usual one first.
    samples: &'a [Value],
    /// Values that may be illegal: made up of what must not hold, or of what makes something else hold.
    doubtful: &'a [Value],
    /// An array with so many elements, as different as they must be; nothing where none can be made up.
    array: &'a dyn Fn(usize) -> Option<Value>,
    /// What the document's edition makes of formats.
    formats: Certainty,
    /// Whether the places below it are those of one branch of its schema: what breaks that branch is theirs.
    is_branch: bool,
}

impl<'a> Node<'a> {
    /// What is said of single values, which a judge knows.
    pub(crate) fn of(said: Said<'a>, judge: &'a NodeJudge, formats: Certainty) -> Self {
        let domain = said.domain();
        Self { said, domain, judge, samples: &[], doubtful: &[], array: &|_| None, formats, is_branch: false }
    }

    /// The same with legal values that are known, and a maker of arrays.
    pub(crate) fn with(
        self,
        (samples, doubtful): (&'a [Value], &'a [Value]),
        array: &'a dyn Fn(usize) -> Option<Value>,
        is_branch: bool,
    ) -> Self {
        Self { samples, doubtful, array, is_branch, ..self }
    }

    /// The objects that are known, the largest last: legal ones, and one with every member where there may not be so many.
    fn objects(&self) -> Vec<&'a Map<String, Value>> {
        let known = self.samples.iter().chain(self.doubtful);
        let mut objects: Vec<&Map<String, Value>> = known.filter_map(Value::as_object).collect();
        objects.sort_by_key(|object| object.len());
        objects
    }
}

/// What all families of a place leave of the values that it may hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Domain {
    /// The only values, where they are listed.
    pub(crate) set: Option<Vec<Value>>,
    /// What a text must look like.
    pub(crate) texts: Texts,
    /// Where a number must lie.
    pub(crate) numbers: Numbers,
}

/// Keywords that belong together.
trait Family: Sync {
    /// The keywords that it knows.
    fn keywords(&self) -> &'static [Keyword];

    /// Takes out of a domain what its keywords forbid.
    fn narrow(&self, _said: &Said<'_>, _domain: &mut Domain) {}

    /// What its keywords say at a place, with proposals for both sides of each.
    fn propose(&self, node: &Node<'_>) -> Vec<Proposal>;
}

/// What a keyword says, and values that may stand on its sides: the judge has not seen them yet.
struct Proposal {
    keyword: Keyword,
    bound: Value,
    /// What the validator calls what is broken, where that is not the keyword.
    broken: &'static [&'static str],
    /// Whether what it refuses must be refused.
    standing: Standing,
    inside: Vec<Sample>,
    outside: Vec<Sample>,
    /// So many of what is outside are kept.
    most: usize,
}

impl Proposal {
    fn of(keyword: Keyword, bound: &Value) -> Self {
        let (inside, outside) = (Vec::new(), Vec::new());
        let most = MOST_SAMPLES;
        Self { keyword, bound: bound.clone(), broken: &[], standing: Standing::Firm, inside, outside, most }
    }

    fn inside(&mut self, edge: Edge, what: impl Into<String>, value: impl Into<Value>) {
        self.inside.push(Sample { edge, what: what.into(), value: value.into() });
    }

    fn outside(&mut self, edge: Edge, what: impl Into<String>, value: impl Into<Value>) {
        self.outside.push(Sample { edge, what: what.into(), value: value.into() });
    }
}

impl<'a> Deref for Node<'a> {
    type Target = Said<'a>;

    fn deref(&self) -> &Said<'a> {
        &self.said
    }
}

impl Said<'_> {
    /// What the keyword says; nothing where it is not there.
    fn get(&self, keyword: Keyword) -> Option<&Value> {
        self.keywords.get(keyword.as_str())
    }

    fn count(&self, keyword: Keyword) -> Option<usize> {
        crate::contract::whole(self.get(keyword)?).and_then(|count| usize::try_from(count).ok())
    }

    /// Whether values of this type are legal.
    fn allows(&self, name: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&name))
    }

    /// What all families leave.
    fn domain(&self) -> Domain {
        let mut domain = Domain::default();
        for family in FAMILIES {
            family.narrow(self, &mut domain);
        }
        domain
    }
}

/// What the validator may call what breaks a keyword.
pub(crate) fn names_of(keyword: Keyword) -> Vec<&'static str> {
    match keyword {
        // The format of an integer is a range to the judge.
        Keyword::Format => vec!["format", "minimum", "maximum"],
        Keyword::UnknownMember => vec!["additionalProperties"],
        keyword => vec![keyword.as_str()],
    }
}

/// Whether some text of a document must have a format.
#[cfg(feature = "cli")]
pub(crate) fn has_text_formats(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let is_text = members.get("type").is_some_and(|name| name == "string");
            let format = members.get("format").and_then(Value::as_str);
            (is_text && format.is_some_and(is_format)) || members.values().any(has_text_formats)
        }
        Value::Array(elements) => elements.iter().any(has_text_formats),
        _ => false,
    }
}

/// Whether a format is known.
pub(crate) fn is_format(name: &str) -> bool {
    format::Format::of(name).is_some()
}

/// The least and the greatest integer of a format; nothing where it is none of integers.
pub(crate) fn integers_of(format: &str) -> Option<(i64, i64)> {
    match format {
        "int32" => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        "int64" => Some((i64::MIN, i64::MAX)),
        _ => None,
    }
}

/// Every keyword of which a family knows.
pub(crate) fn all() -> impl Iterator<Item = Keyword> {
    FAMILIES.into_iter().flat_map(Family::keywords).copied()
}

/// What the keywords of a place say, each with values that the judge puts on its sides; those that `is_modelled` are left out.
pub(crate) fn assertions(node: &Node<'_>, is_modelled: &dyn Fn(Keyword) -> bool) -> Vec<Assertion> {
    let proposals = FAMILIES.into_iter().flat_map(|family| family.propose(node));
    let proposals = proposals.filter(|proposal| !is_modelled(proposal.keyword));
    let mut assertions: Vec<Assertion> = proposals.map(|proposal| judged(proposal, node)).collect();
    settle_overlaps(&mut assertions);
    assertions
}

/// Values of a scalar that are probably legal, the plainest first: what all families leave.
pub(crate) fn drawn(said: &Said<'_>) -> Vec<Value> {
    let domain = said.domain();
    let set = domain.set.clone().into_iter().flatten();
    let texts = said.allows("string").then(|| domain.texts.drawn()).into_iter().flatten().map(Value::String);
    let is_number = said.allows("number") || said.allows("integer");
    let numbers = is_number.then(|| domain.numbers.drawn()).into_iter().flatten();
    set.chain(texts).chain(numbers).collect()
}

/// So many different values of a text or a number, or fewer where no more are found.
pub(crate) fn drawn_many(said: &Said<'_>, count: usize) -> Vec<Value> {
    let domain = said.domain();
    let mut all: Vec<Value> = Vec::new();
    let texts = said.allows("string").then(|| domain.texts.many(count)).into_iter().flatten().map(Value::String);
    let is_number = said.allows("number") || said.allows("integer");
    let numbers = is_number.then(|| domain.numbers.many(count)).into_iter().flatten();
    for value in domain.set.clone().unwrap_or_else(|| drawn(said).into_iter().chain(texts).chain(numbers).collect()) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// A proposal without the values that the judge does not put where they were thought to be.
fn judged(proposal: Proposal, node: &Node<'_>) -> Assertion {
    let Proposal { keyword, bound, broken, standing, inside, outside, most } = proposal;
    let names: Vec<&str> = broken.iter().copied().chain([keyword.as_str()]).collect();
    let most = if matches!(keyword, Keyword::Enum | Keyword::Const) { usize::MAX } else { most };
    let inside = kept(inside, most.max(2 * MOST_SAMPLES), |value| node.judge.accepts(value));
    // Only of the format itself is a format what decides.
    let is_sure = |value: &Value| keyword == Keyword::Format || node.judge.surely_refuses(value);
    let outside = kept(outside, most, |value| node.judge.breaks_only(value, &names) && is_sure(value));
    let standing = match standing {
        Standing::Firm | Standing::Disputed(_) if inside.is_empty() && outside.is_empty() => {
            Standing::Unprobed("no value was found that keeps or breaks it alone".to_owned())
        }
        standing => standing,
    };
    Assertion { keyword, bound, standing, inside, outside }
}

/// Each value speaks for one keyword: what stands on a bound for that bound, what is listed for the list.
fn settle_overlaps(assertions: &mut [Assertion]) {
    let is_list = |one: &Assertion| matches!(one.keyword, Keyword::Enum | Keyword::Const);
    let has_list = assertions.iter().any(is_list);
    let on_bounds: Vec<Value> = assertions
        .iter()
        .flat_map(|one| one.inside.iter().filter(|sample| sample.edge == Edge::Bound))
        .map(|sample| sample.value.clone())
        .collect();
    for one in assertions.iter_mut().filter(|one| !is_list(one)) {
        if has_list && !matches!(one.keyword, Keyword::OneOf | Keyword::AnyOf | Keyword::Not | Keyword::If) {
            one.standing = Standing::Unprobed("which values are legal is said by those that are listed".to_owned());
            one.inside.clear();
            one.outside.clear();
        }
        one.inside.retain(|sample| sample.edge == Edge::Bound || !on_bounds.contains(&sample.value));
        one.inside.truncate(MOST_SAMPLES);
    }
}

fn kept(samples: Vec<Sample>, most: usize, is_there: impl Fn(&Value) -> bool) -> Vec<Sample> {
    let mut kept: Vec<Sample> = Vec::new();
    for sample in samples {
        if kept.len() < most && kept.iter().all(|other| other.value != sample.value) && is_there(&sample.value) {
            kept.push(sample);
        }
    }
    kept
}
