//! What a campaign tells: findings that are new among those that all evidence leads to, defects of answers, answers that change.

use super::{FuzzCampaign, News, SHRINKING};
use crate::generate::Case;
use crate::oracle::Defect;
use crate::rule::{FindingId, Keyword};
use crate::search::shrink::{Attempt, Budget, shrink};
use crate::session::{Ask, Exchange, Expect, Stop};
use crate::verdict::findings;

impl FuzzCampaign<'_> {
    /// Tells what is new among the findings that all evidence leads to; `shrunk` is the case that shows the latest.
    pub(super) fn tell(&mut self, shrunk: Option<&Attempt>) {
        if self.run.session.ended() == Some(Stop::Anew) {
            return;
        }
        for finding in findings(self.suite, self.evidence.observations()).0 {
            // Whatever changes, it is one cause, and once is enough to know of it.
            let flaky = |id: &FindingId| id.keyword == Keyword::Flaky;
            let told = flaky(&finding.id) && self.known.iter().any(flaky);
            if !told && self.known.insert(finding.id.clone()) {
                let sent = |attempt: &&Attempt| {
                    finding.exchange.request.body.as_deref() == Some(attempt.case.body.render().as_bytes())
                };
                let attempt = shrunk.filter(sent).cloned();
                self.in_vain = 0;
                self.news.push(News::Found(Box::new(finding), attempt));
            }
        }
    }

    /// What is wrong with answers, shown by the smallest case that gets such an answer where `attempt` got one.
    pub(super) fn tell_defects(&mut self, attempt: Option<&Attempt>) {
        let told = |campaign: &Self, defect: &Defect| {
            let all = &campaign.evidence.observations().defects;
            all.iter().any(|(other, _)| other.key() == defect.key())
        };
        let unknown = |campaign: &Self| {
            let defects: Vec<_> = campaign.run.session.defects();
            defects.into_iter().filter(|(defect, _)| !told(campaign, defect)).collect::<Vec<_>>()
        };
        if unknown(self).is_empty() {
            return;
        }
        self.consult();
        for (defect, exchange) in unknown(self) {
            let has = |exchange: &Exchange| exchange.judgement.defects.iter().any(|other| other.key() == defect.key());
            let meets = |campaign: &mut Self, case: &Case| {
                let ask = Ask { key: None, expect: Expect::Decided, ..campaign.ask(case) };
                campaign.run.session.ask_one(&ask).exchange
            };
            let shown = attempt.filter(|attempt| has(&meets(self, &attempt.case))).cloned();
            let shrunk = shown.map(|attempt| {
                let budget = Budget { questions: SHRINKING, failures: SHRINKING };
                shrink(self.generator, attempt, budget, &mut |attempt| {
                    self.is_sound(&attempt.case) && has(&meets(self, &attempt.case))
                })
            });
            let exchange = match &shrunk {
                Some(shrunk) => meets(self, &shrunk.case),
                None => exchange,
            };
            self.evidence.add_defect(defect, exchange);
            self.tell(shrunk.as_ref());
        }
    }

    pub(super) fn tell_flakes(&mut self) {
        if !self.run.session.is_inconsistent() || self.run.session.ended() == Some(Stop::Anew) {
            return;
        }
        self.consult();
        let seen = self.run.observations();
        self.evidence.add_flakes(seen);
        self.tell(None);
    }
}
