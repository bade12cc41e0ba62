//! `fencepost rules`: what the contract demands, one line a rule.

use std::fmt::Write as _;

use serde_json::Value;

use super::error::Failure;
use crate::cli::config::arguments::RulesArguments;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::report::json::RuleEntry;
use crate::rule::{Rule, SiteIndex, rules};

pub(super) fn run(arguments: &RulesArguments) -> Result<Exit, Failure> {
    let contract = arguments.contract.load()?;
    let all = rules(contract.operation());
    let mut listed: Vec<&Rule> = all.iter().collect();
    if let Some(place) = &arguments.place {
        let index = SiteIndex::of(&all);
        let meant = index.meant(place);
        if meant.is_empty() {
            return Err(Failure::UnknownPlace(place.clone(), index.nearest(place)));
        }
        listed.retain(|rule| meant.contains(&rule.place));
    }
    if let Some(keyword) = arguments.keyword {
        listed.retain(|rule| rule.keyword == keyword);
    }
    let operation = format!("{} {}", contract.operation().method, contract.operation().path);
    output::print(&if arguments.json { json(&operation, &listed) } else { text(&listed) });
    Ok(Exit::Clean)
}

fn json(operation: &str, rules: &[&Rule]) -> String {
    let entries: Vec<RuleEntry<'_>> = rules.iter().map(|rule| RuleEntry::untested(operation, rule)).collect();
    serde_json::to_string_pretty(&entries).unwrap_or_default() + "\n"
}

fn text(rules: &[&Rule]) -> String {
    let place = rules.iter().map(|rule| rule.place.as_str().chars().count()).max().unwrap_or(0);
    let source = rules.iter().map(|rule| rule.source.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules {
        let bound = if rule.bound == Value::Null { String::new() } else { rule.bound.to_string() };
        let standing = match rule.standing.reason() {
            None => "firm".to_owned(),
            Some(reason) => format!("{}: {reason}", rule.standing.as_str()),
        };
        let line =
            format!("{:place$}  {:14}  {bound:24}  {:source$}  {standing}", rule.place, rule.keyword, rule.source);
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let firm = rules.iter().filter(|rule| rule.standing.is_firm()).count();
    if rules.is_empty() {
        return "no rule\n".to_owned();
    }
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}, {firm} of them firm", counted(rules.len(), "rule"));
    out
}
