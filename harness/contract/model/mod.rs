//! The contract as the rest of the crate sees it: one operation, its parameters, and every place of its body.
//!
//! Places stand in one flat list, parents before children, in the document's order, so that a place is named by a small
//! number and every later stage can keep its own table beside it.

mod answer;
mod assertion;
mod coding;
mod parameter;
mod security;
mod style;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use answer::{AnswerHeader, Content, Documented, Link, Responses};
pub use assertion::{Assertion, Edge, Sample};
pub use coding::{Coding, Field};
pub use parameter::{Parameter, ParameterIn, PartRule, TextRule, Usual};
pub(crate) use security::Credential;
pub use security::{Carriage, Forgery, Security, SecurityScheme};
pub use style::{Holds, Style, StyleName};

use crate::identity::{OperationName, Part, Site};
use crate::text::pointer;

/// The least of the limits that common servers set by themselves is some 100,000 bytes.
const USUAL_BYTES: usize = 65_536;

/// Names a place of an operation's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(pub(crate) usize);

/// Whether a rule can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing in the contract speaks against it: a target that breaks it is at fault.
    Firm,
    /// Prose or example contradicts it, for the reason given: its outcome is recorded and fails nothing.
    Disputed(String),
    /// It is never broken on the way to other rules, and not tested, for the reason given.
    Unprobed(String),
}

impl Standing {
    /// Whether a target may be blamed.
    pub fn is_firm(&self) -> bool {
        matches!(self, Self::Firm)
    }

    /// Whether its outcome is recorded and fails nothing.
    pub fn is_disputed(&self) -> bool {
        matches!(self, Self::Disputed(_))
    }

    /// Whether it is not tested.
    pub fn is_unprobed(&self) -> bool {
        matches!(self, Self::Unprobed(_))
    }

    /// The one word for it, as reports have it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::Disputed(_) => "disputed",
            Self::Unprobed(_) => "unprobed",
        }
    }

    /// Why the rule is disputed or unprobed; nothing where it is firm.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Firm => None,
            Self::Disputed(reason) | Self::Unprobed(reason) => Some(reason),
        }
    }
}

/// What a target does with what a disputed rule is about: an absence, a null, a value, a form of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It takes it.
    Accepted,
    /// It turns it down.
    Refused,
}

/// A dispute about what no schema says, as it was settled.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The rule's place.
    pub place: Site,
    /// The rule's keyword.
    pub keyword: &'static str,
    /// The rule's bound.
    pub bound: Value,
    /// What holds.
    pub reading: Reading,
}

/// How a place hangs on its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The body itself.
    Root,
    /// A member of an object.
    Member(String),
    /// An element of an array.
    Element,
    /// The element of an array at this index: one that has a schema of its own.
    At(usize),
    /// A value of a map, under a name that any other would do for.
    Value(String),
    /// A value of a map, under a name that any other would do for that fits a pattern.
    Fitting {
        /// The name.
        name: String,
        /// The pattern.
        pattern: String,
    },
}

/// Whether a value must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Its absence must be refused, or is disputed.
    Mandatory(Standing),
    /// Its absence must be accepted.
    Optional,
    /// The body itself, or an element of an array: there is nothing to leave out.
    Inherent,
}

/// The legal values of a place that lists them.
#[derive(Debug, Clone, PartialEq)]
pub struct Enumeration {
    /// The values that must be accepted; never empty.
    pub firm: Vec<Value>,
    /// The values that may be accepted, each with the reason for the doubt.
    pub disputed: Vec<(Value, String)>,
    /// Values that were disputed and have been settled to be illegal.
    pub excluded: Vec<Value>,
}

