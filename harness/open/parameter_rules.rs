//! The rules of a parameter that is no plain text: of the value, of its elements, of its members.
//!
//! A text outside breaks one keyword and nothing else, by the type that it is spelt like, and keeps none of the schema however it
//! is read. What no text breaks so is told as not probed.

use serde_json::{Value, json};

use super::OperationReader;
use super::maps::SEVERAL_NAMES;
use super::places::ANY_NAMES;
use super::styles::{Judged, held_by};
use super::view::View;
use crate::carrier::{self, is_sendable};
use crate::contract::{Direction, Edge, ParameterIn, PartRule, Sample, Standing, StyleName, TextRule};
use crate::identity::{self, Keyword};
use crate::keyword::{self, Node, NodeJudge, Said};
use crate::text::pointer;

/// So many listed values are sent.
const MOST_LISTED: usize = 20;
/// So many texts of each side of another keyword are sent.
const MOST_TEXTS: usize = 4;
/// Longer texts are not sent.
const MOST_CHARACTERS: usize = 15_000;
/// A member that no schema names.
const NO_MEMBER: &str = "fencepost";

/// What the rules of a parameter are made from.
pub(super) struct Whole<'a> {
    pub(super) judged: &'a Judged<'a>,
    pub(super) judge: &'a NodeJudge,
    pub(super) view: &'a View,
    /// A legal value.
    pub(super) sample: &'a Value,
    pub(super) pointer: &'a str,
}

/// One value of a parameter: the whole, an element, or a member.
struct Spot<'a> {
    view: &'a View,
    judge: &'a NodeJudge,
    samples: &'a [Value],
    /// Where it stands in the whole.
    at: String,
    /// The whole with another value there.
    put: &'a dyn Fn(&Value) -> Value,
}

