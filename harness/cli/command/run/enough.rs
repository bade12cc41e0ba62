//! Whether enough was tested: a run that met few rules must not look like one that found nothing wrong.

use crate::cli::config::arguments::RunArguments;
use crate::cli::config::min_rules::MinRules;
use crate::contract::Contract;
use crate::report::json::ended;
use crate::report::matrix::is_judged;
use crate::rule::{Part, Rule};
use crate::suite::Suite;
use crate::verdict::{RuleVerdict, Status, Verdicts};

use super::plan;

/// Why too little was tested, in one line; nothing where it was enough.
pub(super) fn shortfall(arguments: &RunArguments, contract: &Contract, verdicts: &Verdicts) -> Option<String> {
    let is_counted = |verdict: &&RuleVerdict| is_counted(&verdict.rule);
    let firm: Vec<&RuleVerdict> = verdicts.rules.iter().filter(is_counted).collect();
    let judged = firm.iter().filter(|verdict| is_judged(verdict)).count();
    if verdicts.rules.iter().all(is_untested) {
        return Some(format!("nothing was tested: {}", why(arguments, verdicts, firm.len())));
    }
    let least = arguments.min_rules?;
    let all = whole(arguments, contract);
    (!least.is_met(judged, all)).then(|| {
        let why = match least {
            MinRules::Count(least) if least > all => "there are no more; ask for fewer".to_owned(),
            _ => why(arguments, verdicts, firm.len()),
        };
        format!("{judged} of {all} firm rules have a verdict, fewer than --min-rules {least}: {why}")
    })
}

fn why(arguments: &RunArguments, verdicts: &Verdicts, selected: usize) -> String {
    if verdicts.stop.is_some() {
        format!(
            "the run ended early ({}); give it more, or go on with it with --journal and --resume",
            ended(verdicts.stop)
        )
    } else if plan::is_whole(arguments) || verdicts.rules.iter().all(is_untested) {
        "--full shows what each rule is short of; --invasive sends what is held back from another machine".to_owned()
    } else {
        format!("the selection is about {selected} of them; select more, or ask for fewer")
    }
}

/// The firm rules that a run without a selection would be about; of a shard, those of its share.
fn whole(arguments: &RunArguments, contract: &Contract) -> usize {
    let suite = Suite::new(contract);
    let suite = match arguments.shard {
        Some((number, count)) => suite.shard(number, count),
        None => suite,
    };
    let about = |(rule, reported): &(&Rule, &bool)| **reported && is_counted(rule);
    suite.rules().iter().zip(suite.reported()).filter(about).count()
}

/// Whether it is known before answers come: what of a documented answer a target has is its own affair.
fn is_counted(rule: &Rule) -> bool {
    rule.standing.is_firm() && !matches!(rule.place.part(), Part::Answer(..))
}

fn is_untested(verdict: &RuleVerdict) -> bool {
    [verdict.inside, verdict.outside].into_iter().flatten().all(|status| status == Status::Untested)
}
