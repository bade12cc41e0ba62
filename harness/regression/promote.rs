//! Makes regression cases of what fuzzers and runs leave behind.
//!
//! What must become of a body is decided by the validator, never by whoever found it; a finding whose side says otherwise
//! was made with another contract.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use super::finding::{self, Finding};
use super::{Expectation, Input, Regression};
use crate::contract::Contract;
use crate::exchange::{Outcome, Request};
use crate::generate::{Choices, Generator, RawChoices};
use crate::oracle::{Oracle, Reaction, Scope};
use crate::rule::{Breach, FindingId, Keyword, OperationName, Part, Side, Site, SiteIndex};
use crate::stub::{Reply, Stub};
use crate::validate::Judge;

/// Makes cases by one contract.
#[derive(Debug)]
pub struct Promoter {
    generator: Generator,
    index: SiteIndex,
    judge: Judge,
    stub: Stub,
    oracle: Oracle,
}

impl Promoter {
    /// A promoter for this contract.
    pub fn new(contract: &Contract) -> Self {
        let operation = contract.operation();
        let generator = Generator::new(contract);
        Self {
            index: SiteIndex::of(generator.rules()),
            generator,
            judge: Judge::new(operation),
            stub: Stub::new(contract, Vec::new()),
            oracle: Oracle::new(&operation.responses, Vec::new()),
        }
    }

    /// The operation that the cases are about.
    pub fn operation(&self) -> &OperationName {
        self.judge.operation()
    }

    /// Whether two texts are the id of the same finding, in whatever form each is told.
    pub fn is_same(&self, one: &str, other: &str) -> bool {
        let read = |text: &str| self.index.finding(text).ok();
        one == other || read(one).is_some_and(|id| Some(id) == read(other))
    }

    /// A contract that loads, or does not; nothing where trying broke the loader.
    pub fn contract(from: &str, text: &str, loads: Option<bool>) -> Regression {
        let expect = loads.map_or(Expectation::Either, Expectation::of);
        Regression { from: from.to_owned(), expect, breaks: Vec::new(), input: Input::Contract(text.to_owned()) }
    }

    /// A body.
    pub fn body(&self, from: &str, bytes: Vec<u8>) -> Regression {
        let breaks = broken(&self.judge, &bytes);
        let expect = Expectation::of(breaks.is_empty());
        Regression { from: from.to_owned(), expect, breaks, input: Input::Body { bytes, choices: None } }
    }

