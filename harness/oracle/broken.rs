//! What of a documented answer a body breaks: the validator's errors, told as places and keywords.
//!
//! Of one value one thing is told: its type before all else, what is listed before bounds. Below several branches it is told of
//! the one that the value is meant to be, as far as that shows; else the branches as a whole are broken.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::cursor::Cursor;
use crate::json::{Document, GapKind};
use crate::rule::{Keyword, Step};

/// So many errors of one body are looked at, and so many rules told of it: of more, most are alike.
const MOST_ERRORS: usize = 10_000;
const MOST_TOLD: usize = 2_000;

/// A rule of a documented answer that a value breaks.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) node: Vec<Step>,
    pub(super) keyword: Keyword,
    /// What the contract says.
    pub(super) bound: Value,
    /// Where it says so.
    pub(super) source: String,
    /// What was seen.
    pub(super) observed: String,
}

/// What a body breaks, each rule once, and what makes it uncertain whether it breaks more.
pub(super) fn broken(schema: &Validator, document: &Document, root: &Cursor<'_>) -> (Vec<Broken>, Option<GapKind>) {
    let mut doubt = document.gaps.iter().map(|gap| gap.kind).find(|kind| *kind == GapKind::Depth);
    let mut errors: Vec<ValidationError<'_>> = schema.iter_errors(&document.value).take(MOST_ERRORS).collect();
    errors.retain(|error| match document.doubt(error.instance_path().as_str(), error.kind().keyword()) {
        None => true,
        uncertain => {
            doubt = uncertain;
            false
        }
    });
    let meant: Vec<&ValidationError<'_>> = errors.iter().flat_map(|error| meant(error, root)).collect();
    let mut best: HashMap<&str, u8> = HashMap::new();
    for error in &meant {
        let rank = rank(error);
        best.entry(error.instance_path().as_str()).and_modify(|best| *best = rank.min(*best)).or_insert(rank);
    }
    let mut told = Told::default();
    for error in meant {
        let is_told = match best.get(error.instance_path().as_str()) {
            Some(0) => rank(error) == 0,
            Some(1) => rank(error) != 2,
            _ => true,
        };
        if is_told {
            told.add(error, root);
        }
    }
    (told.all(), doubt)
}

/// What is told of a value before what else: a value of another type breaks most of what is said of the right one.
fn rank(error: &ValidationError<'_>) -> u8 {
    match error.kind() {
        ValidationErrorKind::Type { .. } => 0,
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => 1,
        ValidationErrorKind::Required { .. }
        | ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::UnevaluatedProperties { .. } => 3,
        _ => 2,
    }
}

/// The errors that tell what is wrong: those of the branch that a value is meant to be, in place of its branches'.
fn meant<'e>(error: &'e ValidationError<'_>, root: &Cursor<'_>) -> Vec<&'e ValidationError<'e>> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return vec![error];
    };
    let path = error.evaluation_path().as_str();
    let schema = root.clone().along(path).map(|(cursor, _)| cursor.here);
    let tagged = schema.and_then(|schema| tagged(schema, error.instance()));
    let chosen = tagged.and_then(|number| context.get(number)).or_else(|| nearest(error, context));
    match chosen {
        Some(errors) if !errors.is_empty() => errors.iter().flat_map(|error| meant(error, root)).collect(),
        _ => vec![error],
    }
}

/// The branch that a value names by the member that is there for it.
pub(super) fn tagged(schema: &Value, value: &Value) -> Option<usize> {
    let discriminator = schema.get("discriminator")?;
    let tag = value.get(discriminator.get("propertyName")?.as_str()?)?.as_str()?;
    let number = discriminator.get("branches")?.get(tag)?.as_u64()?;
    usize::try_from(number).ok()
}

/// The one branch of which a value breaks the least, and of those that break as little what stands deepest in it, among those that
/// it could be: of its type, and with the values that are there to tell branches apart.
fn nearest<'e>(
    error: &ValidationError<'_>,
    branches: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e Vec<ValidationError<'static>>> {
    let here = error.instance_path().as_str();
    let is_other = |inner: &ValidationError<'_>| {
        let below = inner.instance_path().as_str().strip_prefix(here).unwrap_or_default();
        match inner.kind() {
            ValidationErrorKind::Type { .. } | ValidationErrorKind::FalseSchema => below.is_empty(),
            ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => below.matches('/').count() < 2,
            _ => false,
        }
    };
    let possible: Vec<_> = branches.iter().filter(|errors| !errors.iter().any(is_other)).collect();
    let depth = |errors: &[ValidationError<'_>]| {
        errors.iter().map(|inner| inner.instance_path().as_str().matches('/').count()).min().unwrap_or_default()
    };
    let rank = |errors: &[ValidationError<'_>]| (errors.len(), Reverse(depth(errors)));
    let least = possible.iter().map(|errors| rank(errors)).min()?;
    let mut best = possible.into_iter().filter(|errors| rank(errors) == least);
    best.next().filter(|_| best.next().is_none())
}

