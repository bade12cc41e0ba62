//! Selection: a run about some of the rules: as a user names them or as an earlier report does, those of a share, or those
//! that harm nobody.

use std::collections::HashSet;

use super::{Suite, overrides};
use crate::compose::{Overrides, Slot};
use crate::contract::{Operation, PlaceId};
use crate::probe::{Send, Wire};
use crate::rule::{Bound, FindingId, Keyword, Part, Rule, Side, Site, SiteIndex, Within, Written};

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
        "no rule matches `{pattern}`{hint}; write PLACE, PLACE:KEYWORD, `firm` or `disputed`, with `*` for any characters, or \
         the id of a finding"
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
    /// By place, where some are given, and by keyword and bound where one is given.
    Rule { places: Option<HashSet<Site>>, keyword: Option<Keyword>, bound: Option<Bound> },
}

impl Pattern {
    fn at(places: impl IntoIterator<Item = Site>, keyword: Option<Keyword>) -> Self {
        Self::Rule { places: Some(places.into_iter().collect()), keyword, bound: None }
    }

    fn matches(&self, rule: &Rule) -> bool {
        match self {
            Self::Firm(true) => rule.standing.is_firm(),
            Self::Firm(false) => rule.standing.is_disputed(),
            Self::Rule { places, keyword, bound } => {
                keyword.is_none_or(|keyword| keyword == rule.keyword)
                    && places.as_ref().is_none_or(|places| places.contains(&rule.place))
                    && bound.as_ref().is_none_or(|bound| *bound == Bound::of(&rule.bound))
            }
        }
    }
}

impl Selection {
    /// A selection by patterns; each must match some rule of the suite.
    pub fn new(only: &[String], skip: &[String], rules: &[Rule]) -> Result<Self, SelectionError> {
        let index = SiteIndex::of(rules);
        let read = |patterns: &[String]| -> Result<Vec<Pattern>, SelectionError> {
            let read: Vec<Vec<Pattern>> =
                patterns.iter().map(|text| self::patterns(text, rules, &index)).collect::<Result<_, _>>()?;
            Ok(read.concat())
        };
        let (mut only, skip) = (read(only)?, read(skip)?);
        // Answers alone cannot be asked for.
        if !only.is_empty()
            && rules.iter().all(|rule| rule.place.is_of_answers() || !only.iter().any(|one| one.matches(rule)))
        {
            only.extend(senders(rules));
        }
        Ok(Self { only, skip })
    }

    /// A selection of what these findings are about.
    pub fn of_findings<'a>(findings: impl IntoIterator<Item = &'a FindingId>, rules: &[Rule]) -> Self {
        let only = findings.into_iter().flat_map(|id| of_finding(id, rules)).collect();
        Self { only, skip: Vec::new() }
    }

    fn selects(&self, rule: &Rule) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(rule));
        named && !self.skip.iter().any(|pattern| pattern.matches(rule))
    }
}

/// What must be tested to find this again.
fn of_finding(id: &FindingId, rules: &[Rule]) -> Vec<Pattern> {
    let mut only = Vec::new();
    for site in &id.sites {
        let site = &ruled(site, rules);
        // Time-outs and the like are found where another rule was probed, and values that do not go together at all of
        // their places.
        let known = rules.iter().any(|rule| rule.keyword == id.keyword && rule.place == *site);
        only.push(Pattern::at([site.clone()], known.then_some(id.keyword)));
    }
    if id.keyword == Keyword::Interaction {
        only.push(Pattern::Rule { places: None, keyword: Some(id.keyword), bound: None });
    }
    if id.sites.iter().any(Site::is_of_answers) {
        only.extend(senders(rules));
    }
    only
}

/// The site at which a rule stands: of what a documented answer holds there is none before it came, but of the whole of it.
fn ruled(site: &Site, rules: &[Rule]) -> Site {
    let Part::Answer(status, _) = site.part() else { return site.clone() };
    let whole = |part| Site::new(site.operation(), part, []);
    let around = [whole(site.part()), whole(Part::Answer(status, Within::Body)), whole(Part::Success)];
    let mut all = std::iter::once(site.clone()).chain(around);
    all.find(|wanted| rules.iter().any(|rule| rule.place == *wanted)).unwrap_or_else(|| site.clone())
}

/// What is tested so that there are answers: they come to whatever is sent, to probes of the body as a whole and, so that it is
/// not all about one place, of the first place in it.
fn senders(rules: &[Rule]) -> impl Iterator<Item = Pattern> {
    let in_body = |part: &&Rule| part.place.part() == Part::Body;
    let whole = rules.iter().filter(in_body).find(|rule| rule.place.node().is_empty());
    let first = rules.iter().filter(in_body).find(|rule| !rule.place.node().is_empty());
    whole.into_iter().chain(first).map(|rule| Pattern::at([rule.place.clone()], None))
}

