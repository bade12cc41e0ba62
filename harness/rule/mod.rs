//! The rules of a contract: one constraint at one place, with its bound, its source and its standing.
//!
//! Derived from the operation alone. What is sent to test a rule is the probes' business; whether a target keeps it, the
//! suite's.

mod answers;
mod lookup;
mod settled;
mod shape;
mod wire;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::contract::{
    Assertion, Coding, Operation, ParameterIn, Place, PlaceId, Presence, Shape, Standing, Step as PlaceStep, TextRule,
    Usual,
};
use crate::exchange::is_idempotent;

pub use crate::identity::{
    Bound, Breach, Broken, FaultId, FindingId, Keyword, OperationName, Part, Side, Site, StatusRange, Step, Unreadable,
    Within, Written,
};
pub(crate) use crate::identity::{fitting, written_value};
pub use lookup::SiteIndex;
pub(crate) use shape::{POINTED, UNSAID};
use shape::{Sides, shape_rules, too_long, unstated};

/// The place of answers to accepted requests.
pub const RESPONSE_SUCCESS: Part = Part::Success;
/// The place of answers to refused requests.
pub const RESPONSE_REFUSAL: Part = Part::Refusal;
/// The media type of JSON.
const JSON: &str = "application/json";
/// The header that names the media type of a request.
pub const CONTENT_TYPE: &str = "Content-Type";

/// The bound of the rule about media types that may mean JSON.
pub(crate) const ODD_SPELLINGS: &str = "odd spellings";
/// The bound of the rule about what is illegal, under another spelling of the media type.
pub(crate) const RESPELLED: &str = "with a charset";

/// One constraint at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where: `body.sub_tasks[].progress`.
    pub place: Site,
    /// The same place within the body, where it is one.
    pub at: Option<PlaceId>,
    /// The places of other branches at which the same is said: it is tested there, too.
    pub twins: Vec<PlaceId>,
    /// What about.
    pub keyword: Keyword,
    /// How much, or which; null where the keyword says it all.
    pub bound: Value,
    /// The contract's table.
    pub source: String,
    /// Whether a target may be blamed.
    pub standing: Standing,
    /// Whether there is a legal side to send.
    pub inside: bool,
    /// Whether there is an illegal side to send.
    pub outside: bool,
    /// Whether the place's `enum` covers it: it cannot be broken alone and is sent once, as the `enum`.
    pub covered: bool,
}

impl Rule {
    /// Whether it is about this place of the body.
    pub(crate) fn is_about(&self, place: PlaceId) -> bool {
        self.at == Some(place) || self.twins.contains(&place)
    }
}

/// What a finding of one of these rules is known by. The bound stands in it where an earlier rule shares all else.
pub fn finding_id(rules: &[Rule], number: usize, side: Side) -> FindingId {
    let rule = &rules[number];
    let is_alike = |other: &Rule| {
        let sides = if side == Side::Inside { other.inside } else { other.outside };
        sides && other.keyword == rule.keyword && other.place == rule.place
    };
    let bound = rules[..number].iter().any(is_alike).then(|| Bound::of(&rule.bound));
    FindingId { bound, ..FindingId::at(&rule.place, rule.keyword, side) }
}

/// Every rule of an operation: the body's places, the parameters, the wire, the answers.
pub fn rules(operation: &Operation) -> Vec<Rule> {
    let mut list = List { operation, rules: Vec::new() };
    if operation.body.is_sent {
        for (id, _) in operation.places() {
            list.place(id);
        }
        list.whole_body();
    }
    list.say_once();
    list.parameters();
    list.wire();
    list.answers();
    if let Some(doubt) = &operation.body.doubt {
        list.doubt_body(doubt);
    }
    settled::turn(&mut list.rules, &operation.settled);
    list.rules
}

struct List<'a> {
    operation: &'a Operation,
    rules: Vec<Rule>,
}