/// What a value at a place must look like.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A JSON object.
    Object {
        /// Its documented members, in the document's order.
        members: Vec<PlaceId>,
        /// Whether members that no table names are legal: nothing where they must be refused.
        unknown: Option<Standing>,
    },
    /// A JSON array.
    Array {
        /// The place of its elements.
        element: PlaceId,
    },
    /// A string.
    Text {
        /// The least number of code points.
        min: Option<usize>,
        /// The greatest number of code points.
        max: Option<usize>,
        /// A greatest number of code points that no request can reach.
        unsent: Option<usize>,
        /// The legal values, where they are listed.
        values: Option<Enumeration>,
    },
    /// An array of which the first elements have schemas of their own, each another; all of them are there.
    Tuple {
        /// The first elements.
        items: Vec<PlaceId>,
        /// Any element after them, where there may be some.
        element: Option<PlaceId>,
    },
    /// A number without a fraction.
    Integer {
        /// The least value.
        min: Option<i128>,
        /// The greatest value.
        max: Option<i128>,
        /// The legal values, where they are listed.
        values: Option<Enumeration>,
    },
    /// A number.
    Number {
        /// The least value.
        min: Option<f64>,
        /// The greatest value.
        max: Option<f64>,
    },
    /// `true` or `false`.
    Boolean,
    /// Something whose schema says more than is modelled here: what it says is respected, and only these values are sent.
    Opaque {
        /// The one type that it must have, where there is one.
        type_name: Option<&'static str>,
        /// Legal values, the usual one first; never empty.
        samples: Vec<Value>,
    },
}

impl Shape {
    /// The JSON Schema name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Object { .. } => "object",
            Self::Array { .. } | Self::Tuple { .. } => "array",
            Self::Text { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
            Self::Boolean => "boolean",
            Self::Opaque { type_name, .. } => type_name.unwrap_or("any"),
        }
    }

    /// The legal values, where they are listed.
    pub fn values(&self) -> Option<&Enumeration> {
        match self {
            Self::Text { values, .. } | Self::Integer { values, .. } => values.as_ref(),
            _ => None,
        }
    }
}

/// A place of the body: where a value stands, and what the contract says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Where it is.
    pub site: Site,
    /// The object or array that it belongs to; nothing for the body itself.
    pub parent: Option<PlaceId>,
    /// How it hangs on its parent.
    pub step: Step,
    /// Of which branch of its object it is a member, where the object has branches: those of one never stand beside those of
    /// another.
    pub branch: Option<usize>,
    /// Whether it must be there.
    pub presence: Presence,
    /// How many elements an array has (of one whose first elements have schemas of their own, after these), or a map values, for want
    /// of a reason to have more.
    pub least: usize,
    /// Whether values of other types than its shape's are legal as well.
    pub is_mixed: bool,
    /// Whether its schema says no type, and only what a value of its shape's type must be like: a value of another type breaks
    /// nothing, though nobody means it.
    pub is_implied: bool,
    /// Whether `null` is legal there: nothing where it must be refused.
    pub null: Option<Standing>,
    /// What a value must look like.
    pub shape: Shape,
    /// What keywords say of it that its shape does not tell.
    pub assertions: Vec<Assertion>,
    /// The table of the contract that says so.
    pub source: String,
}

impl Place {
    /// Its name within its object; nothing for the body itself and for elements.
    pub fn member(&self) -> Option<&str> {
        match &self.step {
            Step::Member(name) | Step::Value(name) | Step::Fitting { name, .. } => Some(name),
            Step::Root | Step::Element | Step::At(_) => None,
        }
    }
}

/// A size that a body may have at the most, where that is not certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeLimit {
    /// The greatest number of bytes.
    pub bytes: usize,
    /// Why it is disputed.
    pub reason: String,
}

/// The request body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Whether there is one; otherwise it is an object without members that is never sent.
    pub is_sent: bool,
    /// Whether a request without it must be refused.
    pub is_required: bool,
    /// The media type that it has.
    pub media_type: String,
    /// How it is written.
    pub coding: Coding,
    /// Every media type, or range of them, that the document gives a body.
    pub media_types: Vec<String>,
    /// Why nothing can be said firmly of a body at all, if so.
    pub doubt: Option<String>,
    /// Every place, the body itself first, parents before children.
    pub places: Vec<Place>,
    /// The lenient JSON Schema of the body, with every reference resolved.
    pub schema: Value,
    /// The example request, byte for byte.
    pub example: Option<String>,
    /// Optional members that stand in every body: something else in the schema demands them.
    pub present: BTreeSet<PlaceId>,
    /// What must stand beside an optional member where it is.
    pub beside: BTreeMap<PlaceId, BTreeSet<PlaceId>>,
    /// The ordinary values of places whose usual one something else in the schema refuses.
    pub ordinary: BTreeMap<PlaceId, Value>,
    /// Why the example may be refused after all, if it may: a settled dispute makes it illegal.
    pub example_doubt: Option<String>,
    /// The size that the contract doubtfully allows.
    pub size_limit: Option<SizeLimit>,
}

