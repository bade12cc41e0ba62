//! Causes of what is wrong with answers: one way to be wrong at nearly every place of the documented answers where it could be.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Finding;
use super::cause::{ANSWERS, Cause, FEWEST, LEAST_SHARE, PREFIX};
use crate::rule::{Keyword, Part, Side, written_value};
use crate::suite::Observations;

/// A way to be wrong: the keyword and what the document says by it, as far as that tells one way from another.
type Way = (Keyword, Side, String);

/// Groups the findings in documented answers, and links each to its cause.
pub(super) fn causes(observations: &Observations, findings: &mut [Finding]) -> Vec<Rc<Cause>> {
    let mut shown: BTreeMap<Way, Vec<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let is_documented = matches!(&finding.id.sites[..], [site] if matches!(site.part(), Part::Answer(..)));
        let says = observations.defects.iter().find(|(defect, _)| {
            (defect.check, defect.side) == (finding.id.keyword, finding.id.side)
                && finding.id.sites.iter().all(|site| site.part() == defect.place && *site.node() == *defect.node)
        });
        if let Some((defect, _)) = says.filter(|_| is_documented && finding.cause.is_none()) {
            shown.entry(way(defect.check, defect.side, &defect.bound)).or_default().push(number);
        }
    }
    let mut causes = Vec::new();
    for ((keyword, side, says), numbers) in shown {
        let is_alike = |other: &Way| *other == (keyword, side, says.clone());
        let seen = observations.answer_rules.iter().filter(|rule| rule.is_seen);
        let tried = seen.filter(|rule| is_alike(&way(rule.keyword, rule.side, &rule.bound))).count().max(numbers.len());
        // Where null may not stand none is expected: each one says the same.
        let is_usual = keyword == Keyword::Null || numbers.len() * 100 >= tried * LEAST_SHARE;
        if numbers.len() < FEWEST || !is_usual {
            continue;
        }
        let what = match keyword {
            Keyword::Null => "have null where it is not documented".to_owned(),
            Keyword::Required => "lack members that must be there".to_owned(),
            Keyword::Type => format!("have another type where {says} is documented"),
            keyword if says.is_empty() => format!("break `{keyword}`"),
            keyword => format!("break `{keyword}` {says}"),
        };
        let places = match keyword {
            Keyword::Null => format!("{} places", numbers.len()),
            _ => format!("{} of {tried} places", numbers.len()),
        };
        let end = if says.is_empty() { String::new() } else { format!(":{says}") };
        let cause = Rc::new(Cause {
            id: format!("{PREFIX}{keyword}:{side}:{ANSWERS}{end}"),
            sentence: format!("answers {what}, at {places}"),
            findings: numbers.iter().map(|number| findings[*number].id.to_string()).collect(),
        });
        for number in numbers {
            findings[number].cause = Some(cause.clone());
        }
        causes.push(cause);
    }
    causes
}

fn way(keyword: Keyword, side: Side, bound: &serde_json::Value) -> Way {
    let is_alike_everywhere = matches!(keyword, Keyword::Null | Keyword::Required) || bound.is_null();
    (keyword, side, if is_alike_everywhere { String::new() } else { written_value(bound) })
}