    /// The body that the generator makes of the choices in a file: an entry of a search's corpus, or a fuzzer's bytes.
    pub fn choices(&self, from: &str, bytes: &[u8]) -> Result<Regression, String> {
        let mut numbers = choices_in(bytes)?;
        // Past the end every choice is 0 anyway.
        numbers.truncate(numbers.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1));
        // What is promoted may be the very choices on which the generator breaks.
        let make = || self.generator.drawn(&mut Choices::new(&numbers)).body.render();
        Ok(match catch_unwind(AssertUnwindSafe(make)) {
            Ok(body) => {
                let bytes = body.into_bytes();
                Regression {
                    input: Input::Body { bytes: bytes.clone(), choices: Some(numbers) },
                    ..self.body(from, bytes)
                }
            }
            Err(_) => Regression {
                from: from.to_owned(),
                expect: Expectation::Either,
                breaks: Vec::new(),
                input: Input::Choices(numbers),
            },
        })
    }

    /// Whether the bytes are an entry of a search's corpus.
    pub fn holds_choices(bytes: &[u8]) -> bool {
        serde_json::from_slice::<Value>(bytes).is_ok_and(|json| json.get("choices").is_some())
    }

    /// Whether the bytes are a report, or a finding.
    pub fn holds_findings(bytes: &[u8]) -> bool {
        serde_json::from_slice(bytes).is_ok_and(|json| finding::is_one(&json))
    }

    /// The findings of a report, or the one that a file holds: those whose ids are wanted.
    pub fn findings(
        &self,
        from: &str,
        bytes: &[u8],
        mut wanted: impl FnMut(&str) -> bool,
    ) -> Result<Vec<Regression>, String> {
        let json = serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
        if !finding::is_one(&json) {
            return Err("it is neither a report nor a finding".to_owned());
        }
        let mut findings = finding::read(json)?;
        if findings.is_empty() {
            return Err("it is a report without findings".to_owned());
        }
        findings.retain(|found| wanted(&found.id));
        findings.iter().map(|found| self.finding(from, found)).collect()
    }

    fn finding(&self, from: &str, found: &Finding) -> Result<Regression, String> {
        let request = found.request()?;
        let operation = self.operation();
        let foreign = |why| {
            format!(
                "`{}` is no finding of {operation}: {why}; name the contract that it is of with --contract",
                found.id
            )
        };
        let id = self.index.finding(&found.id).map_err(foreign)?;
        let inside = id.side == Side::Inside;
        let input = if self.is_ordinary(&request, &id) {
            Input::Body { bytes: request.body.as_deref().unwrap_or_default().to_vec(), choices: None }
        } else {
            Input::Request(request.clone())
        };
        let (legal, mut breaks) = match &input {
            Input::Body { bytes, .. } => {
                let breaks = broken(&self.judge, bytes);
                (breaks.is_empty(), breaks)
            }
            _ => (
                self.is_accepted_by_the_stub(&request),
                vec![Breach { sites: id.sites.clone(), broken: id.keyword.into() }],
            ),
        };
        let rules = self.generator.rules().iter();
        let of_it = rules.filter(|rule| rule.keyword == id.keyword && id.is_at(&rule.place));
        let standings: Vec<bool> = of_it.map(|rule| rule.standing.is_firm()).collect();
        // A fault of answers shows in whatever was sent, and a hang or a drop is about no rule.
        let free = id.sites.iter().any(Site::is_of_answers) || standings.is_empty() || standings.contains(&false);
        let firm = standings.is_empty() || standings.contains(&true);
        let expect = if firm && legal == inside {
            Expectation::of(inside)
        } else if free {
            Expectation::Either
        } else {
            let word = Expectation::of(inside).as_str();
            return Err(format!(
                "{} wants its request {word}, and the shipped contract does not; it was found with another contract",
                found.id
            ));
        };
        if expect != Expectation::Refused {
            breaks.clear();
        }
        let from = format!("{} in {from}: expected {}, observed {}", found.id, found.expected, found.observed);
        Ok(Regression { from, expect, breaks, input })
    }

    /// Whether nothing but the body of a request matters.
    fn is_ordinary(&self, request: &Request, id: &FindingId) -> bool {
        let operation = self.generator.operation();
        let about_the_body = id.sites.iter().all(|site| site.part() == Part::Body || site.is_of_answers());
        about_the_body
            && request.method == operation.method
            && request.header("content-type") == Some("application/json")
            && !request.path.contains('?')
    }

    fn is_accepted_by_the_stub(&self, request: &Request) -> bool {
        match self.stub.reply(request) {
            Reply::Answer(response) => {
                let answer = Outcome::Answer(response);
                self.oracle.judge(request, &answer, Scope::Operation).reaction == Reaction::Accepted
            }
            Reply::Hang | Reply::Drop => false,
        }
    }
}

/// The rules that a body breaks, each once and in the order of their texts.
pub fn broken(judge: &Judge, bytes: &[u8]) -> Vec<Breach> {
    let whole = |keyword: Keyword| vec![Breach::at(Site::new(judge.operation(), Part::Body, []), keyword)];
    if bytes.is_empty() {
        return whole(Keyword::Required);
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return whole(Keyword::WellFormed) };
    let violations = judge.violations(&value).into_iter();
    let named: BTreeMap<String, Breach> = violations
        .map(|violation| Breach::at(violation.place, violation.broken))
        .map(|breach| (breach.to_string(), breach))
        .collect();
    named.into_values().collect()
}

fn choices_in(bytes: &[u8]) -> Result<Vec<u16>, String> {
    let json = serde_json::from_slice::<Value>(bytes).ok();
    let Some(entry) = json.as_ref().filter(|json| json.get("choices").is_some()) else {
        return Ok(RawChoices::from_bytes(bytes).0);
    };
    let numbers = |name: &str, value: &Value| {
        serde_json::from_value(value.clone()).map_err(|error| format!("its `{name}` cannot be read: {error}"))
    };
    let choices: Vec<u16> = numbers("choices", &entry["choices"])?;
    // How many rules are broken is the first choice of what a fuzzer draws.
    let Some(count) = entry.get("violations") else { return Ok(choices) };
    Ok([numbers("violations", &json!([count]))?, choices].concat())
}
