//! Selection: a run about some of the rules, as a user names them or as an earlier report does.

use std::str::FromStr;

use super::{Suite, wishes};
use crate::compose::{Slot, Wishes};
use crate::contract::{Operation, PlaceId};
use crate::names;
use crate::rule::{Keyword, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Rule};

/// Which rules a run is about: those that an `only` matches, or all where there is none, but for those that a `skip` matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    only: Vec<Pattern>,
    skip: Vec<Pattern>,
}

/// A part of a selection that selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// It cannot be read.
    #[error("`{pattern}` selects nothing: {why}")]
    Unreadable {
        /// As it was written.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// No rule is like that.
    #[error(
        "no rule matches `{pattern}`{hint}; write PLACE, PLACE:KEYWORD, `firm` or `disputed`, with `*` for any characters"
    )]
    Unmatched {
        /// As it was written.
        pattern: String,
        /// What may have been meant.
        hint: String,
    },
    /// All are skipped.
    #[error("the selection leaves no rule to test; skip fewer")]
    Empty,
}

/// One way to match rules.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// By standing.
    Firm(bool),
    /// By place, in which `*` stands for any characters, and by keyword where one is given.
    Rule { place: String, keyword: Option<Keyword> },
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "firm" => return Ok(Self::Firm(true)),
            "disputed" => return Ok(Self::Firm(false)),
            _ => {}
        }
        let (place, keyword) = text.split_once(':').map_or((text, None), |(place, keyword)| (place, Some(keyword)));
        let keyword = keyword.filter(|keyword| !matches!(*keyword, "" | "*")).map(str::parse).transpose()?;
        // Without a place a keyword means every place.
        let place = if place.is_empty() && keyword.is_some() { "*" } else { place };
        Ok(Self::Rule { place: place.to_owned(), keyword })
    }
}

impl Pattern {
    fn matches(&self, rule: &Rule) -> bool {
        match self {
            Self::Firm(firm) => rule.standing.is_firm() == *firm,
            Self::Rule { place, keyword } => {
                names::matches(place, &rule.place) && keyword.is_none_or(|keyword| keyword == rule.keyword)
            }
        }
    }
}

impl Selection {
    /// A selection by patterns; each must match some rule of the suite.
    pub fn new(only: &[String], skip: &[String], rules: &[Rule]) -> Result<Self, SelectionError> {
        let read =
            |patterns: &[String]| patterns.iter().map(|text| pattern(text, rules)).collect::<Result<Vec<_>, _>>();
        Ok(Self { only: read(only)?, skip: read(skip)? })
    }

    /// A selection of what these findings are about, by their places and keywords.
    pub fn of_findings<'a>(findings: impl Iterator<Item = (&'a str, Keyword)>, rules: &[Rule]) -> Self {
        let mut only = Vec::new();
        for (places, keyword) in findings {
            for place in places.split(" + ") {
                // Time-outs and the like are found where another rule was probed, and values that do not go together at all
                // of their places.
                let known = rules.iter().any(|rule| rule.place == place && rule.keyword == keyword);
                only.push(Pattern::Rule { place: place.to_owned(), keyword: known.then_some(keyword) });
            }
            if keyword == Keyword::Interaction {
                only.push(Pattern::Rule { place: "*".to_owned(), keyword: Some(keyword) });
            }
            if [RESPONSE_SUCCESS, RESPONSE_REFUSAL].contains(&places) {
                // Answers come to whatever is sent: to probes of the body as a whole and, so that it is not all about one
                // place, of the first place in it.
                let first = rules.iter().find(|rule| rule.place.starts_with("body.")).map(|rule| rule.place.clone());
                let places = first.into_iter().chain(["body".to_owned()]);
                only.extend(places.map(|place| Pattern::Rule { place, keyword: None }));
            }
        }
        Self { only, skip: Vec::new() }
    }

    fn selects(&self, rule: &Rule) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(rule));
        named && !self.skip.iter().any(|pattern| pattern.matches(rule))
    }
}

fn pattern(text: &str, rules: &[Rule]) -> Result<Pattern, SelectionError> {
    let pattern: Pattern = text.parse().map_err(|why| SelectionError::Unreadable { pattern: text.to_owned(), why })?;
    if rules.iter().any(|rule| pattern.matches(rule)) {
        return Ok(pattern);
    }
    let place = text.split(':').next().unwrap_or_default();
    let hint = names::nearest(place, rules.iter().map(|rule| rule.place.as_str()));
    Err(SelectionError::Unmatched { pattern: text.to_owned(), hint })
}

impl Suite<'_> {
    /// The same about fewer rules: only they are probed, reported and told of, and only what they need is sent.
    pub fn select(mut self, selection: &Selection) -> Result<Self, SelectionError> {
        for (reported, rule) in self.reported.iter_mut().zip(&self.rules) {
            *reported &= selection.selects(rule);
        }
        if !self.reported.contains(&true) {
            return Err(SelectionError::Empty);
        }
        self.probes.retain(|probe| self.reported[probe.rule]);
        let operation = self.contract.operation();
        let mut concerned = vec![false; operation.body.places.len()];
        concerned[Operation::ROOT.0] = true;
        for place in self.probes.iter().filter_map(wishes).flat_map(places) {
            for around in operation.lineage(place) {
                concerned[around.0] = true;
            }
        }
        self.concerned = concerned;
        self.tells_all = false;
        Ok(self)
    }

    /// Whether a finding at a place, or at several, is one that this run tells of.
    pub(crate) fn tells(&self, places: &str, keyword: Keyword) -> bool {
        let about = |place: &str| {
            let mut here = self.rules.iter().zip(&self.reported).filter(|(rule, _)| rule.place == place).peekable();
            let own = here.clone().any(|(rule, _)| rule.keyword == keyword);
            here.peek().is_none() || here.any(|(rule, reported)| *reported && (!own || rule.keyword == keyword))
        };
        self.tells_all || places.split(" + ").any(about)
    }
}

/// Every place that wishes name, those for single elements among them.
fn places(wishes: &Wishes) -> Vec<PlaceId> {
    let mut all = Vec::new();
    for (place, slot) in wishes {
        all.push(*place);
        if let Slot::Elements(elements) = slot {
            all.extend(elements.iter().flat_map(places));
        }
    }
    all
}
