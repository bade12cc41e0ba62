//! `fencepost rules`: what the contract demands, one line a rule.

use std::fmt::Write as _;

use serde_json::Value;

use super::error::Failure;
use crate::cli::config::arguments::RulesArguments;
use crate::cli::config::contracts::{Contracts, OpenContracts};
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::contract::Contract;
use crate::report::json::RuleEntry;
use crate::rule::{Rule, SiteIndex, rules};

pub(super) fn run(arguments: &RulesArguments) -> Result<Exit, Failure> {
    match arguments.contract.load_all()? {
        Contracts::One(contract) => {
            let (operation, all) = described(&contract);
            let listed = chosen(arguments, &all)?;
            output::print(&if arguments.json { json(entries(&operation, &listed)) } else { text(&listed) });
        }
        // That others are not let in is a rule, too.
        Contracts::Open(open) => many(arguments, &open.called_with(|_| true))?,
    }
    Ok(Exit::Clean)
}

/// The rules of each operation of a document, below its name.
fn many(arguments: &RulesArguments, open: &OpenContracts) -> Result<(), Failure> {
    let mut found = Vec::new();
    let (mut is_known, mut is_told, mut unknown) = (false, false, None);
    for opened in open.operations() {
        let contract = match opened.contract {
            Ok(contract) => contract,
            Err(why) => {
                if !arguments.json && arguments.place.is_none() && arguments.keyword.is_none() {
                    output::print(&format!("{}: cannot be tested: {why}\n\n", opened.name));
                }
                continue;
            }
        };
        let (operation, all) = described(&contract);
        // A place need not be one of every operation.
        match chosen(arguments, &all) {
            // Nor need a keyword.
            Ok(listed) if listed.is_empty() => {}
            Ok(listed) if arguments.json => found.extend(entries(&operation, &listed)),
            Ok(listed) => {
                is_told = true;
                output::print(&format!("{operation}\n{}\n", text(&listed)));
            }
            Err(why) => {
                unknown.get_or_insert(why);
                continue;
            }
        }
        is_known = true;
    }
    if let Some(why) = unknown.filter(|_| !is_known) {
        return Err(why);
    }
    if arguments.json {
        output::print(&json(found));
    } else if !is_told {
        output::print(&text(&[]));
    }
    Ok(())
}

fn described(contract: &Contract) -> (String, Vec<Rule>) {
    (contract.operation().name().to_string(), rules(contract.operation()))
}

/// The rules that are asked for.
fn chosen<'a>(arguments: &RulesArguments, all: &'a [Rule]) -> Result<Vec<&'a Rule>, Failure> {
    let mut listed: Vec<&Rule> = all.iter().collect();
    if let Some(place) = &arguments.place {
        let index = SiteIndex::of(all);
        let meant = index.meant(place);
        if meant.is_empty() {
            return Err(Failure::UnknownPlace(place.clone(), index.nearest(place)));
        }
        listed.retain(|rule| meant.contains(&rule.place));
    }
    if let Some(keyword) = arguments.keyword {
        listed.retain(|rule| rule.keyword == keyword);
    }
    Ok(listed)
}

fn entries(operation: &str, rules: &[&Rule]) -> Vec<Value> {
    let entry = |rule: &&Rule| serde_json::to_value(RuleEntry::untested(operation, rule)).ok();
    rules.iter().filter_map(entry).collect()
}

fn json(entries: Vec<Value>) -> String {
    format!("{:#}\n", Value::Array(entries))
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
