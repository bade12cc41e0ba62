//! What kind of thing a probe sends, whatever the place: two probes of one kind meet one habit of a target.

use std::fmt;
use std::str::FromStr;

use crate::contract::Edge;

/// The kind of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The ordinary value.
    Ordinary,
    /// A legal number with a fraction.
    LegalFraction,
    /// False.
    False,
    /// The place's own value, written as text.
    Quoted,
    /// A number with a fraction.
    Fraction,
    /// A number without a fraction, written with a point.
    Pointed,
    /// A number.
    Number,
    /// The number 1 for true.
    One,
    /// The number 0 for false.
    Zero,
    /// True.
    True,
    /// Some text.
    Text,
    /// Text without a character.
    Empty,
    /// The value as the only element of an array.
    Wrapped,
    /// An element without its array.
    Bare,
    /// An array without an element.
    EmptyArray,
    /// An object without a member.
    EmptyObject,
    /// Null.
    Null,
    /// Nothing.
    Absent,
    /// A member without its neighbours.
    Alone,
    /// A member that no table names.
    UnknownMember,
    /// What stands on a bound.
    Bound,
    /// What is just past a bound.
    PastBound,
    /// What is just past a bound that is too great for a double to tell it from its neighbours.
    PastExact,
    /// What is far past a bound.
    FarPast,
    /// What keeps a keyword that has no bound to stand on.
    Fitting,
    /// What breaks such a keyword.
    Unfitting,
    /// A listed value.
    Listed,
    /// A value that is not listed.
    Unlisted,
    /// A listed text in other letters, small or capital.
    OtherCase,
    /// A listed text with a space before or after.
    Padded,
    /// A listed text without its end.
    Cut,
    /// A listed text with more at its end.
    Extended,
    /// Several elements.
    Several,
    /// An element that is broken, among sound ones.
    BrokenElement,
    /// Text that servers stumble over, by its number.
    Odd(usize),
    /// Something about the request as a whole.
    Wire,
    /// Whatever a search has met.
    Case,
}

/// Each kind with its name and, where probes of it can have a cause in common, what it sends in words.
const KINDS: [(Kind, &str, &str); 35] = [
    (Kind::Ordinary, "ordinary", "ordinary values"),
    (Kind::LegalFraction, "legalFraction", "fractions"),
    (Kind::False, "false", "false"),
    (Kind::Quoted, "text", "text"),
    (Kind::Fraction, "fraction", "fractions"),
    (Kind::Pointed, "pointed", "numbers with a point and a zero"),
    (Kind::Number, "number", "numbers"),
    (Kind::One, "one", "1"),
    (Kind::Zero, "zero", "0"),
    (Kind::True, "true", "true"),
    (Kind::Text, "anyText", "any text"),
    (Kind::Empty, "empty", "empty text"),
    (Kind::Wrapped, "wrapped", "their value in an array"),
    (Kind::Bare, "bare", "an element without its array"),
    (Kind::EmptyArray, "emptyArray", "an empty array"),
    (Kind::EmptyObject, "emptyObject", "an empty object"),
    (Kind::Null, "null", "null"),
    (Kind::Absent, "absent", "nothing"),
    (Kind::Alone, "alone", "nothing beside them"),
    (Kind::UnknownMember, "unknownMember", "members that no table names"),
    (Kind::Bound, "bound", "what is on their bound"),
    (Kind::PastBound, "pastBound", "what is just past their bound"),
    (Kind::PastExact, "pastExact", "what a double cannot tell from their bound"),
    (Kind::FarPast, "farPast", "what is far past their bound"),
    (Kind::Fitting, "fitting", "what fits their schema"),
    (Kind::Unfitting, "unfitting", "what does not fit their schema"),
    (Kind::Listed, "listed", "listed values"),
    (Kind::Unlisted, "unlisted", "values that are not listed"),
    (Kind::OtherCase, "otherCase", "listed values in another case"),
    (Kind::Padded, "padded", "listed values with spaces around them"),
    (Kind::Cut, "cut", "the beginnings of listed values"),
    (Kind::Extended, "extended", "listed values with more after them"),
    (Kind::Several, "several", "several elements"),
    (Kind::BrokenElement, "brokenElement", "broken elements among sound ones"),
    (Kind::Wire, "wire", ""),
];

impl Kind {
    /// The kind of a value that stands there.
    pub(super) fn of(edge: Edge) -> Self {
        match edge {
            Edge::Bound => Self::Bound,
            Edge::PastBound => Self::PastBound,
            Edge::FarPast => Self::FarPast,
            Edge::Fitting => Self::Fitting,
            Edge::Unfitting => Self::Unfitting,
            Edge::Empty => Self::Empty,
        }
    }

    /// What it sends, in words that follow "take" or "refuse"; nothing where probes of it have nothing in common.
    pub(crate) fn words(self) -> Option<&'static str> {
        match self {
            Self::Odd(number) => super::text::STUMBLING_BLOCKS.get(number).map(|(what, _)| *what),
            kind => KINDS.iter().find(|(other, ..)| *other == kind).map(|(.., words)| *words),
        }
        .filter(|words| !words.is_empty())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Odd(number) => write!(f, "odd{number}"),
            Self::Case => f.write_str("case"),
            kind => f.write_str(KINDS.iter().find(|(other, ..)| other == kind).map_or("", |(_, name, _)| name)),
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(number) = text.strip_prefix("odd") {
            return number.parse().map(Self::Odd).map_err(|_| ());
        }
        KINDS.iter().find(|(_, name, _)| *name == text).map(|(kind, ..)| *kind).ok_or(())
    }
}
