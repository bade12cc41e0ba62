//! The faults: every way in which the stub can be told to break its contract, and what each should be found as.
//!
//! Derived from the rules. A fault that no request could show by itself (a bound beside an `enum`) is not in the list.

use std::fmt;

use serde_json::{Value, json};

use super::parse::Reading;
use crate::compose::Composer;
use crate::contract::{Contract, Edit, Operation, ParameterIn, PlaceId, Presence, Shape};
use crate::exchange::{Request, Response, is_idempotent};
use crate::json::Json;
use crate::rule::{
    CONTENT_TYPE, FaultId, FindingId, Keyword, POINTED, Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Rule, Side, Site,
    Step, rules, written_value,
};

/// One way to break the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What it is called: `body.name:maxLength:off`.
    pub id: String,
    /// The finding that it must lead to.
    pub found: FindingId,
    pub(super) place: Site,
    pub(super) keyword: Keyword,
    pub(super) effect: Effect,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// Bodies are judged by a changed schema.
    Schema(Vec<Edit>),
    /// A violation of the fault's rule fells the stub.
    Fumble(Fumble),
    /// A legal value fells the stub.
    Value(Value, Fumble),
    /// A legal value is refused.
    Refuse(Value),
    /// One sound element is enough for an array.
    AnyElement,
    /// Elements after the first are not checked.
    FirstElementOnly,
    /// Text that is not ASCII is answered with a 500.
    TextCrash,
    /// A member beside these is answered with a 500.
    UnknownCrash(Vec<String>),
    /// A parameter has another bound, or none.
    Bound(Option<usize>),
    /// Two legal values are refused together.
    Clash([(Site, Value); 2]),
    /// The request as a whole is treated wrongly.
    Wire(WireFault),
    /// Answers to accepted or refused requests are wrong.
    Answer(Part, AnswerFault),
}

impl Fault {
    /// The id of the finding that it must lead to, as it is told where there is one operation.
    pub fn finding(&self) -> String {
        self.found.short()
    }
}

impl Effect {
    pub(super) fn clashes_in(&self, body: &Value) -> bool {
        let Self::Clash(pair) = self else { return false };
        pair.iter().all(|(place, value)| place.values_in(body).contains(&value))
    }
}

/// How the stub fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fumble {
    /// With a 500.
    Crash,
    /// With no answer at all.
    Hang,
    /// With a closed connection.
    Drop,
}

/// A fault of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireFault {
    NoBody,
    Reads(Reading),
    MalformedCrash,
    DuplicateCrash,
    NestingCrash,
    SizeCrash,
    DigitsCrash,
    AnyMediaType,
    NoMediaType,
    MediaTypeCase,
    MediaTypeBare,
    MethodCrash,
    QueryCrash,
    RefusesExample,
    MindsRepetition,
    Flaky,
}

/// A fault of answers.
#[derive(Clone, Copy)]
pub(super) enum AnswerFault {
    Hang,
    Drop,
    Change(fn(&mut Response, &Request, &Operation)),
}

impl fmt::Debug for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hang => "Hang",
            Self::Drop => "Drop",
            Self::Change(_) => "Change",
        })
    }
}

impl PartialEq for AnswerFault {
    fn eq(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Hang, Self::Hang) | (Self::Drop, Self::Drop))
    }
}

/// Every fault of a contract's stub.
pub fn faults(contract: &Contract) -> Vec<Fault> {
    let operation = contract.operation();
    let mut list = List { operation, faults: Vec::new() };
    for rule in rules(operation).iter().filter(|rule| !rule.covered) {
        match rule.at {
            Some(place) => list.body_rule(rule, place),
            None => list.parameter_rule(rule),
        }
    }
    list.wire();
    list.clashes();
    list.answers();
    list.faults
}

struct List<'a> {
    operation: &'a Operation,
    faults: Vec<Fault>,
}