impl OperationReader<'_> {
    /// The rules of the whole, and of its parts.
    pub(super) fn parameter_rules(&mut self, whole: &Whole<'_>) -> (Vec<TextRule>, Vec<PartRule>) {
        let samples = [whole.sample.clone()];
        let put = |value: &Value| value.clone();
        let (view, judge) = (whole.view, whole.judge);
        let spot = Spot { view, judge, samples: &samples, at: String::new(), put: &put };
        let mut rules = self.rules_of(whole, &spot);
        let mut parts = Vec::new();
        match whole.sample {
            Value::Array(elements) => parts.extend(self.rules_of_elements(whole, elements)),
            Value::Object(_) => {
                parts.extend(self.rules_of_members(whole));
                rules.extend(whole.unknown_member());
            }
            _ => {}
        }
        (rules, parts)
    }

    fn rules_of_elements(&mut self, whole: &Whole<'_>, elements: &[Value]) -> Vec<PartRule> {
        let Some((last, before)) = elements.split_last() else { return Vec::new() };
        let Some(items) = whole.view.get("items") else { return Vec::new() };
        let put = |last: &Value| Value::Array([before, std::slice::from_ref(last)].concat());
        let at = format!("/{}", before.len());
        self.rules_of_part(whole, items, (identity::Step::Element, at), last, &put)
    }

    fn rules_of_members(&mut self, whole: &Whole<'_>) -> Vec<PartRule> {
        let mut parts = Vec::new();
        let properties = whole.view.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, schema) in &properties {
            if self.follow(schema).is_some_and(|schema| Direction::Request.leaves_out(schema)) {
                continue;
            }
            let step = identity::Step::member(name);
            if whole.demands(name) {
                let rule = whole.required(name, &pointer::below("", name));
                parts.push(PartRule { step: step.clone(), rule });
            }
            parts.extend(self.rules_of_member(whole, (name, schema), step));
        }
        for (step, name, schema) in self.maps_of(whole) {
            parts.extend(self.rules_of_member(whole, (&name, &schema), step));
        }
        parts
    }

    fn rules_of_member(
        &mut self,
        whole: &Whole<'_>,
        (name, schema): (&str, &Value),
        step: identity::Step,
    ) -> Vec<PartRule> {
        let known = whole.sample.get(name).cloned().or_else(|| self.sample_of(schema));
        let Some(member) = known else { return Vec::new() };
        let put = |value: &Value| {
            let mut object = whole.sample.clone();
            object[name] = value.clone();
            object
        };
        self.rules_of_part(whole, schema, (step, pointer::below("", name)), &member, &put)
    }

    /// What an object holds under names that it does not describe, each kind under one name; nothing where such a member would be
    /// another parameter.
    fn maps_of(&self, whole: &Whole<'_>) -> Vec<(identity::Step, String, Value)> {
        if whole.judged.style == (StyleName::Form, true) && !whole.judged.is_json {
            return Vec::new();
        }
        let under = |keyword: &str| whole.view.get(keyword).and_then(Value::as_object).into_iter().flatten();
        let is_described = |name: &String| under("properties").any(|(known, _)| known == name);
        let known = self.document.edition().knows("patternProperties");
        let patterns: Vec<(&String, &Value)> = under("patternProperties").filter(|_| known).collect();
        let fits = |name: &String, but: Option<&String>| {
            let mut others = patterns.iter().filter(|(pattern, _)| Some(*pattern) != but);
            others.any(|(pattern, _)| identity::fitting(pattern)(name))
        };
        let mut maps = Vec::new();
        for (pattern, schema) in patterns.iter().filter(|(_, schema)| schema.is_object()) {
            let names = self.names_fitting(whole.view, pattern, SEVERAL_NAMES).into_iter();
            let name = names.into_iter().find(|name| !is_described(name) && !fits(name, Some(pattern)));
            let step = identity::Step::Pattern(pattern.as_str().into());
            maps.extend(name.map(|name| (step, name, (*schema).clone())));
        }
        let sampled = whole.sample.as_object().into_iter().flat_map(|sample| sample.keys().cloned());
        let mut names = sampled.chain(ANY_NAMES.map(str::to_owned));
        if let Some(schema @ Value::Object(_)) = whole.view.get("additionalProperties")
            && let Some(name) = names.find(|name| !is_described(name) && !fits(name, None))
        {
            maps.push((identity::Step::Value, name, schema.clone()));
        }
        maps
    }

    fn sample_of(&self, schema: &Value) -> Option<Value> {
        self.samples(schema, Direction::Request, &|_| true).into_iter().next()
    }

    fn rules_of_part(
        &mut self,
        whole: &Whole<'_>,
        schema: &Value,
        (step, at): (identity::Step, String),
        sample: &Value,
        put: &dyn Fn(&Value) -> Value,
    ) -> Vec<PartRule> {
        let view = self.view(schema);
        let bundle = self.bundle(schema, Direction::Request, whole.pointer);
        let Some(judge) = NodeJudge::by(&bundle) else { return Vec::new() };
        let samples = [sample.clone()];
        let spot = Spot { view: &view, judge: &judge, samples: &samples, at, put };
        let rules = self.rules_of(whole, &spot);
        rules.into_iter().map(|rule| PartRule { step: step.clone(), rule }).collect()
    }

    fn rules_of(&self, whole: &Whole<'_>, spot: &Spot<'_>) -> Vec<TextRule> {
        let types = spot.view.types();
        let said = |types| Said { keywords: &spot.view.keywords, types };
        let mut rules = Vec::new();
        let types = types.filter(|_| self.is_native(&spot.view.keywords, Keyword::Type.as_str()));
        if let Some(types) = types.as_deref().filter(|types| !matches!(types, ["string" | "array" | "object"] | [])) {
            let bound = if let [one] = types { json!(one) } else { json!(types) };
            let flags = [json!(true), json!(false)];
            let inside = flags.iter().filter(|_| types == ["boolean"]).cloned().collect();
            let numbers = keyword::drawn(&said(Some(types.to_vec())));
            let fraction = numbers.iter().filter_map(Value::as_i64).filter_map(|number| {
                let fraction = json!(i32::try_from(number).ok().map(f64::from)? + 0.5);
                spot.judge.breaks_only(&fraction, &["type"]).then_some(fraction)
            });
            let outside = std::iter::once(json!("sample")).chain(fraction.take(1));
            // What is of another type is none of the listed values either: of a value its type is told first.
            let outside = outside.filter(|value| spot.judge.breaks_only(value, &["type", "enum", "const"])).collect();
            rules.push(whole.rule(spot, (Keyword::Type, bound, Standing::Firm), (inside, outside)));
        }
        let array = |count| self.counted(spot.view, count);
        let node = Node::of(said(types), spot.judge, self.formats()).with((spot.samples, &[]), &array, false);
        let mut assertions = keyword::assertions(&node, &|keyword| keyword == Keyword::Type);
        self.loosen(spot.view, &mut assertions);
        for assertion in assertions {
            let of = |samples: Vec<Sample>| samples.into_iter().map(|sample| sample.value).collect();
            let mut legal = assertion.inside;
            if !matches!(assertion.keyword, Keyword::Enum | Keyword::Const) {
                legal.retain(|sample| sample.edge == Edge::Bound);
            }
            let inside = of(legal);
            let said = (assertion.keyword, assertion.bound, assertion.standing);
            rules.push(whole.rule(spot, said, (inside, of(assertion.outside))));
        }
        rules
    }
}