impl List<'_> {
    fn add(&mut self, place: &Site, source: &str, keyword: Keyword, bound: Value, standing: Standing, sides: Sides) {
        self.rules.push(Rule {
            place: place.clone(),
            at: None,
            twins: Vec::new(),
            keyword,
            bound,
            source: source.to_owned(),
            standing,
            inside: matches!(sides, Sides::Inside | Sides::Both),
            outside: matches!(sides, Sides::Outside | Sides::Both),
            covered: false,
        });
    }

    /// What several branches say of one value alike is a rule of the first of them.
    fn say_once(&mut self) {
        let mut said: HashMap<_, usize> = HashMap::new();
        let mut each: Vec<Rule> = Vec::new();
        for rule in std::mem::take(&mut self.rules) {
            let is_of_branch = rule.place.node().iter().any(|step| matches!(step, Step::Branch(_)));
            if is_of_branch {
                let same = (rule.place.as_str().to_owned(), rule.keyword, rule.bound.to_string());
                if let Some(first) = said.get(&same) {
                    each[*first].twins.extend(rule.at);
                    continue;
                }
                said.insert(same, each.len());
            }
            each.push(rule);
        }
        self.rules = each;
    }

    /// Nothing that is said of the body holds for certain.
    fn doubt_body(&mut self, doubt: &str) {
        let is_of_body = |rule: &&mut Rule| rule.place.part() == Part::Body || rule.keyword == Keyword::MediaType;
        for rule in self.rules.iter_mut().filter(is_of_body).filter(|rule| rule.standing.is_firm()) {
            if !rule.place.is_of_answers() {
                rule.standing = Standing::Disputed(doubt.to_owned());
            }
        }
    }

    fn place(&mut self, id: PlaceId) {
        let place = self.operation.place(id);
        let first = self.rules.len();
        // What is left out of an open contract may be what others stand in for.
        let leave = if self.operation.is_open { unstated("what must be there beside it") } else { Standing::Firm };
        let has_types = self.operation.keeps_types(id);
        let is_field = self.operation.body.coding != Coding::Json && place.parent == Some(Operation::ROOT);
        let is_any_text = !has_types && matches!(place.shape.type_name(), "string" | "array" | "object");
        let mut add = |keyword, bound, standing, sides| {
            self.add(&place.site, &place.source, keyword, bound, standing, sides);
        };
        match place.shape {
            // Of several types what is none of them is told beside the other keywords.
            Shape::Opaque { type_name: None, .. } if has_types && says_types(place) => {}
            Shape::Opaque { type_name: None, .. } => {
                let reason = "its schema says more than one type, or none";
                add(Keyword::Type, Value::Null, Standing::Unprobed(reason.to_owned()), Sides::Neither);
            }
            _ if is_any_text => {
                let reason = "where it is written nothing has a type but by its text";
                let standing = Standing::Unprobed(reason.to_owned());
                add(Keyword::Type, json!(place.shape.type_name()), standing, Sides::Neither);
            }
            _ if place.is_mixed => {
                let reason = "values of other types are legal as well";
                add(
                    Keyword::Type,
                    json!(place.shape.type_name()),
                    Standing::Unprobed(reason.to_owned()),
                    Sides::Neither,
                );
            }
            _ if place.is_implied => {
                add(Keyword::Type, json!(place.shape.type_name()), Standing::Firm, Sides::Inside);
                add(Keyword::Type, json!(UNSAID), unstated("whether values of other types are legal"), Sides::Outside);
            }
            _ => add(Keyword::Type, json!(place.shape.type_name()), Standing::Firm, Sides::Both),
        }
        match &place.presence {
            Presence::Mandatory(standing) => add(Keyword::Required, json!(true), standing.clone(), Sides::Outside),
            // A map has any of its values, or none.
            Presence::Optional if matches!(place.step, PlaceStep::Value(_) | PlaceStep::Fitting { .. }) => {}
            Presence::Optional => add(Keyword::Optional, Value::Null, leave.clone(), Sides::Inside),
            Presence::Inherent => {}
        }
        match &place.null {
            // Null cannot be written.
            _ if !has_types || is_field => {}
            Some(standing) => add(Keyword::Null, json!("accepted"), standing.clone(), Sides::Inside),
            // A null element, or a null for a body, is of the wrong type.
            None if place.presence == Presence::Inherent => {}
            // Where no type is said, what refuses a null is what refuses other values.
            None if matches!(place.shape, Shape::Opaque { type_name: None, .. }) => {}
            None if place.is_implied => {
                add(Keyword::Null, json!("refused"), unstated("whether null is legal"), Sides::Outside);
            }
            None => add(Keyword::Null, json!("refused"), Standing::Firm, Sides::Outside),
        }
        shape_rules(place, &mut add);
        let said = place.assertions.iter().filter(|one| has_types || one.keyword != Keyword::Type);
        for Assertion { keyword, bound, standing, inside, outside } in said {
            add(*keyword, bound.clone(), standing.clone(), Sides::of(!inside.is_empty(), !outside.is_empty()));
        }
        for rule in &mut self.rules[first..] {
            rule.at = Some(id);
            rule.covered = place.shape.values().is_some()
                && matches!(
                    rule.keyword,
                    Keyword::MinLength | Keyword::MaxLength | Keyword::Minimum | Keyword::Maximum
                );
        }
    }

    fn whole_body(&mut self) {
        let (operation, is_open) = (self.operation, self.operation.is_open);
        let body = &operation.body;
        let is_demanded = |place: &Place| matches!(place.presence, Presence::Mandatory(_));
        let demands =
            || operation.places().any(|(_, place)| place.parent == Some(Operation::ROOT) && is_demanded(place));
        let has_pairs = has_pairs(self.operation) && !is_open;
        // To repeat a request with another method is another request.
        let is_repeatable = is_idempotent(&self.operation.method) && !is_open;
        let site = self.operation.site(Part::Body);
        let mut add = |keyword, bound, standing, sides| {
            self.add(&site, "Request", keyword, bound, standing, sides);
        };
        let firm = Standing::Firm;
        if body.is_required && matches!(body.coding, Coding::Form(_)) && !demands() {
            let reason = "a form without a field has no byte, and may be meant";
            add(Keyword::Required, json!(true), Standing::Unprobed(reason.to_owned()), Sides::Neither);
        } else if body.is_required && matches!(body.coding, Coding::Text | Coding::Bytes) {
            let reason = "a text or a file without a byte is one, too";
            add(Keyword::Required, json!(true), Standing::Unprobed(reason.to_owned()), Sides::Neither);
        } else if body.is_required {
            add(Keyword::Required, json!(true), firm.clone(), Sides::Outside);
        }
        if body.coding == Coding::Json {
            json_text(&mut add);
        }
        if let Some(limit) = &body.size_limit {
            add(Keyword::Size, json!(limit.bytes), Standing::Disputed(limit.reason.clone()), Sides::Both);
        }
        if body.example.is_some() {
            let standing = body.example_doubt.clone().map_or(Standing::Firm, Standing::Disputed);
            add(Keyword::Example, Value::Null, standing, Sides::Inside);
        }
        if has_pairs {
            add(Keyword::Interaction, json!("pairs"), firm.clone(), Sides::Inside);
        }
        if is_repeatable {
            add(Keyword::Idempotent, Value::Null, firm, Sides::Inside);
        }
    }

    fn parameters(&mut self) {
        for parameter in &self.operation.parameters {
            let mut add = |keyword, bound, standing, sides| {
                self.add(&parameter.site, &parameter.source, keyword, bound, standing, sides);
            };
            if parameter.location != ParameterIn::Path && parameter.required && parameter.may_be_nothing {
                let reason = "an object without members is written as nothing, and may be meant";
                add(Keyword::Required, json!(true), Standing::Unprobed(reason.to_owned()), Sides::Neither);
            } else if parameter.location != ParameterIn::Path && parameter.required {
                add(Keyword::Required, json!(true), Standing::Firm, Sides::Outside);
            }
            if parameter.location == ParameterIn::Header && !parameter.required && parameter.usual != Usual::Absent {
                let reason = "a request without it may lack its credentials";
                add(Keyword::Optional, Value::Null, Standing::Disputed(reason.to_owned()), Sides::Inside);
            }
            for rule in &parameter.texts {
                add(rule.keyword, rule.bound.clone(), rule.standing.clone(), sides_of(rule));
            }
            if let Some(min) = parameter.min {
                // An empty path parameter names another resource: it cannot be sent to this operation.
                let sendable = min > 0 && (parameter.location != ParameterIn::Path || min > 1);
                let sides = if sendable { Sides::Both } else { Sides::Inside };
                add(Keyword::MinLength, json!(min), Standing::Firm, sides);
            }
            if let Some(unsent) = parameter.unsent {
                add(Keyword::MaxLength, json!(unsent), too_long(), Sides::Neither);
            }
            if let Some(max) = parameter.max {
                add(Keyword::MaxLength, json!(max), Standing::Firm, Sides::Both);
                let reason = unstated("whether so long a value reaches the service");
                add(Keyword::Size, json!(max * 4), reason, Sides::Outside);
            }
            for (site, rule) in parameter.text_rules().skip(parameter.texts.len()) {
                let (bound, standing) = (rule.bound.clone(), rule.standing.clone());
                self.add(&site, &parameter.source, rule.keyword, bound, standing, sides_of(rule));
            }
        }
    }
}

