//! The faults: ways in which the stub can be told to break its contract, and what each should be found as.

use std::fmt;

use serde_json::Value;

use super::parse::{self, LenientParse};
use super::values;
use crate::contract::{Edit, Operation};
use crate::exchange::{Request, Response};
use crate::rule::{FaultId, FindingId, Keyword, Part, Site, Step};
use crate::validate::Violation;

/// One way to break the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What it is known by.
    pub id: FaultId,
    /// The finding that it must lead to.
    pub found: FindingId,
    pub(super) effect: Effect,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// What breaks the rule is let pass: all of it, or what is just past the bound.
    Lets(Leniency),
    /// A legal value that stands on the bound of the rule is refused.
    Strict(Value),
    /// Bodies are judged by a changed schema.
    Schema(Vec<Edit>),
    /// A violation of the fault's rule fells the stub.
    Fumble(Fumble),
    /// A legal value fells the stub.
    Value(Value, Fumble),
    /// A legal value is refused.
    Refuse(Value),
    /// One sound element is enough for an array.
    AnyElement,
    /// Elements after the first are not checked.
    FirstElementOnly,
    /// Text that is not ASCII is answered with a 500.
    TextCrash,
    /// A member beside these is answered with a 500.
    UnknownCrash(Vec<String>),
    /// A parameter has another bound, or none.
    Bound(Option<usize>),
    /// Any credential will do, but for none.
    AnyCaller,
    /// Two legal values are refused together.
    Clash([(Site, Value); 2]),
    /// The request as a whole is treated wrongly.
    Wire(WireFault),
    /// Answers to accepted or refused requests are wrong.
    Answer(Part, AnswerFault),
}

impl Fault {
    /// What it is called where there is one operation: `body.name:maxLength:off`.
    pub fn name(&self) -> String {
        self.id.short()
    }

    /// Where it is, or where the first of several values is.
    pub(super) fn place(&self) -> &Site {
        &self.id.sites[0]
    }

    /// What its rule is about.
    pub(super) fn keyword(&self) -> Keyword {
        self.id.keyword
    }

    /// Whether a violation is one of its rule; `all` is everything that the body breaks.
    pub(super) fn is_about(&self, violation: &Violation, all: &[Violation]) -> bool {
        if self.keyword() == Keyword::PrefixItems {
            // What the first elements break, where they are no places of their own.
            let next = violation.place.node().get(self.place().node().len());
            return matches!(next, Some(Step::Index(_))) && self.place().is_around(&violation.place);
        }
        let is_mistyped = |keyword| {
            self.keyword() == keyword
                && all.iter().any(|other| other.place == violation.place && other.broken == keyword)
        };
        let is_it = violation.broken == self.keyword()
            // What else is said of a value of a wrong type is said of one of the right type.
            || is_mistyped(Keyword::Type)
            || is_mistyped(Keyword::Null)
            // One is the least number where none is told.
            || self.keyword() == Keyword::Contains && violation.broken == Keyword::MinContains
            // The format of an integer is a range to the judge.
            || self.keyword() == Keyword::Format
                && matches!(violation.broken.rule(), Some(Keyword::Minimum | Keyword::Maximum));
        is_it && violation.place.is_at(self.place())
    }

    /// Whether what a body breaks is let pass.
    pub(super) fn lets(&self, violation: &Violation, body: &Value, all: &[Violation]) -> bool {
        let Effect::Lets(past) = &self.effect else { return false };
        self.is_about(violation, all)
            && match past {
                Leniency::Any => true,
                Leniency::Several => violation.keeps_several,
                Leniency::OneStep(bound) => self.place().values_in(body).iter().all(|value| {
                    values::is_one_past(self.keyword(), bound, value) || !values::is_past(self.keyword(), bound, value)
                }),
            }
    }

    /// The id of the finding that it must lead to, as it is told where there is one operation.
    pub fn finding(&self) -> String {
        self.found.short()
    }
}

impl Effect {
    pub(super) fn clashes_in(&self, body: &Value) -> bool {
        let Self::Clash(pair) = self else { return false };
        pair.iter().all(|(place, value)| place.values_in(body).contains(&value))
    }
}

/// How much of what breaks a rule is let pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leniency {
    /// All of it.
    Any,
    /// What keeps several of the branches of which one must be kept.
    Several,
    /// What is one step past this bound.
    OneStep(Value),
}

/// How the stub fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fumble {
    /// With a 500.
    Crash,
    /// With no answer at all.
    Hang,
    /// With a closed connection.
    Drop,
}

/// A fault of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireFault {
    NoBody,
    Reads(LenientParse),
    MalformedCrash,
    DuplicateCrash,
    NestingCrash,
    SizeCrash,
    DigitsCrash,
    AnyMediaType,
    NoMediaType,
    MediaTypeCase,
    MediaTypeBare,
    MethodCrash,
    QueryCrash,
    RefusesExample,
    MindsRepetition,
    Flaky,
}

impl WireFault {
    /// What the fault is about.
    pub(super) fn keyword(self) -> Keyword {
        match self {
            Self::NoBody => Keyword::Required,
            Self::Reads(LenientParse::NoObject) => Keyword::Type,
            Self::Reads(_) | Self::MalformedCrash => Keyword::WellFormed,
            Self::AnyMediaType | Self::NoMediaType | Self::MediaTypeCase | Self::MediaTypeBare => Keyword::MediaType,
            Self::MethodCrash => Keyword::Method,
            Self::QueryCrash => Keyword::UnknownMember,
            Self::DuplicateCrash => Keyword::DuplicateKey,
            Self::NestingCrash => Keyword::Nesting,
            Self::SizeCrash | Self::DigitsCrash => Keyword::Size,
            Self::RefusesExample => Keyword::Example,
            Self::MindsRepetition => Keyword::Idempotent,
            Self::Flaky => Keyword::Flaky,
        }
    }

    /// Whether the bytes of a body trip a stub that has the fault, whatever the schema says.
    pub(super) fn trips_over(self, bytes: &[u8]) -> bool {
        match self {
            Self::MalformedCrash => {
                parse::body(bytes, None).is_err() && !parse::is_deep(bytes) && !parse::has_many_digits(bytes)
            }
            Self::DuplicateCrash => parse::has_duplicate(bytes),
            Self::NestingCrash => parse::is_deep(bytes),
            Self::SizeCrash => bytes.len() > 500_000,
            Self::DigitsCrash => parse::has_many_digits(bytes),
            _ => false,
        }
    }
}

/// A fault of answers.
#[derive(Clone, Copy)]
pub(super) enum AnswerFault {
    Hang,
    Drop,
    Change(fn(&mut Response, &Request, &Operation)),
}

impl fmt::Debug for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hang => "Hang",
            Self::Drop => "Drop",
            Self::Change(_) => "Change",
        })
    }
}

impl PartialEq for AnswerFault {
    fn eq(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Hang, Self::Hang) | (Self::Drop, Self::Drop))
    }
}
