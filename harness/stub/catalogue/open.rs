//! Faults of an open contract: a rule is not enforced, or one step too far out, or one step too far in, or its violation fells
//! the stub.
//!
//! Its schema says more than its places tell, so no edit of it would be about one rule alone. What the stub's judge says of a
//! request is let pass instead, or what it accepts is refused.

use serde_json::Value;

use super::List;
use crate::compose::Composer;
use crate::contract::{Assertion, Place, PlaceId, Presence};
use crate::json::Json;
use crate::rule::{Keyword, Rule, Side, Step, finding_id, rules};
use crate::stub::fault::{Effect, Fumble, Leniency};
use crate::stub::values::{has_bound, stands_on};

impl List<'_> {
    pub(super) fn open(&mut self) {
        let rules = rules(self.operation);
        for (number, rule) in rules.iter().enumerate() {
            if rule.keyword == Keyword::Security {
                self.security(rule);
            }
            let is_testable =
                rule.standing.is_firm() && !rule.covered && (rule.at.is_some() || self.is_parameter(rule));
            // That each element is looked at is more than one fault.
            if is_testable && (rule.keyword != Keyword::Items || !rule.bound.is_null()) {
                self.open_rule(&rules, number);
            }
        }
    }

    /// A credential is not asked for, or not looked at, or its absence fells the stub.
    fn security(&mut self, rule: &Rule) {
        for (mode, effect) in [
            ("off", Effect::Lets(Leniency::Any)),
            ("takes-any", Effect::AnyCaller),
            ("crash", Effect::Fumble(Fumble::Crash)),
        ] {
            self.add(&rule.place, rule.keyword, Side::Outside, mode, effect);
        }
    }

    fn is_parameter(&self, rule: &Rule) -> bool {
        let mut all = self.operation.parameters.iter();
        all.any(|parameter| parameter.site == rule.place || parameter.text_rules().any(|(site, _)| site == rule.place))
    }

    fn open_rule(&mut self, rules: &[Rule], number: usize) {
        let rule = &rules[number];
        if rule.keyword == Keyword::Required && rule.at.is_some_and(|place| self.tells_branches_apart(place)) {
            return;
        }
        if rule.outside {
            let found = finding_id(rules, number, Side::Outside);
            // Of what keeps no branch, the places of a branch have the rules.
            let is_branch = rule.at.is_some_and(|place| self.is_branch(place));
            let is_composed = matches!(rule.keyword, Keyword::OneOf | Keyword::AnyOf);
            let past = if is_composed && is_branch { Leniency::Several } else { Leniency::Any };
            self.push(found.clone(), "off", Effect::Lets(past));
            if has_bound(rule.keyword) && rule.bound.is_i64() && rule.at.is_some() {
                self.push(found.clone(), "off-by-one", Effect::Lets(Leniency::OneStep(rule.bound.clone())));
            }
            if rule.at.is_some() && !(is_composed && is_branch) {
                self.push(found, "crash", Effect::Fumble(Fumble::Crash));
            }
        }
        let Some(place) = rule.at.filter(|_| rule.inside) else { return };
        let ordinary = Composer::new(self.operation).ordinary(place);
        let found = finding_id(rules, number, Side::Inside);
        if has_bound(rule.keyword) && self.has_room(place, rule) {
            let on = serde_json::from_str(&ordinary.render())
                .is_ok_and(|value| stands_on(rule.keyword, &rule.bound, &value));
            if !on {
                self.push(found, "too-strict", Effect::Strict(rule.bound.clone()));
            }
            return;
        }
        let value = self.other_value(place, rule, &ordinary);
        if let Some(value) = value {
            self.push(found, "too-strict", Effect::Refuse(value));
        }
    }

    /// Whether a member tells its branch from others by being there: a stub that does not miss it lets through what belongs to
    /// them, whatever it looks like, and that is more than one fault.
    fn tells_branches_apart(&self, member: PlaceId) -> bool {
        let here = self.operation.place(member);
        let is_tag = |(_, other): (PlaceId, &Place)| {
            let is_const = other.assertions.iter().any(|one| one.keyword == Keyword::Const);
            is_const && other.parent == here.parent && other.branch == here.branch
        };
        here.branch.is_some() && !self.operation.places().any(is_tag)
    }

    /// Whether the places below a place are those of one branch of its schema.
    fn is_branch(&self, place: PlaceId) -> bool {
        let here = &self.operation.place(place).site;
        let below = self.operation.places().find(|(_, other)| other.parent == Some(place));
        below.is_some_and(|(_, other)| matches!(other.site.node().get(here.node().len()), Some(Step::Branch(_))))
    }

    /// A legal value of the rule's inside that is not the ordinary one.
    fn other_value(&self, place: PlaceId, rule: &Rule, ordinary: &Json) -> Option<Value> {
        let here = self.operation.place(place);
        let is_it = |one: &&Assertion| one.keyword == rule.keyword && one.bound == rule.bound;
        let assertion = here.assertions.iter().find(is_it);
        let listed = here.shape.values().filter(|_| rule.keyword == Keyword::Enum).map(|values| values.firm.clone());
        let values = assertion.map(|one| one.inside.iter().map(|sample| sample.value.clone()).collect());
        let is_other = |value: &Value| Json::from(value) != *ordinary;
        // What an object or an array holds may be refused for a part of it.
        let is_scalar = |value: &Value| !value.is_object() && !value.is_array();
        listed.or(values)?.into_iter().find(|value| is_other(value) && is_scalar(value))
    }

    /// Whether some body is legal without a value on the bound there.
    fn has_room(&self, place: PlaceId, rule: &Rule) -> bool {
        let here = self.operation.place(place);
        let is_it = |one: &&Assertion| one.keyword == rule.keyword && one.bound == rule.bound;
        if let Some(one) = here.assertions.iter().find(is_it) {
            // A step may lead past the bound.
            let mut values = one.inside.iter().map(|sample| &sample.value);
            if !values.any(|value| stands_on(rule.keyword, &rule.bound, value)) {
                return false;
            }
        }
        let is_other = |other: &Value| other != &rule.bound;
        let others = here.assertions.iter().filter(|one| has_bound(one.keyword) && one.keyword != rule.keyword);
        let mut others = others.map(|one| &one.bound);
        others.all(is_other) || here.presence == Presence::Optional
    }
}