impl List<'_> {
    fn add(&mut self, place: &Site, keyword: Keyword, side: Side, mode: &str, effect: Effect) {
        self.push(FindingId::at(place, keyword, side), mode, effect);
    }

    fn push(&mut self, found: FindingId, mode: &str, effect: Effect) {
        let (keyword, place) = (found.keyword, found.sites[0].clone());
        let id = FaultId { sites: found.sites.clone(), keyword, mode: mode.to_owned() }.short();
        self.faults.push(Fault { id, found, place, keyword, effect });
    }

    fn schema(&mut self, rule: &Rule, side: Side, mode: &str, edits: Vec<Edit>) {
        self.add(&rule.place, rule.keyword, side, mode, Effect::Schema(edits));
    }

    fn body_rule(&mut self, rule: &Rule, id: PlaceId) {
        let pointer = self.operation.schema_pointer(id);
        let firm = rule.standing.is_firm();
        match rule.keyword {
            Keyword::Type if rule.bound != POINTED => self.types(rule, id, &pointer),
            Keyword::Required if firm => self.required(rule, id),
            Keyword::Optional => {
                if let Some(edit) = Edit::mandatory(self.operation, id, true) {
                    self.schema(rule, Side::Inside, "too-strict", vec![edit]);
                }
            }
            Keyword::Null if rule.outside => {
                self.schema(rule, Side::Outside, "off", vec![Edit::AddType { pointer, name: "null" }]);
            }
            Keyword::Null if firm => self.schema(rule, Side::Inside, "too-strict", vec![Edit::RefuseNull { pointer }]),
            Keyword::MinLength | Keyword::MaxLength | Keyword::Minimum | Keyword::Maximum => {
                self.bounds(rule, id, &pointer);
            }
            Keyword::Enum if firm => self.values(rule, id, &pointer),
            Keyword::Items => {
                self.add(&rule.place, rule.keyword, Side::Outside, "first-only", Effect::FirstElementOnly);
                self.add(&rule.place, rule.keyword, Side::Outside, "any-sound", Effect::AnyElement);
                for (mode, keyword, value) in
                    [("too-strict-none", "minItems", 1), ("too-strict-several", "maxItems", 2)]
                {
                    let edit = Edit::Keyword { pointer: pointer.clone(), keyword, value: Some(json!(value)) };
                    self.schema(rule, Side::Inside, mode, vec![edit]);
                }
            }
            Keyword::UnknownMember => self.unknown(rule, id, pointer),
            Keyword::Text => self.add(&rule.place, rule.keyword, Side::Inside, "crash", Effect::TextCrash),
            _ => {}
        }
        let crashes = firm && rule.outside && rule.keyword != Keyword::Items;
        if crashes {
            self.add(&rule.place, rule.keyword, Side::Outside, "crash", Effect::Fumble(Fumble::Crash));
        }
        // Found as what they are, time-outs and drops: the rule is where.
        let silent = match rule.keyword {
            Keyword::MaxLength | Keyword::Maximum => Some((Fumble::Hang, "hang", Keyword::Timeout)),
            Keyword::Required if firm => Some((Fumble::Drop, "drop", Keyword::Connection)),
            _ => None,
        };
        if let Some((fumble, mode, found_as)) = silent {
            self.add(&rule.place, rule.keyword, Side::Outside, mode, Effect::Fumble(fumble));
            self.found_as(found_as);
        }
        if rule.keyword == Keyword::Maximum {
            let hang = Effect::Value(rule.bound.clone(), Fumble::Hang);
            self.add(&rule.place, rule.keyword, Side::Inside, "hang-at-bound", hang);
            self.found_as(Keyword::Timeout);
        }
        if rule.keyword == Keyword::Type && rule.bound != POINTED {
            self.ordinary_values(rule, id);
        }
    }

    /// A legal value that stands on no bound is refused, or fells the stub.
    fn ordinary_values(&mut self, rule: &Rule, id: PlaceId) {
        let shape = &self.operation.place(id).shape;
        if shape.values().is_some() || matches!(shape, Shape::Object { .. } | Shape::Array { .. }) {
            return;
        }
        let ordinary = Composer::new(self.operation).ordinary(id).render();
        let Ok(ordinary) = serde_json::from_str::<Value>(&ordinary) else { return };
        if *shape == Shape::Boolean {
            self.add(&rule.place, rule.keyword, Side::Inside, "too-strict-false", Effect::Refuse(json!(false)));
            let drop = Effect::Value(ordinary.clone(), Fumble::Drop);
            self.add(&rule.place, rule.keyword, Side::Inside, "drop-on-ordinary", drop);
            self.found_as(Keyword::Connection);
        }
        let crash = Effect::Value(ordinary.clone(), Fumble::Crash);
        self.add(&rule.place, rule.keyword, Side::Inside, "crash-on-ordinary", crash);
        self.add(&rule.place, rule.keyword, Side::Inside, "too-strict-ordinary", Effect::Refuse(ordinary));
    }

    /// The last fault is found under another keyword than that of its rule.
    fn found_as(&mut self, keyword: Keyword) {
        if let Some(fault) = self.faults.last_mut() {
            fault.found.keyword = keyword;
        }
    }

    fn types(&mut self, rule: &Rule, id: PlaceId, pointer: &str) {
        let place = self.operation.place(id);
        let off = || Edit::Keyword { pointer: pointer.to_owned(), keyword: "type", value: None };
        // Beside an `enum` the type cannot be broken by itself.
        if place.shape.values().is_none() {
            self.schema(rule, Side::Outside, "off", vec![off()]);
        }
        let also: &[(&str, &'static str)] = match &place.shape {
            Shape::Integer { values: None, .. } => {
                &[("text", "string"), ("boolean", "boolean"), ("fraction", "number")]
            }
            Shape::Number { .. } => &[("text", "string"), ("boolean", "boolean")],
            Shape::Boolean => &[("text", "string"), ("number", "integer")],
            Shape::Text { values: None, .. } => &[("number", "number"), ("array", "array")],
            Shape::Array { element } => match self.operation.place(*element).shape {
                Shape::Object { .. } => &[("object", "object"), ("text", "string")],
                _ => &[("object", "object"), ("bare-element", "string")],
            },
            Shape::Object { .. } => &[("array", "array"), ("text", "string")],
            _ => &[],
        };
        for (mode, name) in also {
            let mode = format!("takes-{mode}");
            self.schema(rule, Side::Outside, &mode, vec![Edit::AddType { pointer: pointer.to_owned(), name }]);
        }
        if place.presence == Presence::Inherent && place.parent.is_some() {
            let edit = Edit::AddType { pointer: pointer.to_owned(), name: "null" };
            self.schema(rule, Side::Outside, "takes-null", vec![edit]);
        }
        if matches!(place.shape, Shape::Number { .. }) {
            let value = if place.null.is_some() { json!(["integer", "null"]) } else { json!("integer") };
            let edit = Edit::Keyword { pointer: pointer.to_owned(), keyword: "type", value: Some(value) };
            self.schema(rule, Side::Inside, "too-strict", vec![edit]);
        }
    }

    fn required(&mut self, rule: &Rule, id: PlaceId) {
        let Some(off) = Edit::mandatory(self.operation, id, false) else { return };
        self.schema(rule, Side::Outside, "off", vec![off.clone()]);
        let null = Edit::AddType { pointer: self.operation.schema_pointer(id), name: "null" };
        self.schema(rule, Side::Outside, "off-and-null", vec![off, null]);
    }

    fn bounds(&mut self, rule: &Rule, id: PlaceId, pointer: &str) {
        let keyword = rule.keyword.as_str();
        let upward = matches!(rule.keyword, Keyword::MaxLength | Keyword::Maximum);
        let set = |keyword: &'static str, value: Value| {
            vec![Edit::Keyword { pointer: pointer.to_owned(), keyword, value: Some(value) }]
        };
        let step = if upward { 1 } else { -1 };
        let (looser, tighter) = if let Shape::Number { .. } = self.operation.place(id).shape {
            let looser = rule.bound.as_f64().unwrap_or_default() + if upward { 1.0 } else { -1.0 };
            let exclusive = if upward { "exclusiveMaximum" } else { "exclusiveMinimum" };
            (set(keyword, json!(looser)), set(exclusive, rule.bound.clone()))
        } else {
            (set(keyword, stepped(&rule.bound, step)), set(keyword, stepped(&rule.bound, -step)))
        };
        if rule.outside {
            let off = Edit::Keyword { pointer: pointer.to_owned(), keyword, value: None };
            self.schema(rule, Side::Outside, "off", vec![off]);
            self.schema(rule, Side::Outside, "off-by-one", looser);
        }
        self.schema(rule, Side::Inside, "too-strict", tighter);
    }

    fn values(&mut self, rule: &Rule, id: PlaceId, pointer: &str) {
        let Some(values) = self.operation.place(id).shape.values() else { return };
        let texts: Vec<&str> = values.firm.iter().filter_map(Value::as_str).collect();
        if !texts.is_empty() {
            let off = Edit::Keyword { pointer: pointer.to_owned(), keyword: "enum", value: None };
            self.schema(rule, Side::Outside, "off", vec![off]);
            let list = |text: String| Edit::List { pointer: pointer.to_owned(), value: json!(text), listed: true };
            let lower = texts.iter().map(|text| list(text.to_lowercase())).collect();
            self.schema(rule, Side::Outside, "any-case", lower);
            self.schema(rule, Side::Outside, "padded", vec![list(format!("{} ", texts[0]))]);
        }
        for value in &values.firm {
            let edit = Edit::List { pointer: pointer.to_owned(), value: value.clone(), listed: false };
            self.schema(rule, Side::Inside, &format!("too-strict-{}", written_value(value)), vec![edit]);
        }
    }

    fn unknown(&mut self, rule: &Rule, id: PlaceId, pointer: String) {
        let additional = |value| vec![Edit::Keyword { pointer, keyword: "additionalProperties", value }];
        if rule.outside {
            self.schema(rule, Side::Outside, "off", additional(None));
        } else if rule.standing.is_firm() {
            self.schema(rule, Side::Inside, "too-strict", additional(Some(json!(false))));
        } else if let Shape::Object { members, .. } = &self.operation.place(id).shape {
            let name = |id: &PlaceId| self.operation.place(*id).member().map(str::to_owned);
            let effect = Effect::UnknownCrash(members.iter().filter_map(name).collect());
            self.add(&rule.place, rule.keyword, Side::Inside, "crash", effect);
        }
    }

    fn parameter_rule(&mut self, rule: &Rule) {
        let found = self.operation.parameters.iter().find(|parameter| parameter.site == rule.place);
        let Some(parameter) = found else { return };
        let (least, upward) =
            (usize::from(parameter.location == ParameterIn::Path), rule.keyword == Keyword::MaxLength);
        let bound = match rule.keyword {
            Keyword::MinLength => parameter.min.unwrap_or_default().max(least),
            Keyword::MaxLength => parameter.max.unwrap_or_default(),
            Keyword::Required => {
                self.add(&rule.place, rule.keyword, Side::Outside, "off", Effect::Bound(None));
                self.add(&rule.place, rule.keyword, Side::Outside, "crash", Effect::Fumble(Fumble::Crash));
                return;
            }
            _ => return,
        };
        let tighter = if upward { bound - 1 } else { bound + 1 };
        let (place, keyword) = (rule.place.clone(), rule.keyword);
        self.add(&place, keyword, Side::Inside, "too-strict", Effect::Bound(Some(tighter)));
        if rule.outside {
            self.add(&place, keyword, Side::Outside, "off", Effect::Bound(None));
            if upward {
                self.add(&place, keyword, Side::Outside, "off-by-one", Effect::Bound(Some(bound + 1)));
            }
            self.add(&place, keyword, Side::Outside, "crash", Effect::Fumble(Fumble::Crash));
        }
    }

    fn wire(&mut self) {
        use Side::{Inside, Outside};
        let is_idempotent = is_idempotent(&self.operation.method);
        let operation = self.operation;
        let site = |part| operation.site(part);
        let body = &site(Part::Body);
        let mut add = |place: &Site, side, mode: &str, wire: WireFault| {
            self.add(place, wire.keyword(), side, mode, Effect::Wire(wire));
        };
        add(body, Outside, "off", WireFault::NoBody);
        for (mode, reading) in [
            ("off", Reading::Anything),
            ("takes-trailing-text", Reading::FirstValue),
            ("takes-truncated", Reading::Unfinished),
            ("takes-comments", Reading::Comments),
            ("takes-trailing-commas", Reading::TrailingCommas),
            ("takes-single-quotes", Reading::SingleQuotes),
            ("takes-nan", Reading::NotNumbers),
            ("takes-any-bytes", Reading::AnyBytes),
            ("takes-any-json", Reading::NoObject),
        ] {
            add(body, Outside, mode, WireFault::Reads(reading));
        }
        add(body, Outside, "crash", WireFault::MalformedCrash);
        add(body, Outside, "crash", WireFault::DuplicateCrash);
        add(body, Inside, "crash", WireFault::NestingCrash);
        add(body, Inside, "crash", WireFault::SizeCrash);
        add(body, Outside, "crash-on-digits", WireFault::DigitsCrash);
        if is_idempotent {
            add(body, Inside, "off", WireFault::MindsRepetition);
        }
        if self.operation.body.example.is_some() {
            self.add(body, Keyword::Example, Inside, "too-strict", Effect::Wire(WireFault::RefusesExample));
        }
        let mut add = |place: &Site, side, mode: &str, wire: WireFault| {
            self.add(place, wire.keyword(), side, mode, Effect::Wire(wire));
        };
        let content_type = &Site::new(operation.name(), Part::Header, [Step::member(CONTENT_TYPE)]);
        add(content_type, Outside, "off", WireFault::AnyMediaType);
        add(content_type, Outside, "takes-none", WireFault::NoMediaType);
        add(content_type, Inside, "too-strict-case", WireFault::MediaTypeCase);
        add(content_type, Inside, "too-strict-bare", WireFault::MediaTypeBare);
        add(&site(Part::Request), Outside, "crash", WireFault::MethodCrash);
        add(&site(Part::Query), Inside, "crash", WireFault::QueryCrash);
        add(&site(RESPONSE_SUCCESS), Inside, "off", WireFault::Flaky);
    }

    /// Pairs of legal values that are refused together: neighbours among the places with a choice of values.
    fn clashes(&mut self) {
        let composer = Composer::new(self.operation);
        let choosy: Vec<(PlaceId, Value)> = self
            .operation
            .places()
            .filter_map(|(id, place)| {
                let value = match &place.shape {
                    Shape::Boolean => json!(false),
                    shape => shape.values()?.firm.last()?.clone(),
                };
                // The ordinary value of a mandatory place stands in every body around it: refused, it is no pair.
                let ordinary = composer.ordinary(id) == Json::from(&value);
                (!ordinary).then_some((id, value))
            })
            .collect();
        for (step, (one, value)) in choosy.iter().enumerate() {
            let Some((other, other_value)) = choosy.get((step + 1 + step % 5) % choosy.len()) else { continue };
            let mut places = [*one, *other];
            places.sort_unstable();
            let effect = Effect::Clash([
                (self.operation.place(*one).site.clone(), value.clone()),
                (self.operation.place(*other).site.clone(), other_value.clone()),
            ]);
            let sites = places.map(|place| self.operation.place(place).site.clone()).to_vec();
            let found = FindingId { sites, keyword: Keyword::Interaction, bound: None, side: Side::Inside };
            self.push(found, "too-strict", effect);
        }
    }

    fn answers(&mut self) {
        use AnswerFault::{Change, Drop, Hang};
        for (part, side) in [(RESPONSE_SUCCESS, Side::Inside), (RESPONSE_REFUSAL, Side::Outside)] {
            let place = &self.operation.site(part);
            let changes: [(Keyword, &str, AnswerFault); 9] = [
                (
                    Keyword::Status,
                    "off",
                    Change(|response, _, _| {
                        response.status = if response.status < 300 { 201 } else { 200 };
                    }),
                ),
                (Keyword::Status, "redirect", Change(|response, _, _| response.status = 302)),
                (
                    Keyword::MediaType,
                    "off",
                    Change(|response, _, _| {
                        response.headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
                    }),
                ),
                (Keyword::ResponseBody, "off", Change(|response, _, _| response.body = b"{}".to_vec())),
                (Keyword::ResponseBody, "empty", Change(|response, _, _| response.body.clear())),
                (
                    Keyword::Secret,
                    "off",
                    Change(|response, request, operation| {
                        let credential = operation.parameters.iter().find(|parameter| parameter.credential);
                        let token =
                            credential.and_then(|parameter| request.header(&parameter.name)).unwrap_or_default();
                        response.headers.push(("X-Echo".to_owned(), token.to_owned()));
                    }),
                ),
                (
                    Keyword::StackTrace,
                    "off",
                    Change(|response, _, _| {
                        // Beside what belongs there: nothing else is wrong with the answer.
                        let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                        body["trace"] = json!("oops\n\tat java.base/A.b(A.java:1)");
                        response.body = body.to_string().into_bytes();
                    }),
                ),
                (Keyword::Timeout, "off", Hang),
                (Keyword::Connection, "off", Drop),
            ];
            for (keyword, mode, answer) in changes {
                // A success that redirects is a refusal by its status; there is no such fault of successes.
                if part == RESPONSE_REFUSAL || mode != "redirect" {
                    self.add(place, keyword, side, mode, Effect::Answer(part, answer));
                }
            }
        }
        let crash = Change(|response, _, _| response.status = 500);
        let place = self.operation.site(RESPONSE_REFUSAL);
        self.add(&place, Keyword::Status, Side::Outside, "crash", Effect::Answer(RESPONSE_REFUSAL, crash));
    }
}

fn stepped(bound: &Value, step: i64) -> Value {
    match bound.as_i64() {
        Some(bound) if bound.checked_add(step).is_some() => json!(bound + step),
        _ => json!(bound.as_u64().unwrap_or(i64::MAX as u64).saturating_add_signed(step)),
    }
}
