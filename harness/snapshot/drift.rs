//! Drift: in what a table as it is differs from the table as it was accepted, in words.
//!
//! Compares data; how a table is written is known to [`super::record`].

use std::fmt;

use super::record::{Record, RuleRecord};
use crate::rule::Site;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The place.
    pub place: Site,
    /// The rule at the place: keyword, bound and standing, and the side where it is about one.
    pub rule: String,
    /// What was accepted; nothing where the rule is new.
    pub was: Option<String>,
    /// What is; nothing where the rule is gone.
    pub now: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}: ", self.place, self.rule)?;
        match (&self.was, &self.now) {
            (Some(was), Some(now)) => write!(f, "was {was}, now {now}"),
            (Some(was), None) => write!(f, "was {was}, and is no rule any more"),
            (None, Some(now)) => write!(f, "a new rule, now {now}"),
            (None, None) => f.write_str("nothing"),
        }
    }
}

/// In what the table that is differs from the one that was accepted. Where not everything was tested, only what was answered
/// as never before is a difference.
pub(super) fn changes(was: &Record, now: &Record, complete: bool) -> Vec<Change> {
    let (was, now) = (&was.entries, &now.entries);
    let mut names: Vec<_> = was.keys().chain(now.keys()).collect();
    // In the order in which they are written.
    names.sort_by_key(|(place, rule)| (place.as_str(), rule));
    names.dedup();
    let mut changes = Vec::new();
    for name in names {
        match (was.get(name), now.get(name)) {
            (Some(was), Some(now)) => changed(name, was, now, complete, &mut changes),
            (was, now) if complete || was.is_none() => {
                let (place, rule) = name.clone();
                changes.push(Change { place, rule, was: was.map(RuleRecord::told), now: now.map(RuleRecord::told) });
            }
            _ => {}
        }
    }
    changes
}

fn changed(name: &(Site, String), was: &RuleRecord, now: &RuleRecord, complete: bool, changes: &mut Vec<Change>) {
    let before = changes.len();
    let mut sides: Vec<&String> = was.sides.keys().chain(now.sides.keys()).collect();
    sides.sort();
    sides.dedup();
    for side in sides {
        let (then, here) = (was.sides.get(side), now.sides.get(side));
        let differs = if complete {
            then != here
        } else {
            let known = |answer: &String| then.is_some_and(|(_, answers)| answers.contains(answer));
            here.is_some_and(|(_, answers)| !answers.iter().all(known))
        };
        if differs {
            let told = |side: Option<&(String, Vec<String>)>, other: Option<&(String, Vec<String>)>| {
                side.map(|(word, answers)| {
                    let same = other.is_some_and(|other| other.1 == *answers);
                    if answers.is_empty() || same { word.clone() } else { answers.join(" or ") }
                })
            };
            let (place, rule) = (name.0.clone(), format!("{}, {side}", name.1));
            changes.push(Change { place, rule, was: told(then, here), now: told(here, then) });
        }
    }
    if changes.len() == before && complete && was.surprises != now.surprises {
        let told = |surprises: &[String]| {
            Some(if surprises.is_empty() { "no surprise".to_owned() } else { surprises.join("; ") })
        };
        let (place, rule) = name.clone();
        changes.push(Change { place, rule, was: told(&was.surprises), now: told(&now.surprises) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;
    use crate::rule::{SiteIndex, rules};

    const WAS: &str = "Table 2\n\nbody.name\n  maxLength 255: inside enforced (accepted 200), \
                       outside enforced (refused 400 SMS.1400 or refused 413)\n  null \"a: inside x\" (disputed): inside too strict\n    \
                       null: refused\n  enum [\"a, b\"]: outside untested\n";

    #[track_caller]
    fn check(from: &str, to: &str, complete: bool, words: &[&str]) {
        let now = WAS.replace(from, to);
        assert!(from.is_empty() || now != WAS, "{from} is not there");
        let index = SiteIndex::of(&rules(Contract::shipped().operation()));
        let read = |text: &str| Record::read(text, &index).expect("it is a table");
        let told: Vec<String> = changes(&read(WAS), &read(&now), complete).iter().map(Change::to_string).collect();
        assert_eq!(told, words);
    }

    #[test]
    fn a_difference_is_told_in_words() {
        check("", "", true, &[]);
        check(
            "enforced (refused 400 SMS.1400 or refused 413)",
            "not enforced (accepted 200)",
            true,
            &["`body.name` maxLength 255, outside: was refused 400 SMS.1400 or refused 413, now accepted 200"],
        );
        check(
            "SMS.1400",
            "SMS.1401",
            true,
            &[
                "`body.name` maxLength 255, outside: was refused 400 SMS.1400 or refused 413, now refused 400 SMS.1401 or refused 413",
            ],
        );
        check(
            "inside too strict",
            "inside enforced",
            true,
            &["`body.name` null \"a: inside x\" (disputed), inside: was too strict, now enforced"],
        );
        check(
            "null: refused",
            "null: crashed",
            true,
            &["`body.name` null \"a: inside x\" (disputed): was null: refused, now null: crashed"],
        );
        check(
            "  maxLength 255:",
            "  maxLength 256:",
            true,
            &[
                "`body.name` maxLength 255: was inside accepted 200, outside refused 400 SMS.1400 or refused 413, and is no rule any more",
                "`body.name` maxLength 256: a new rule, now inside accepted 200, outside refused 400 SMS.1400 or refused 413",
            ],
        );
    }

    #[test]
    fn what_was_not_tested_is_no_difference_unless_all_was() {
        let from = "enforced (refused 400 SMS.1400 or refused 413)";
        let told = ["`body.name` maxLength 255, outside: was refused 400 SMS.1400 or refused 413, now untested"];
        check(from, "untested", true, &told);
        check(from, "untested", false, &[]);
        check(from, "enforced (refused 413)", false, &[]);
        check(
            "  maxLength 255: inside enforced (accepted 200), outside enforced (refused 400 SMS.1400 or refused 413)\n",
            "",
            false,
            &[],
        );
        check(
            from,
            "enforced (refused 413 or refused 414)",
            false,
            &[
                "`body.name` maxLength 255, outside: was refused 400 SMS.1400 or refused 413, now refused 413 or refused 414",
            ],
        );
    }
}
