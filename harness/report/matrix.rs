//! The matrix: every rule against what the target makes of it, a table of the contract at a time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::rule::Rule;
use crate::verdict::{RuleVerdict, Status};

/// The rules of one table of the contract.
#[derive(Debug)]
pub struct Table<'a> {
    /// The table's name.
    pub source: &'a str,
    /// Its rules, in order.
    pub rules: Vec<&'a RuleVerdict>,
    /// A file's name for it, which no other table has.
    slug: String,
}

/// The rules by table, in the order of the tables' first rules.
pub fn tables(rules: &[RuleVerdict]) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    for verdict in rules {
        let source = verdict.rule.source.as_str();
        match tables.iter_mut().find(|table| table.source == source) {
            Some(table) => table.rules.push(verdict),
            None => tables.push(Table { source, rules: vec![verdict], slug: String::new() }),
        }
    }
    tables.sort_by_key(|table| number(table.source));
    let mut taken = BTreeSet::new();
    for table in &mut tables {
        // A name may have no letter that a file's name takes, or be another's in other letters.
        let plain = slug(table.source);
        let first = if plain.is_empty() { "table".to_owned() } else { plain };
        let mut all = std::iter::once(first.clone()).chain((2..).map(|number| format!("{first}-{number}")));
        table.slug = all.find(|slug| taken.insert(slug.clone())).unwrap_or(first);
    }
    tables
}

fn slug(source: &str) -> String {
    match number(source) {
        usize::MAX => source
            .to_lowercase()
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join("-"),
        number => format!("table-{number:02}"),
    }
}

/// `Table 12` after `Table 2`, and what is no table last.
fn number(source: &str) -> usize {
    source.strip_prefix("Table ").and_then(|number| number.parse().ok()).unwrap_or(usize::MAX)
}

impl<'a> Table<'a> {
    /// All rules in one.
    pub(super) fn of_all(rules: &'a [RuleVerdict]) -> Self {
        Self { source: "all tables", rules: rules.iter().collect(), slug: String::new() }
    }

    /// A file's name for the table.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// The table as text: a line a rule, with what the target makes of each side and how it answered, and what surprised
    /// below it.
    pub fn render(&self) -> String {
        let mut out = format!("{}\n", self.source);
        let mut place = "";
        for verdict in &self.rules {
            let rule = &verdict.rule;
            if rule.place.as_str() != place {
                place = rule.place.as_str();
                // Writing to a String cannot fail.
                let _ = writeln!(out, "\n{place}");
            }
            let told = |answers: &[String]| match answers {
                [] => String::new(),
                answers => format!(" ({})", answers.join(" or ")),
            };
            let inside = verdict.inside.map(|status| ("inside", status, &verdict.inside_answers));
            let outside = verdict.outside.map(|status| ("outside", status, &verdict.outside_answers));
            let sides = [inside, outside]
                .into_iter()
                .flatten()
                .map(|(side, status, answers)| format!("{side} {}{}", status.as_str(), told(answers)))
                .collect::<Vec<_>>()
                .join(", ");
            let _ = writeln!(out, "  {}: {sides}", words_of(rule));
            for surprise in &verdict.surprises {
                let _ = writeln!(out, "    {surprise}");
            }
        }
        out
    }
}

/// A rule at its place, in words: keyword, bound and standing.
pub fn words_of(rule: &Rule) -> String {
    let bound = if rule.bound == Value::Null { String::new() } else { format!(" {}", rule.bound) };
    let standing = if rule.standing.is_firm() { String::new() } else { format!(" ({})", rule.standing.as_str()) };
    format!("{}{bound}{standing}", rule.keyword)
}

/// Whether anything is known of how a target keeps a rule.
pub fn is_judged(verdict: &RuleVerdict) -> bool {
    !matches!(worst(verdict), Status::Inconclusive | Status::Untested)
}

/// One word for a rule: the worse of its sides.
pub fn worst(verdict: &RuleVerdict) -> Status {
    const WORST_FIRST: [Status; 6] = [
        Status::Crashes,
        Status::NotEnforced,
        Status::TooStrict,
        Status::Inconclusive,
        Status::Untested,
        Status::Enforced,
    ];
    let sides = [verdict.inside, verdict.outside];
    WORST_FIRST.into_iter().find(|status| sides.contains(&Some(*status))).unwrap_or(Status::Untested)
}
