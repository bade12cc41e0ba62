//! A table of the matrix as data: what is said of each rule. Made of verdicts, or read back from a snapshot.

use std::collections::BTreeMap;

use crate::report::matrix::{Table, words_of};
use crate::rule::{Site, SiteIndex, Unreadable};
use crate::verdict::{RuleVerdict, Status};

/// By side, the matrix's word and the answers.
type Sides = BTreeMap<String, (String, Vec<String>)>;

/// What is said of a rule.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RuleRecord {
    pub(super) sides: Sides,
    pub(super) surprises: Vec<String>,
}

/// What is said of the rules of a table, by place and rule.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) entries: BTreeMap<(Site, String), RuleRecord>,
}

impl Record {
    /// The record of a table as it is.
    pub(super) fn of(table: &Table<'_>) -> Self {
        let entry = |verdict: &&RuleVerdict| {
            let inside = verdict.inside.map(|status| ("inside", status, &verdict.inside_answers));
            let outside = verdict.outside.map(|status| ("outside", status, &verdict.outside_answers));
            let side = |(side, status, answers): (&str, Status, &Vec<String>)| {
                (side.to_owned(), (status.as_str().to_owned(), answers.clone()))
            };
            let sides = [inside, outside].into_iter().flatten().map(side).collect();
            let name = (verdict.rule.place.clone(), words_of(&verdict.rule));
            (name, RuleRecord { sides, surprises: verdict.surprises.clone() })
        };
        Self { entries: table.rules.iter().map(entry).collect() }
    }

    /// The record of a table as it was written ([`Table::render`]).
    pub(super) fn read(text: &str, index: &SiteIndex) -> Result<Self, Unreadable> {
        let mut record = Self::default();
        let mut place = None;
        let mut rule = String::new();
        for line in text.lines().skip(1).filter(|line| !line.trim().is_empty()) {
            let name = |place: &Option<Site>, rule: &str| {
                let place = place.clone().ok_or_else(|| Unreadable::new(format!("`{line}` stands at no place")))?;
                Ok((place, rule.to_owned()))
            };
            if let Some(surprise) = line.strip_prefix("    ") {
                record.entries.entry(name(&place, &rule)?).or_default().surprises.push(surprise.to_owned());
            } else if let Some((words, sides)) = line.strip_prefix("  ").and_then(apart) {
                words.clone_into(&mut rule);
                record.entries.entry(name(&place, &rule)?).or_default().sides = sides;
            } else {
                place = Some(index.site(line)?);
            }
        }
        Ok(record)
    }
}

impl RuleRecord {
    /// What is said of it, in one line.
    pub(super) fn told(&self) -> String {
        let side = |(side, (word, answers)): (&String, &(String, Vec<String>))| match &answers[..] {
            [] => format!("{side} {word}"),
            answers => format!("{side} {}", answers.join(" or ")),
        };
        self.sides.iter().map(side).collect::<Vec<_>>().join(", ")
    }
}

/// A rule's line: its name, and what is said of each side.
fn apart(line: &str) -> Option<(&str, Sides)> {
    // The bound may hold anything, so the line is read from its end.
    let start = [": inside ", ": outside "].iter().filter_map(|start| line.rfind(start)).max();
    let (name, sides) = match start {
        Some(start) => (&line[..start], &line[start + 2..]),
        None => line.rsplit_once(": ")?,
    };
    let mut read = Sides::new();
    for side in sides.split(", ").filter(|side| !side.is_empty()) {
        let (name, said) = side.split_once(' ').unwrap_or((side, ""));
        let (word, answers) = match said.split_once(" (") {
            Some((word, answers)) => (word, answers.trim_end_matches(')').split(" or ").map(str::to_owned).collect()),
            None => (said, Vec::new()),
        };
        read.insert(name.to_owned(), (word.to_owned(), answers));
    }
    Some((name, read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;
    use crate::report::matrix::tables;
    use crate::request_context::RequestContext;
    use crate::stub::{InProcess, Stub, faults};
    use crate::suite::Suite;
    use crate::verdict::verdicts;

    #[test]
    fn what_is_written_is_read_back() {
        let contract = Contract::shipped();
        let wanted = ["body.name:maxLength:off", "body.type:enum:crash", "path.task_id:maxLength:too-strict"];
        let planted = faults(&contract).into_iter().filter(|fault| wanted.contains(&fault.name().as_str())).collect();
        let suite = Suite::new(&contract);
        let mut target = InProcess(Stub::new(&contract, planted));
        let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
        let verdicts = verdicts(&suite, &seen);
        for table in tables(&verdicts.rules) {
            let read = Record::read(&table.render(), &SiteIndex::of(suite.rules()));
            assert_eq!(read, Ok(Record::of(&table)), "{}", table.source);
        }
    }
}
