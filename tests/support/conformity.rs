//! The law of the probes, whatever the contract: a legal body breaks nothing, an illegal one exactly the rule that it was
//! made for. The probes are made without asking the validator that is asked here.

use std::collections::BTreeSet;

use fencepost::compose::Composer;
use fencepost::probe::{Send, Travel};
use fencepost::rule::{Side, Site, Step};
use fencepost::suite::Suite;
use fencepost::validate::{Broken, Judge};

/// How many bodies were judged, and which of them break the law.
pub(crate) fn judged(suite: &Suite<'_>) -> (usize, Vec<String>) {
    let operation = suite.contract().operation();
    let composer = Composer::new(operation);
    let judge = Judge::new(operation);
    let mut wrong = Vec::new();
    let mut judged = 0;
    for probe in suite.probes() {
        let Send::Body(overrides) = &probe.send else { continue };
        let rule = &suite.rules()[probe.rule];
        let text = composer.body(overrides).render();
        let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let broken: BTreeSet<(Site, Broken)> =
            judge.violations(&body).into_iter().map(|one| (one.place, one.broken)).collect();
        let as_wanted = match probe.side {
            // In the document the plain keywords hold the lenient reading: a disputed rule is broken by nothing.
            _ if !rule.standing.is_firm() => broken.is_empty(),
            Side::Inside => broken.is_empty(),
            Side::Outside if matches!(probe.travel, Travel::Trial(_)) => {
                broken.len() == 1 && broken.iter().all(|(place, _)| place.is_within(&rule.place.below(Step::Element)))
            }
            Side::Outside => broken == BTreeSet::from([(rule.place.clone(), rule.keyword.into())]),
        };
        judged += 1;
        if !as_wanted {
            let (place, keyword) = (&rule.place, rule.keyword);
            wrong.push(format!("{place} {keyword} {} ({}): breaks {broken:?}: {text}", probe.side, probe.what));
        }
    }
    (judged, wrong)
}