/// One operation: a method on a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// What stands before it on the server that the document names.
    pub base_path: String,
    /// The parameters outside the body.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Body,
    /// The answers.
    pub responses: Responses,
    /// What it demands of its caller.
    pub security: Security,
    /// Disputes that were settled and that neither a place nor the schema can express.
    pub settled: Vec<Settled>,
    /// Whether the service may refuse more than the contract says.
    pub is_open: bool,
}

impl Operation {
    /// The method and the path.
    pub fn name(&self) -> &OperationName {
        self.place(Self::ROOT).site.operation()
    }

    /// A part of the operation's messages as a whole.
    pub fn site(&self, part: Part) -> Site {
        Site::new(self.name(), part, [])
    }

    /// The place of the body itself.
    pub const ROOT: PlaceId = PlaceId(0);

    /// The place with this number.
    pub fn place(&self, id: PlaceId) -> &Place {
        &self.body.places[id.0]
    }

    pub(crate) fn place_mut(&mut self, id: PlaceId) -> &mut Place {
        &mut self.body.places[id.0]
    }

    /// Every place of the body, parents before children.
    pub fn places(&self) -> impl Iterator<Item = (PlaceId, &Place)> {
        self.body.places.iter().enumerate().map(|(index, place)| (PlaceId(index), place))
    }

    /// The place that is written like this.
    pub fn find(&self, text: &str) -> Option<PlaceId> {
        self.places().find(|(_, place)| place.site.as_str() == text).map(|(id, _)| id)
    }

    /// How many bytes a body may have that is not about its size: what the contract says, else what servers take by default.
    pub fn usual_bytes(&self) -> usize {
        self.body.size_limit.as_ref().map_or(USUAL_BYTES, |limit| limit.bytes)
    }

    /// The place and everything that it stands in, innermost first.
    pub fn lineage(&self, id: PlaceId) -> impl Iterator<Item = PlaceId> + '_ {
        std::iter::successors(Some(id), |id| self.place(*id).parent)
    }

    /// The branch of an object that holds this place; nothing where it stands in none, or not in the object.
    pub fn branch_at(&self, object: PlaceId, id: PlaceId) -> Option<usize> {
        let member = self.lineage(id).find(|other| self.place(*other).parent == Some(object))?;
        self.place(member).branch
    }

    /// Whether a place is `ancestor` itself or stands in it.
    pub fn is_within(&self, id: PlaceId, ancestor: PlaceId) -> bool {
        self.lineage(id).any(|other| other == ancestor)
    }

    /// The member of the body that a place is, or stands in.
    pub fn member_around(&self, id: PlaceId) -> Option<&str> {
        let around = self.lineage(id).find(|other| self.place(*other).parent == Some(Self::ROOT))?;
        self.place(around).member()
    }

    /// Whether what is written at a place keeps the types of JSON.
    pub fn keeps_types(&self, id: PlaceId) -> bool {
        self.body.coding.keeps_types(self.member_around(id))
    }

    /// The JSON pointer of the place's schema within [`Body::schema`].
    pub fn schema_pointer(&self, id: PlaceId) -> String {
        let place = self.place(id);
        let parent = place.parent.map(|parent| self.schema_pointer(parent)).unwrap_or_default();
        match &place.step {
            Step::Root => parent,
            Step::Member(name) => pointer::below(&format!("{parent}/properties"), name),
            Step::Element => format!("{parent}/items"),
            Step::At(index) => format!("{parent}/prefixItems/{index}"),
            Step::Value(_) => format!("{parent}/additionalProperties"),
            Step::Fitting { pattern, .. } => pointer::below(&format!("{parent}/patternProperties"), pattern),
        }
    }
}
