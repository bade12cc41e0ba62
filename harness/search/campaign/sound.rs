//! Which cases are worth sending, and which reactions to them are worth a look.

use super::FuzzCampaign;
use crate::generate::Case;
use crate::oracle::Reaction;
use crate::rule::Site;

impl FuzzCampaign<'_> {
    /// Whether a case is what it was made for: legal, or illegal for nothing but the rules that it is to break.
    pub(super) fn is_sound(&self, case: &Case) -> bool {
        let Some(judge) = &self.judge else { return true };
        let Ok(body) = serde_json::from_str(&case.body.render()) else { return false };
        if case.broken.is_empty() {
            return judge.accepts(&body);
        }
        let rules = self.generator.rules();
        let is_meant = |place: &Site| case.broken.iter().any(|rule| place.is_at(&rules[*rule].place));
        let violations = judge.all_violations(&body);
        !violations.is_empty() && violations.iter().all(|violation| is_meant(&violation.place))
    }

    /// Whether a reaction is what the contract wants for a case, or says nothing of it. What a service of an open contract
    /// takes or refuses a run finds out, by contrast; what fells it counts, whatever it was sent.
    pub(super) fn is_fine(&self, case: &Case, reaction: Reaction) -> bool {
        is_fine(case, reaction) || (self.judge.is_some() && !reaction.is_failure())
    }
}

/// Whether a reaction is what the contract wants for a case, or says nothing of it.
fn is_fine(case: &Case, reaction: Reaction) -> bool {
    match reaction {
        Reaction::Unknown | Reaction::Throttled => true,
        Reaction::Accepted => case.broken.is_empty(),
        Reaction::Refused => !case.broken.is_empty(),
        Reaction::Crashed | Reaction::TimedOut | Reaction::Dropped => false,
    }
}
