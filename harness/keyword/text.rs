//! How long a text may be, and texts of a wanted length that keep whatever else is demanded of them.

use super::format::Format;
use super::pattern::Sampler;
use super::{Domain, Edge, Family, Node, Proposal, Said};
use crate::contract::Standing;
use crate::identity::Keyword;
use crate::text::plain::{WORD, text_of_length};

/// The longest text that is sent: the least of the limits that common servers set by themselves is not far beyond.
const LONGEST: usize = 60_000;
/// A longer text is made for the sake of its length only.
const LONGEST_DRAWN: usize = 300;

/// What a text must look like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    pub(super) pattern: Option<Sampler>,
    pub(super) format: Option<&'static Format>,
}

impl Texts {
    /// Whether a text may have this length.
    fn has_room(&self, length: usize) -> bool {
        length >= self.min && self.max.is_none_or(|max| length <= max) && length <= LONGEST
    }

    /// Texts of about this length, from the most particular demand.
    pub(super) fn of_length(&self, length: usize) -> Vec<String> {
        let mut texts = Vec::new();
        if let Some(format) = self.format {
            texts.extend(format.of_length(length));
        }
        if let Some(pattern) = &self.pattern {
            texts.extend(pattern.of_length(length));
        }
        if self.format.is_none() && self.pattern.is_none() {
            texts.push(text_of_length(length));
        }
        texts
    }

    /// Texts that differ, of as many lengths as there are, and with a number behind where nothing says what they look like.
    pub(super) fn many(&self, count: usize) -> Vec<String> {
        let lengths = self.min..=self.max.unwrap_or(LONGEST).min(self.min.saturating_add(count));
        let is_free = self.pattern.is_none() && self.format.is_none();
        let numbered = (0..if is_free { count } else { 0 }).map(|number| {
            let digits = number.to_string();
            let length = self.max.unwrap_or(WORD.len()).min(WORD.len()).max(self.min).saturating_sub(digits.len());
            format!("{}{digits}", text_of_length(length))
        });
        let other = self.pattern.iter().flat_map(|pattern| pattern.many(count));
        let texts = numbered.chain(lengths.flat_map(|length| self.of_length(length))).chain(other);
        texts.filter(|text| self.has_room(text.chars().count())).collect()
    }

    /// Texts that may be legal, the plainest first.
    pub(crate) fn drawn(&self) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        let most = self.max.unwrap_or(LONGEST).min(LONGEST);
        let longest = self.max.filter(|max| *max <= LONGEST_DRAWN);
        if let Some(format) = self.format {
            texts.extend(format.accepted.iter().map(|text| (*text).to_owned()));
        }
        if let Some(pattern) = &self.pattern {
            texts.extend(pattern.drawn());
        }
        let lengths = [Some(WORD.len().clamp(self.min.min(most), most)), Some(self.min), Some(self.min + 1), longest];
        texts.extend(
            lengths
                .into_iter()
                .flatten()
                .filter(|length| self.has_room(*length))
                .flat_map(|length| self.of_length(length)),
        );
        texts.retain(|text| self.has_room(text.chars().count()));
        texts
    }
}

/// `minLength` and `maxLength`.
pub(super) struct Lengths;

impl Family for Lengths {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::MinLength, Keyword::MaxLength]
    }

    fn narrow(&self, said: &Said<'_>, domain: &mut Domain) {
        domain.texts.min = said.count(Keyword::MinLength).unwrap_or(0);
        domain.texts.max = said.count(Keyword::MaxLength);
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        if !node.allows("string") {
            return Vec::new();
        }
        let bounds = [Keyword::MinLength, Keyword::MaxLength].into_iter();
        bounds.filter_map(|keyword| Some(length(node, keyword, node.count(keyword)?))).collect()
    }
}

fn length(node: &Node<'_>, keyword: Keyword, bound: usize) -> Proposal {
    let mut proposal = Proposal::of(keyword, &bound.into());
    if bound > LONGEST {
        proposal.standing = Standing::Unprobed("nothing of that length can be sent".to_owned());
        return proposal;
    }
    let texts = &node.domain.texts;
    for text in texts.of_length(bound) {
        proposal.inside(Edge::Bound, characters(bound), text);
    }
    let outside = if keyword == Keyword::MinLength {
        [bound.checked_sub(1), (bound > 1).then_some(0)]
    } else {
        [Some(bound + 1), Some(bound.saturating_mul(4).clamp(bound + 2, LONGEST.max(bound + 2)))]
    };
    for (number, length) in outside.into_iter().flatten().enumerate() {
        let edge = match number {
            _ if length == 0 => Edge::Empty,
            0 => Edge::PastBound,
            _ => Edge::FarPast,
        };
        for text in texts.of_length(length) {
            proposal.outside(edge, characters(length), text);
        }
    }
    proposal
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}