/// What a user means: a standing; the id of a finding; a place with a keyword or without. The first that matches some rule.
fn patterns(text: &str, rules: &[Rule], index: &SiteIndex) -> Result<Vec<Pattern>, SelectionError> {
    match text {
        "firm" => return Ok(vec![Pattern::Firm(true)]),
        "disputed" => return Ok(vec![Pattern::Firm(false)]),
        _ => {}
    }
    if let Ok(id) = index.finding(text) {
        return Ok(of_finding(&id, rules));
    }
    let matching = |pattern: Pattern| rules.iter().any(|rule| pattern.matches(rule)).then(|| vec![pattern]);
    let bounded = text.parse::<Written>().ok().filter(|written| written.end.is_none()).and_then(|written| {
        let bound = Some(Bound::of(written.bound.as_ref()?));
        let places = index.meant(&text[..text.find(&format!(":{}=", written.keyword?))?]);
        matching(Pattern::Rule { places: Some(places.into_iter().collect()), keyword: written.keyword, bound })
    });
    let sides = [Side::Inside, Side::Outside].map(|side| format!(":{side}"));
    let sideless = sides.iter().find_map(|side| text.strip_suffix(side.as_str())).unwrap_or(text);
    let split = sideless.rsplit_once(':');
    let with_keyword = split.and_then(|(place, keyword)| {
        let keyword = match keyword {
            "" | "*" => None,
            keyword => Some(keyword.parse().ok()?),
        };
        // Without a place a keyword means every place.
        matching(match place {
            "" => Pattern::Rule { places: None, keyword, bound: None },
            place => Pattern::at(index.meant(place), keyword),
        })
    });
    let found = bounded.or(with_keyword).or_else(|| matching(Pattern::at(index.meant(text), None)));
    found.ok_or_else(|| {
        let (place, keyword) = split.unwrap_or((text, ""));
        match keyword.parse::<Keyword>() {
            Err(why) if !keyword.is_empty() && !index.meant(place).is_empty() => {
                SelectionError::Unreadable { pattern: text.to_owned(), why }
            }
            // What follows the colon is part of a name, if it is no keyword.
            Err(_) => SelectionError::Unmatched { pattern: text.to_owned(), hint: index.nearest(text) },
            Ok(_) => SelectionError::Unmatched { pattern: text.to_owned(), hint: index.nearest(place) },
        }
    })
}

impl Suite<'_> {
    /// The same without requests that may destroy what is not theirs, or weigh on those who share the target: other methods
    /// than the contract's, unless they only read, and bodies of great size or depth. Their rules stay untested.
    #[must_use]
    pub fn gently(mut self) -> Self {
        let reads = |method: &str| matches!(method, "GET" | "HEAD" | "OPTIONS");
        let (rules, spared) = (&self.rules, &mut self.spared);
        self.probes.retain(|probe| {
            let is_sent = match &probe.send {
                Send::Wire(Wire::Method(method)) => reads(method),
                _ => !matches!(rules[probe.rule].keyword, Keyword::Size | Keyword::Nesting),
            };
            if !is_sent {
                spared.insert((probe.rule, probe.side));
            }
            is_sent
        });
        self
    }

    /// The same with one share of the rules: every rule is in exactly one of `count` shares, numbered from 1.
    ///
    /// The rules of one place stay together, because one cause may show in several of them. What concerns the body as a
    /// whole (its example, pairs of values) can follow from any legal value, so its share sends those of every place.
    #[must_use]
    pub fn shard(mut self, number: usize, count: usize) -> Self {
        let mut places: Vec<&Site> = self.rules.iter().map(|rule| &rule.place).collect();
        places.dedup();
        let share = |place: &Site| places.iter().position(|other| *other == place).unwrap_or(0) % count.max(1) + 1;
        let rules = &self.rules;
        let whole_body = share(&self.contract.operation().site(Part::Body)) == number;
        self.probes.retain(|probe| {
            let rule = &rules[probe.rule];
            let legal = probe.side == Side::Inside && rule.standing.is_firm() && overrides(probe).is_some();
            share(&rule.place) == number || (whole_body && legal)
        });
        for (reported, rule) in self.reported.iter_mut().zip(rules) {
            *reported &= share(&rule.place) == number;
        }
        self
    }

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
        for place in self.probes.iter().filter_map(overrides).flat_map(places) {
            for around in operation.lineage(place) {
                concerned[around.0] = true;
            }
        }
        self.concerned = concerned;
        self.tells_all = false;
        Ok(self)
    }

    /// Whether a finding at a place, or at several, is one that this run tells of.
    pub(crate) fn tells(&self, places: &[Site], keyword: Keyword) -> bool {
        let about = |place: &Site| {
            let place = &ruled(place, &self.rules);
            let mut here = self.rules.iter().zip(&self.reported).filter(|(rule, _)| rule.place == *place).peekable();
            let own = here.clone().any(|(rule, _)| rule.keyword == keyword);
            here.peek().is_none() || here.any(|(rule, reported)| *reported && (!own || rule.keyword == keyword))
        };
        self.tells_all || places.iter().any(about)
    }
}

/// Every place that overrides name, those for single elements among them.
fn places(overrides: &Overrides) -> Vec<PlaceId> {
    let mut all = Vec::new();
    for (place, slot) in overrides {
        all.push(*place);
        if let Slot::Elements(elements) = slot {
            all.extend(elements.iter().flat_map(places));
        }
    }
    all
}
