//! Waivers: findings that are known and tolerated until a date. Told as what they are, and not counted.
//!
//! Has no clock: today is a word that it is told.

use super::cause::{Cause, is_cause};
use super::{Finding, RuleVerdict, Status, Verdicts};
use crate::rule::{FindingId, Side, SiteIndex};

/// A finding that is tolerated until a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The id of the finding, or of the cause of several, as it was written.
    pub id: String,
    /// Why.
    pub reason: String,
    /// The last day, as `YYYY-MM-DD`: such dates follow each other as their texts do.
    pub expires: String,
}

impl Waiver {
    /// The waiver of the finding with this id and this cause, and whether it still holds: one that does, if there is any.
    pub fn of<'a>(
        waivers: &'a [Self],
        index: &SiteIndex,
        id: &FindingId,
        cause: Option<&str>,
        today: &str,
    ) -> Option<(&'a Self, bool)> {
        let covering = waivers.iter().filter(|waiver| waiver.covers(index, id, cause));
        covering.map(|waiver| (waiver, waiver.holds(today))).max_by_key(|(_, holds)| *holds)
    }

    /// Whether it is about the finding with this id and this cause, in whatever form it names it.
    fn covers(&self, index: &SiteIndex, id: &FindingId, cause: Option<&str>) -> bool {
        Some(self.id.as_str()) == cause
            || self.id == id.short()
            || self.id == id.to_string()
            || index.finding(&self.id).is_ok_and(|waived| waived.covers(id))
    }

    /// Whether its last day has not passed.
    pub fn holds(&self, today: &str) -> bool {
        self.expires.as_str() >= today
    }
}

/// A finding with the waiver that covers it.
#[derive(Debug, Clone)]
pub struct Waived {
    /// The finding.
    pub finding: Finding,
    /// The waiver.
    pub waiver: Waiver,
}

/// A waiver that covers nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lapsed {
    /// Its day has passed, and its finding counts again.
    Expired(Waiver),
    /// Nothing is found there any more.
    Unneeded(Waiver),
}

impl Verdicts {
    /// Takes the waived findings out of those that count.
    pub fn waive(&mut self, waivers: &[Waiver], today: &str) {
        let index = SiteIndex::of(self.rules.iter().map(|verdict| &verdict.rule));
        for waiver in waivers {
            let is_meant = |finding: &Finding| {
                waiver.covers(&index, &finding.id, finding.cause.as_ref().map(|cause| cause.id.as_str()))
            };
            let is_found = self.findings.iter().any(is_meant);
            if is_found && waiver.holds(today) {
                let (covered, left) = std::mem::take(&mut self.findings).into_iter().partition(is_meant);
                self.findings = left;
                let covered: Vec<Finding> = covered;
                self.waived.extend(covered.into_iter().map(|finding| Waived { finding, waiver: waiver.clone() }));
            } else if is_found {
                self.lapsed.push(Lapsed::Expired(waiver.clone()));
            } else if self.would_have_found(&waiver.id, &index) {
                self.lapsed.push(Lapsed::Unneeded(waiver.clone()));
            }
        }
        let of = |finding: &Finding, cause: &Cause| finding.cause.as_ref().is_some_and(|other| other.id == cause.id);
        self.causes.retain(|cause| self.findings.iter().any(|finding| of(finding, cause)));
    }

    /// Whether this run says anything of the finding: its rule has a verdict.
    fn would_have_found(&self, text: &str, index: &SiteIndex) -> bool {
        if is_cause(text) {
            return self.stop.is_none() && self.rules.iter().all(|verdict| !is_untested(verdict));
        }
        let Ok(id) = index.finding(text) else { return false };
        let here = || self.rules.iter().filter(|verdict| id.sites.first() == Some(&verdict.rule.place));
        let open = |status: Option<Status>| matches!(status, Some(Status::Inconclusive | Status::Untested));
        self.stop.is_none()
            && here().next().is_some()
            && !here()
                .filter(|verdict| verdict.rule.keyword == id.keyword)
                .any(|verdict| open(if id.side == Side::Inside { verdict.inside } else { verdict.outside }))
    }
}

fn is_untested(verdict: &RuleVerdict) -> bool {
    [verdict.inside, verdict.outside].contains(&Some(Status::Untested))
}