/// What is told of a body so far.
#[derive(Default)]
struct Told {
    all: Vec<Broken>,
    /// The members that an object lacks, by where it stands and where that is said: what is told of them.
    missing: BTreeMap<(String, String), Vec<usize>>,
    /// The rules that are told already.
    known: HashMap<(String, Keyword, Option<String>), usize>,
}

impl Told {
    fn add(&mut self, error: &ValidationError<'_>, root: &Cursor<'_>) {
        let Some(broken) = read(error, root) else { return };
        let member = match (broken.keyword, broken.node.last()) {
            (Keyword::Required, Some(Step::Member(name))) => Some(name.to_string()),
            _ => None,
        };
        let object = member.is_some().then(|| (error.instance_path().as_str().to_owned(), broken.source.clone()));
        let key = (broken.source.clone(), broken.keyword, member);
        let number = match self.known.get(&key) {
            Some(number) => *number,
            None if self.all.len() >= MOST_TOLD => return,
            None => {
                self.known.insert(key, self.all.len());
                self.all.push(broken);
                self.all.len() - 1
            }
        };
        if let Some(object) = object {
            self.missing.entry(object).or_default().push(number);
        }
    }

    /// All of it. An object that lacks all that it must hold is another thing than the one that is documented, and that is one
    /// mistake.
    fn all(mut self) -> Vec<Broken> {
        let (mut dropped, mut folded) = (HashSet::new(), HashSet::new());
        for ((at, _), numbers) in &self.missing {
            let wanted = self.all[numbers[0]].bound.as_array().map_or(0, Vec::len);
            if wanted < 2 || numbers.len() < wanted || numbers.iter().any(|number| dropped.contains(number)) {
                continue;
            }
            dropped.extend(numbers[1..].iter().copied());
            folded.insert(numbers[0]);
            let whole = &mut self.all[numbers[0]];
            whole.node.pop();
            whole.observed = format!("none of the members that must be there{}", place(at));
        }
        let all = self.all.into_iter().enumerate().filter(|(number, _)| !dropped.contains(number));
        all.map(|(number, broken)| match broken.keyword {
            Keyword::Required if !folded.contains(&number) => Broken { bound: Value::Bool(true), ..broken },
            _ => broken,
        })
        .collect()
    }
}

/// Where in a body something stands, in words.
fn place(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!(" at {at}") }
}

/// The rule that an error is about; nothing where the schema that it names is not there.
fn read(error: &ValidationError<'_>, root: &Cursor<'_>) -> Option<Broken> {
    let (mut cursor, rest) = root.clone().along(error.evaluation_path().as_str())?;
    let said = rest.first().copied();
    let is_member = |node: &[Step]| {
        let last = node.iter().rev().find(|step| !matches!(step, Step::Branch(_)));
        matches!(last, Some(Step::Member(_) | Step::Value | Step::Pattern(_)))
    };
    let keyword = match error.kind() {
        ValidationErrorKind::Required { .. } if said == Some("dependentRequired") => Keyword::DependentRequired,
        ValidationErrorKind::Required { property } => {
            cursor.node.push(Step::member(property.as_str().unwrap_or_default()));
            Keyword::Required
        }
        ValidationErrorKind::Type { .. } if error.instance().is_null() && is_member(&cursor.node) => Keyword::Null,
        ValidationErrorKind::AdditionalProperties { .. } | ValidationErrorKind::UnevaluatedProperties { .. } => {
            Keyword::UnknownMember
        }
        ValidationErrorKind::FalseSchema if is_member(&cursor.node) && said.is_none() => Keyword::UnknownMember,
        ValidationErrorKind::AdditionalItems { .. }
        | ValidationErrorKind::UnevaluatedItems { .. }
        | ValidationErrorKind::FalseSchema => Keyword::Items,
        kind => cursor.called(kind.keyword()).parse().unwrap_or(Keyword::ResponseBody),
    };
    let bound = said.and_then(|said| cursor.says(said)).cloned().unwrap_or_default();
    let observed = format!("{error}{}", place(error.instance_path().as_str()));
    let Cursor { node, source, .. } = cursor;
    Some(Broken { node, keyword, bound: shown(keyword, bound), source, observed })
}

/// What a keyword says, where that is short: schemas are not told whole.
pub(super) fn shown(keyword: Keyword, bound: Value) -> Value {
    let is_schema = matches!(
        keyword,
        Keyword::OneOf
            | Keyword::AnyOf
            | Keyword::Not
            | Keyword::If
            | Keyword::Contains
            | Keyword::PrefixItems
            | Keyword::PropertyNames
            | Keyword::Items
            | Keyword::UnknownMember
            | Keyword::ResponseBody
    );
    if is_schema { Value::Null } else { bound }
}
