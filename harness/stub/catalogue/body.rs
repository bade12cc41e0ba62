//! Faults of a body: a rule of one of its places is off, looser or tighter than it is written, or what it meets fells the
//! stub.

use serde_json::{Value, json};

use super::List;
use crate::compose::{Composer, bounds_hit};
use crate::contract::{Edit, PlaceId, Presence, Shape, Step, as_integer};
use crate::probe::{fraction, has_fraction};
use crate::rule::{Keyword, POINTED, Rule, Side, written_value};
use crate::stub::fault::{Effect, Fumble};

impl List<'_> {
    pub(super) fn body_rule(&mut self, rule: &Rule, id: PlaceId) {
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
                    [("too-strict-none", Keyword::MinItems, 1), ("too-strict-several", Keyword::MaxItems, 2)]
                {
                    let keyword = keyword.as_str();
                    let edit = Edit::Keyword { pointer: pointer.clone(), keyword, value: Some(json!(value)) };
                    self.schema(rule, Side::Inside, mode, vec![edit]);
                }
            }
            Keyword::UnknownMember => self.unknown(rule, id, pointer),
            Keyword::Text if self.longest(id) != Some(0) => {
                self.add(&rule.place, rule.keyword, Side::Inside, "crash", Effect::TextCrash);
            }
            _ => {}
        }
        let crashes = firm && rule.outside && rule.keyword != Keyword::Items;
        if crashes {
            self.add(&rule.place, rule.keyword, Side::Outside, "crash", Effect::Fumble(Fumble::Crash));
        }
        // Found as what they are, time-outs and drops: the rule is where.
        let silent = match rule.keyword {
            Keyword::MaxLength | Keyword::Maximum if rule.outside => Some((Fumble::Hang, "hang", Keyword::Timeout)),
            Keyword::Required if firm => Some((Fumble::Drop, "drop", Keyword::Connection)),
            _ => None,
        };
        if let Some((fumble, mode, found_as)) = silent {
            self.add(&rule.place, rule.keyword, Side::Outside, mode, Effect::Fumble(fumble));
            self.found_as(found_as);
        }
        // A target that hangs is not asked for other bodies: each would cost the time limit.
        let always_hangs = self.is_only_value(id) && !self.is_optional(id);
        if rule.keyword == Keyword::Maximum && !always_hangs {
            let hang = Effect::Value(as_integer(&rule.bound), Fumble::Hang);
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
        let is_container = matches!(shape, Shape::Object { .. } | Shape::Array { .. });
        if shape.values().is_some() || is_container || self.is_indispensable(id) {
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
        let bound = self.bound_of_ordinary(id);
        self.add(
            &rule.place,
            rule.keyword,
            Side::Inside,
            "crash-on-ordinary",
            Effect::Value(ordinary.clone(), Fumble::Crash),
        );
        match bound {
            Some(keyword) => self.found_as(keyword),
            None => {
                self.add(&rule.place, rule.keyword, Side::Inside, "too-strict-ordinary", Effect::Refuse(ordinary));
            }
        }
    }

    /// The one bound that the ordinary number of a place stands on: whoever refuses it refuses the bound.
    fn bound_of_ordinary(&self, id: PlaceId) -> Option<Keyword> {
        let shape = &self.operation.place(id).shape;
        if matches!(shape, Shape::Text { .. }) || self.has_one_value(id) {
            // There are other texts of that length; and a value without another is more than its bound.
            return None;
        }
        match bounds_hit(shape, &Composer::new(self.operation).ordinary(id)) {
            (true, false) => Some(Keyword::Minimum),
            (false, true) => Some(Keyword::Maximum),
            _ => None,
        }
    }

    fn types(&mut self, rule: &Rule, id: PlaceId, pointer: &str) {
        let place = self.operation.place(id);
        let off = || Edit::Keyword { pointer: pointer.to_owned(), keyword: Keyword::Type.as_str(), value: None };
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
        let ordinary = Composer::new(self.operation).ordinary(id);
        for (mode, name) in also {
            if *mode == "fraction" && !has_fraction(&place.shape, &ordinary) {
                continue;
            }
            let mode = format!("takes-{mode}");
            self.schema(rule, Side::Outside, &mode, vec![Edit::AddType { pointer: pointer.to_owned(), name }]);
        }
        if place.presence == Presence::Inherent && place.parent.is_some() && place.null.is_none() {
            let edit = Edit::AddType { pointer: pointer.to_owned(), name: "null" };
            self.schema(rule, Side::Outside, "takes-null", vec![edit]);
        }
        if self.may_refuse_fractions(id) {
            let value = if place.null.is_some() { json!(["integer", "null"]) } else { json!("integer") };
            let edit =
                Edit::Keyword { pointer: pointer.to_owned(), keyword: Keyword::Type.as_str(), value: Some(value) };
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
            let exclusive = if upward { Keyword::ExclusiveMaximum } else { Keyword::ExclusiveMinimum }.as_str();
            // Where doubles lie far apart, one step further is the bound again.
            let looser = (Some(looser) != rule.bound.as_f64()).then(|| json!(looser));
            (looser.map(|bound| set(keyword, bound)), Some(set(exclusive, rule.bound.clone())))
        } else {
            let bound = |step| stepped(&rule.bound, step).map(|bound| set(keyword, bound));
            (bound(step), bound(-step))
        };
        if rule.outside {
            let off = Edit::Keyword { pointer: pointer.to_owned(), keyword, value: None };
            self.schema(rule, Side::Outside, "off", vec![off]);
            if let Some(looser) = looser {
                self.schema(rule, Side::Outside, "off-by-one", looser);
            }
        }
        if let Some(tighter) = tighter.filter(|_| !self.has_one_value(id)) {
            self.schema(rule, Side::Inside, "too-strict", tighter);
        }
    }

    /// Whether every legal body holds the same value there: who refuses that, or fails at it, accepts nothing at all.
    fn is_indispensable(&self, id: PlaceId) -> bool {
        self.is_only_value(id) && !self.is_dispensable(id)
    }

    /// Whether a place has one legal value.
    fn is_only_value(&self, id: PlaceId) -> bool {
        let place = self.operation.place(id);
        match (&place.shape, place.shape.values()) {
            (_, Some(values)) => values.firm.len() == 1,
            (Shape::Text { .. }, None) => self.has_one_value(id) && self.longest(id) == Some(0),
            _ => self.has_one_value(id),
        }
    }

    /// Whether some legal body has nothing there: an object without it, or an empty array.
    fn is_dispensable(&self, id: PlaceId) -> bool {
        let mut lineage = self.operation.lineage(id);
        self.is_optional(id) || lineage.any(|id| self.operation.place(id).step == Step::Element)
    }

    /// Whether it stands in an optional member, or is one.
    fn is_optional(&self, id: PlaceId) -> bool {
        self.operation.lineage(id).any(|id| self.operation.place(id).presence == Presence::Optional)
    }

    /// Whether a number may have a fraction, and need not have one in every legal body: whoever refuses all of these is noticed,
    /// and accepts something.
    fn may_refuse_fractions(&self, id: PlaceId) -> bool {
        let Shape::Number { min, max } = self.operation.place(id).shape else { return false };
        let (least, most) = (min.unwrap_or(f64::MIN), max.unwrap_or(f64::MAX));
        let has_whole = least.ceil() <= most;
        fraction(min, max).is_some() && (has_whole || self.is_dispensable(id))
    }

    /// The most characters that a text may have.
    fn longest(&self, id: PlaceId) -> Option<usize> {
        if let Shape::Text { max, .. } = self.operation.place(id).shape { max } else { None }
    }

    /// Whether the bounds of a place leave one value, or one length: to refuse that is no fault of one bound.
    fn has_one_value(&self, id: PlaceId) -> bool {
        match self.operation.place(id).shape {
            Shape::Text { min, max, .. } => max == Some(min.unwrap_or(0)),
            // Beyond 64 bits nothing is sent.
            Shape::Integer { min, max, .. } => {
                let (least, most) = (i128::from(i64::MIN), i128::from(u64::MAX));
                min.unwrap_or(least).max(least) == max.unwrap_or(most).min(most)
            }
            Shape::Number { min, max } => min.unwrap_or(f64::MIN).total_cmp(&max.unwrap_or(f64::MAX)).is_eq(),
            _ => false,
        }
    }

    fn values(&mut self, rule: &Rule, id: PlaceId, pointer: &str) {
        let Some(values) = self.operation.place(id).shape.values() else { return };
        let texts: Vec<&str> = values.firm.iter().filter_map(Value::as_str).collect();
        if !texts.is_empty() {
            let off = Edit::Keyword { pointer: pointer.to_owned(), keyword: Keyword::Enum.as_str(), value: None };
            self.schema(rule, Side::Outside, "off", vec![off]);
            let list = |text: String| Edit::List { pointer: pointer.to_owned(), value: json!(text), listed: true };
            let unlisted = |text: &String| !texts.contains(&text.as_str());
            let others =
                texts.iter().filter_map(|text| [text.to_lowercase(), text.to_uppercase()].into_iter().find(unlisted));
            let others: Vec<Edit> = others.map(list).collect();
            if !others.is_empty() {
                self.schema(rule, Side::Outside, "any-case", others);
            }
            // What is longer than the place allows is refused for its length.
            let fits = |text: &String| self.longest(id).is_none_or(|longest| text.chars().count() <= longest);
            let shown = |text: &String| unlisted(text) && fits(text);
            if let Some(padded) = texts.iter().map(|text| format!("{text} ")).find(shown) {
                self.schema(rule, Side::Outside, "padded", vec![list(padded)]);
            }
        }
        if self.is_indispensable(id) {
            return;
        }
        for value in &values.firm {
            let mode = format!("too-strict-{}", written_value(value));
            self.add(&rule.place, rule.keyword, Side::Inside, &mode, Effect::Refuse(value.clone()));
        }
    }

    fn unknown(&mut self, rule: &Rule, id: PlaceId, pointer: String) {
        let additional = |schema| vec![Edit::unknown_members(pointer, schema)];
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
}

/// The next integer; nothing where it is beyond 64 bits, which no stub tells from the bound.
fn stepped(bound: &Value, step: i64) -> Option<Value> {
    match bound.as_i64() {
        Some(bound) => match bound.checked_add(step) {
            Some(next) => Some(json!(next)),
            None => Some(json!(bound.cast_unsigned().checked_add_signed(step)?)).filter(|_| step > 0),
        },
        None => Some(json!(bound.as_u64()?.checked_add_signed(step)?)),
    }
}