/// The sides of a rule of texts.
fn sides_of(rule: &TextRule) -> Sides {
    Sides::of(!rule.inside.is_empty(), !rule.outside.is_empty())
}

/// The rules of a body that is JSON, whatever it says.
fn json_text(add: &mut impl FnMut(Keyword, Value, Standing, Sides)) {
    add(Keyword::WellFormed, json!("JSON in UTF-8"), Standing::Firm, Sides::Outside);
    for (form, sides) in
        [("byte-order mark", Sides::Inside), ("UTF-16", Sides::Outside), ("unpaired surrogate escape", Sides::Outside)]
    {
        add(Keyword::WellFormed, json!(form), unstated("whether this form of JSON text is read"), sides);
    }
    add(Keyword::DuplicateKey, Value::Null, unstated("what a member given twice means"), Sides::Outside);
    add(Keyword::Nesting, json!(500), unstated("how deep a body may be"), Sides::Inside);
    add(Keyword::Size, json!(1_048_576), unstated("how large a body may be"), Sides::Inside);
    add(Keyword::Size, json!("400 digits"), unstated("how long a number may be"), Sides::Outside);
}

/// Whether something can be chosen at two places or more: a listed value, true or false, presence.
fn has_pairs(operation: &Operation) -> bool {
    let is_choice = |place: &Place| {
        place.presence == Presence::Optional
            || place.shape == Shape::Boolean
            || place.shape.values().is_some_and(|values| values.firm.len() > 1)
    };
    operation.places().filter(|(_, place)| is_choice(place)).count() > 1
}

/// Whether the keywords of a place say several types.
fn says_types(place: &Place) -> bool {
    place.assertions.iter().any(|one| one.keyword == Keyword::Type)
}
