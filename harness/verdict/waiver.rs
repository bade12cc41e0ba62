//! Waivers: findings that are known and tolerated until a date. Told as what they are, and not counted.
//!
//! Has no clock: today is a word that it is told.

use super::{Finding, Status, Verdicts};
use crate::rule::Side;

/// A finding that is tolerated until a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The finding's id.
    pub id: String,
    /// Why.
    pub reason: String,
    /// The last day, as `YYYY-MM-DD`: such dates follow each other as their texts do.
    pub expires: String,
}

impl Waiver {
    /// The waiver of the finding with this id, and whether it still holds.
    pub fn of<'a>(waivers: &'a [Self], id: &str, today: &str) -> Option<(&'a Self, bool)> {
        let waiver = waivers.iter().find(|waiver| waiver.id == id)?;
        Some((waiver, waiver.holds(today)))
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
        for waiver in waivers {
            let covered = self.findings.iter().position(|finding| finding.id() == waiver.id);
            match covered {
                Some(_) if !waiver.holds(today) => self.lapsed.push(Lapsed::Expired(waiver.clone())),
                Some(at) => {
                    let finding = self.findings.remove(at);
                    self.waived.push(Waived { finding, waiver: waiver.clone() });
                }
                None if self.would_have_found(&waiver.id) => self.lapsed.push(Lapsed::Unneeded(waiver.clone())),
                None => {}
            }
        }
    }

    /// Whether this run says anything of the finding: its rule has a verdict.
    fn would_have_found(&self, id: &str) -> bool {
        let mut parts = id.rsplitn(3, ':');
        let (side, keyword, place) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
        let first = place.split(" + ").next().unwrap_or_default();
        let here = || self.rules.iter().filter(|verdict| verdict.rule.place == first);
        let open = |status: Option<Status>| matches!(status, Some(Status::Inconclusive | Status::Untested));
        self.stop.is_none()
            && here().next().is_some()
            && !here()
                .filter(|verdict| Some(verdict.rule.keyword.as_str()) == keyword)
                .any(|verdict| open(if side == Some(Side::Inside.as_str()) { verdict.inside } else { verdict.outside }))
    }
}