impl Whole<'_> {
    /// A rule with those of its values that can be written, inside and outside.
    fn rule(
        &self,
        spot: &Spot<'_>,
        (keyword, bound, standing): (Keyword, Value, Standing),
        (inside, outside): (Vec<Value>, Vec<Value>),
    ) -> TextRule {
        // What is empty many readers take for absent.
        let is_told = |written: &carrier::Written| written.is_sure && !written.text.is_empty();
        // What names a thing may be refused because there is none.
        let names_a_thing = self.judged.location == ParameterIn::Path;
        let legal = |value: &Value| self.judged.legal(&(spot.put)(value)).filter(is_told).map(|one| one.text);
        let is_here = |at: &str, _: &str| at == spot.at || at.starts_with(&format!("{}/", spot.at));
        let (mut is_doubtful, mut is_readable) = (false, false);
        let mut illegal = |value: &Value| {
            let whole = (spot.put)(value);
            if !self.judge.breaks_only_where(&whole, &is_here) {
                return None;
            }
            let written = self.illegal(&whole);
            is_doubtful |= matches!(written, Err(NotWritten::Doubtful));
            is_readable |= matches!(written, Err(NotWritten::Legal));
            written.ok()
        };
        let is_list = matches!(keyword, Keyword::Enum | Keyword::Const);
        let most = if is_list { MOST_LISTED } else { MOST_TEXTS };
        let mut outside: Vec<String> = outside.iter().filter_map(&mut illegal).collect();
        let inside = inside.iter().filter(|_| !names_a_thing);
        let mut inside: Vec<String> = inside.filter_map(legal).take(most).collect();
        inside.dedup();
        outside.dedup();
        let standing = match standing {
            Standing::Unprobed(reason) => Standing::Unprobed(reason),
            standing if !inside.is_empty() || !outside.is_empty() => standing,
            _ if is_doubtful => Standing::Unprobed("what breaks it is not written alike by everybody".to_owned()),
            _ if is_readable => Standing::Unprobed("no text breaks it however it is read".to_owned()),
            _ => Standing::Unprobed("no text was found that keeps or breaks it alone".to_owned()),
        };
        TextRule { keyword, bound, standing, inside, outside }
    }

    fn demands(&self, name: &str) -> bool {
        let all = self.view.get("required").and_then(Value::as_array);
        all.is_some_and(|all| all.iter().any(|one| one == name))
    }

    fn required(&self, name: &str, at: &str) -> TextRule {
        let put = |_: &Value| {
            let mut object = self.sample.clone();
            object.as_object_mut().map(|members| members.shift_remove(name));
            object
        };
        let spot = Spot { view: self.view, judge: self.judge, samples: &[], at: at.to_owned(), put: &put };
        self.rule(&spot, (Keyword::Required, json!(true), Standing::Firm), (Vec::new(), vec![Value::Null]))
    }

    /// The rule that there is no other member, where there is one.
    fn unknown_member(&self) -> Option<TextRule> {
        if self.view.get("additionalProperties") != Some(&json!(false)) {
            return None;
        }
        let (name, explode) = self.judged.style;
        let rule = if name == StyleName::Form && explode && !self.judged.is_json {
            let reason = "a member that it does not know is another parameter";
            let standing = Standing::Unprobed(reason.to_owned());
            let (inside, outside) = (Vec::new(), Vec::new());
            TextRule { keyword: Keyword::UnknownMember, bound: Value::Null, standing, inside, outside }
        } else {
            let put = |value: &Value| {
                let mut object = self.sample.clone();
                object[NO_MEMBER] = value.clone();
                object
            };
            let spot = Spot { view: self.view, judge: self.judge, samples: &[], at: String::new(), put: &put };
            let said = (Keyword::UnknownMember, Value::Null, Standing::Firm);
            let more = json!("sample");
            let is_alone = self.judge.breaks_only(&put(&more), &["additionalProperties"]);
            self.rule(&spot, said, (Vec::new(), is_alone.then_some(more).into_iter().collect()))
        };
        Some(rule)
    }

    /// The text of an illegal value that is illegal however it is read.
    fn illegal(&self, value: &Value) -> Result<String, NotWritten> {
        let place = self.judged.place(value);
        let written = place.write(value).filter(|written| written.is_sure).ok_or(NotWritten::Doubtful)?.text;
        // What is empty, or has blanks around it, some readers take for absent, or cut to what is legal.
        let is_plain = !written.is_empty() && written.trim() == written && written.len() <= MOST_CHARACTERS;
        let is_alike = held_by(value, self.judged.is_json) == held_by(self.sample, self.judged.is_json);
        if !(is_plain && is_alike && is_sendable(self.judged.location, &written)) {
            return Err(NotWritten::Doubtful);
        }
        let mut readings = place.readings(&written).into_iter();
        if readings.any(|value| self.judge.accepts(&value)) { Err(NotWritten::Legal) } else { Ok(written) }
    }
}

/// Why an illegal value is not sent.
enum NotWritten {
    /// It has no form, or not one that everybody reads alike.
    Doubtful,
    /// There is a reading of it that is legal.
    Legal,
}
