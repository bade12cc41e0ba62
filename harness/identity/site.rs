//! Where a value stands: an operation, a part of its messages, and the steps from there to the value.
//!
//! Imports nothing: what a contract says of a site, and what a site is called in text, are told elsewhere.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde_json::{Value, json};

use super::grammar;

/// A method on a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationName {
    method: Arc<str>,
    path: Arc<str>,
}

impl OperationName {
    /// A method, in capitals, on a path with its parameters in braces.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.into(), path: path.into() }
    }

    /// The method, in capitals.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path with its parameters in braces.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grammar::operation(self))
    }
}

/// The part of a message in which a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The path of the URL.
    Path,
    /// The query string.
    Query,
    /// The headers of the request.
    Header,
    /// The cookies.
    Cookie,
    /// The body of the request.
    Body,
    /// The request line.
    Request,
    /// Answers to accepted requests, as a whole.
    Success,
    /// Answers to refused requests, as a whole.
    Refusal,
    /// Answers of some status.
    Answer(StatusRange, Within),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&grammar::place(*self, &[]))
    }
}

/// The statuses that an answer is documented for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusRange {
    /// One status.
    Code(u16),
    /// A hundred of them: 4 for `4XX`.
    Class(u8),
    /// All that are not documented.
    Default,
}

/// The part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Within {
    /// Its status.
    Status,
    /// Its headers.
    Header,
    /// Its body.
    Body,
}

/// A step from a value to one that stands in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A member of an object, a parameter, a header: by its name, which may be any text.
    Member(Arc<str>),
    /// An element of an array.
    Element,
    /// The element of an array at this index, from 0: one that has a schema of its own.
    Index(usize),
    /// A value of a map.
    Value,
    /// A value of a map under a name that fits this pattern.
    Pattern(Arc<str>),
    /// A branch of a schema (`oneOf/1`), or a media type: the value stays the same one.
    Branch(Arc<str>),
}

impl Step {
    /// A member of this name.
    pub fn member(name: &str) -> Self {
        Self::Member(name.into())
    }
}

/// Where a value stands. Cheap to clone and to compare.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    operation: OperationName,
    part: Part,
    node: Box<[Step]>,
    /// The place, as it is written everywhere.
    text: Box<str>,
}

impl Site {
    /// A site in a part of an operation's messages.
    pub fn new(operation: &OperationName, part: Part, node: impl Into<Box<[Step]>>) -> Self {
        let node = node.into();
        let text = grammar::place(part, &node).into();
        Self(Arc::new(Inner { operation: operation.clone(), part, node, text }))
    }

    /// The site one step further.
    #[must_use]
    pub fn below(&self, step: Step) -> Self {
        let node: Vec<Step> = self.node().iter().cloned().chain([step]).collect();
        Self::new(self.operation(), self.part(), node)
    }

    /// The operation.
    pub fn operation(&self) -> &OperationName {
        &self.0.operation
    }

    /// The part of its messages.
    pub fn part(&self) -> Part {
        self.0.part
    }

    /// The steps from the part to the value.
    pub fn node(&self) -> &[Step] {
        &self.0.node
    }

    /// Whether this is a part as a whole.
    pub fn is(&self, part: Part) -> bool {
        self.part() == part && self.node().is_empty()
    }

    /// Whether the value is the member of this name of a part: a parameter, a header.
    pub fn is_named(&self, part: Part, name: &str) -> bool {
        self.part() == part && matches!(self.node(), [Step::Member(other)] if **other == *name)
    }

    /// A place in a part, as ids have it: with branches.
    pub(crate) fn place_of(part: Part, node: &[Step]) -> String {
        grammar::place_with_branches(part, node)
    }

    /// Whether this is about answers.
    pub fn is_of_answers(&self) -> bool {
        matches!(self.part(), Part::Success | Part::Refusal | Part::Answer(..))
    }

    /// Whether this is `other`, or stands in it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.part() == other.part() && self.node().starts_with(other.node()) && self.operation() == other.operation()
    }

    /// Whether a value that stands there stands here too: branches set aside, and any name of a map.
    pub fn is_at(&self, other: &Self) -> bool {
        self.is_around(other) && other.is_around(self)
    }

    /// Whether what stands at the other site stands here, or in what stands here: branches set aside, and any name of a map.
    pub fn is_around(&self, other: &Self) -> bool {
        let is_value = |step: &&Step| !matches!(step, Step::Branch(_));
        let (here, mut there) = (self.node().iter().filter(is_value), other.node().iter().filter(is_value));
        let is_same = |one: &Step, another: &Step| {
            one == another || matches!((one, another), (Step::Value, Step::Member(_)) | (Step::Member(_), Step::Value))
        };
        self.part() == other.part()
            && here.into_iter().all(|one| there.next().is_some_and(|another| is_same(one, another)))
    }

    /// The place as it is written everywhere, without the operation and without branches: `body.sub_tasks[].progress`.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Every value that stands here in a body.
    pub fn values_in<'a>(&self, body: &'a Value) -> Vec<&'a Value> {
        let mut values = vec![body];
        for step in self.node() {
            values = match step {
                Step::Member(name) => values.into_iter().filter_map(|value| value.as_object()?.get(&**name)).collect(),
                Step::Element => values.into_iter().filter_map(Value::as_array).flatten().collect(),
                Step::Index(index) => values.into_iter().filter_map(|value| value.as_array()?.get(*index)).collect(),
                Step::Value => values.into_iter().filter_map(Value::as_object).flat_map(|map| map.values()).collect(),
                Step::Pattern(pattern) => {
                    let is_one = fitting(pattern);
                    let members = values.into_iter().filter_map(Value::as_object).flatten();
                    members.filter(|(name, _)| is_one(name)).map(|(_, value)| value).collect()
                }
                Step::Branch(_) => values,
            };
        }
        values
    }
}

/// Whether a name fits a pattern; none fits one that cannot be read.
pub(crate) fn fitting(pattern: &str) -> impl Fn(&str) -> bool {
    let judge = jsonschema::draft202012::new(&json!({ "pattern": pattern })).ok();
    move |name| judge.as_ref().is_some_and(|judge| judge.is_valid(&Value::from(name)))
}

impl PartialEq for Site {
    fn eq(&self, other: &Self) -> bool {
        // Most sites differ in their text, and most of those that do not are one and the same.
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.text == other.0.text
                && self.part() == other.part()
                && self.node() == other.node()
                && self.operation() == other.operation()
    }
}

impl Eq for Site {}

impl PartialOrd for Site {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Site {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |site: &Self| (site.0.operation.clone(), site.0.part);
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        key(self).cmp(&key(other)).then_with(|| self.node().cmp(other.node()))
    }
}

impl Hash for Site {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation(), grammar::place_with_branches(self.part(), self.node()))
    }
}
