//! Causes: a habit of a framework shows at every place of its kind, and is told as one cause with its places; findings that
//! are only many stay findings.

#![expect(clippy::unnecessary_wraps, reason = "all habits have one form")]

mod told;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::contract::{Operation, PlaceId, Presence, Reading, Shape, Step};
use fencepost::exchange::{Hearer, Request, Target};
use fencepost::rule::Keyword;
use fencepost::settle::{Settlement, settle};
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Verdicts};
use serde_json::{Value, json};

use crate::tested;

/// What a framework makes of the value at a place before anybody looks at it; nothing where it drops the member.
type Habit = fn(&Operation, PlaceId, Value) -> Option<Value>;

/// The stub behind a framework.
struct Framework<'a> {
    stub: InProcess,
    operation: &'a Operation,
    habit: Habit,
}

impl Framework<'_> {
    fn read(&self, place: PlaceId, value: Value) -> Option<Value> {
        let value = (self.habit)(self.operation, place, value)?;
        let child = |wanted: &dyn Fn(&Step) -> bool| {
            let is_child = |id: &PlaceId| self.operation.place(*id).parent == Some(place);
            let mut children = self.operation.places().map(|(id, _)| id).filter(is_child);
            children.find(|id| wanted(&self.operation.place(*id).step))
        };
        Some(match value {
            Value::Object(members) => {
                let read = |(name, value): (String, Value)| match child(&|step| *step == Step::Member(name.clone())) {
                    Some(place) => self.read(place, value).map(|value| (name, value)),
                    None => Some((name, value)),
                };
                Value::Object(members.into_iter().filter_map(read).collect())
            }
            Value::Array(elements) => match child(&|step| *step == Step::Element) {
                Some(place) => elements.into_iter().filter_map(|element| self.read(place, element)).collect(),
                None => Value::Array(elements),
            },
            scalar => scalar,
        })
    }
}

impl Target for Framework<'_> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let body: Option<Value> = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
            let read = body.map(|body| self.read(Operation::ROOT, body).unwrap_or_default());
            let body = read.map_or_else(|| request.body.clone(), |read| Some(read.to_string().into_bytes().into()));
            self.stub.send(&[Request { body, ..request.clone() }], hear)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

fn behind(contract: &Contract, habit: Habit) -> Verdicts {
    let stub = InProcess(Stub::new(contract, Vec::new()));
    tested::by(&Suite::new(contract), &mut Framework { stub, operation: contract.operation(), habit })
}

/// A contract with eight places of every type, three of them mandatory.
fn many() -> Contract {
    let types = [
        ("integer", "{type: integer, minimum: 0, maximum: 100}"),
        ("boolean", "{type: boolean}"),
        ("listed", "{type: string, enum: [RED, BLUE]}"),
        ("text", "{type: string, minLength: 1, maxLength: 20}"),
        ("array", "{type: array, items: {type: string, maxLength: 20}}"),
        ("object", "{type: object, properties: {part: {type: integer, minimum: 0, maximum: 100}}}"),
    ];
    let members: Vec<String> = types
        .iter()
        .flat_map(|(name, schema)| (1..=8).map(move |number| format!("                {name}{number}: {schema}\n")))
        .collect();
    let required: Vec<String> =
        types.iter().flat_map(|(name, _)| (1..=3).map(move |number| format!("{name}{number}"))).collect();
    let text = format!(
        "openapi: 3.1.0
info: {{title: Many, version: '1'}}
paths:
  /things/{{id}}:
    put:
      parameters:
        - {{name: id, in: path, required: true, schema: {{type: string, minLength: 1, maxLength: 64}}, example: '1'}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [{}]
              properties:
{}      responses:
        '200':
          description: Done.
          content: {{application/json: {{schema: {{type: object}}}}}}
        '4XX':
          description: Refused.
          content: {{application/json: {{schema: {{type: object, required: [error_code], properties: {{error_code: {{type: string}}}}}}}}}}
",
        required.join(", "),
        members.concat()
    );
    Contract::from_text("many.yaml", &text).expect("it loads")
}

fn sentences(verdicts: &Verdicts) -> Vec<&str> {
    verdicts.causes.iter().map(|cause| cause.sentence.as_str()).collect()
}

/// Holds that a habit is told as these causes, and that every finding has one of them.
#[track_caller]
fn check(contract: &Contract, habit: Habit, wanted: &[&str]) {
    let verdicts = behind(contract, habit);
    let told: BTreeSet<&str> = sentences(&verdicts).into_iter().collect();
    assert_eq!(told, wanted.iter().copied().collect());
    let alone: Vec<String> =
        verdicts.findings.iter().filter(|finding| finding.cause.is_none()).map(Finding::id).collect();
    assert_eq!(alone, Vec::<String>::new());
    let linked: usize = verdicts.causes.iter().map(|cause| cause.findings.len()).sum();
    assert_eq!(linked, verdicts.findings.len());
}

fn shape(operation: &Operation, place: PlaceId) -> &Shape {
    &operation.place(place).shape
}

fn is_optional(operation: &Operation, place: PlaceId) -> bool {
    operation.place(place).presence == Presence::Optional
}

fn numbers_from_text(operation: &Operation, place: PlaceId, value: Value) -> Option<Value> {
    Some(match (shape(operation, place), value.as_str().map(str::parse::<i64>)) {
        (Shape::Integer { .. }, Some(Ok(number))) => json!(number),
        _ => value,
    })
}

fn scalars_from_text(operation: &Operation, place: PlaceId, value: Value) -> Option<Value> {
    let is_scalar = matches!(shape(operation, place), Shape::Integer { .. } | Shape::Number { .. } | Shape::Boolean);
    let read = value.as_str().filter(|_| is_scalar).and_then(|text| serde_json::from_str(text).ok());
    Some(read.filter(|read: &Value| read.is_number() || read.is_boolean()).unwrap_or(value))
}

fn integers_as_doubles(_: &Operation, _: PlaceId, value: Value) -> Option<Value> {
    let past = value.as_u64() == Some(1 << 63);
    Some(if past { json!(i64::MAX) } else { value })
}

#[test]
fn the_habits_of_the_shipped_contracts_servers_are_one_cause_each() {
    let contract = Contract::shipped();
    let verdicts = behind(&contract, numbers_from_text);
    assert_eq!(sentences(&verdicts), ["integers take text, at 47 of 47 places"]);
    let verdicts = behind(&contract, scalars_from_text);
    assert_eq!(sentences(&verdicts), ["integers, numbers and booleans take text, at 62 of 62 places"]);
    let verdicts = behind(&contract, integers_as_doubles);
    assert_eq!(sentences(&verdicts), ["integers take what a double cannot tell from their bound, at 31 of 31 places"]);
    assert_eq!(verdicts.findings.len(), 31);
}

#[test]
fn what_a_framework_takes_for_another_type_is_one_cause() {
    let contract = many();
    check(&contract, numbers_from_text, &["integers take text, at 16 of 16 places"]);
    check(
        &contract,
        |operation, place, value| {
            Some(match (shape(operation, place), value.as_f64()) {
                (Shape::Integer { .. }, Some(number)) if number.fract() != 0.0 => json!(number.trunc()),
                _ => value,
            })
        },
        &["integers take fractions, at 16 of 16 places"],
    );
    check(
        &contract,
        |operation, place, value| {
            Some(match (shape(operation, place), value.as_i64()) {
                (Shape::Boolean, Some(number)) => json!(number != 0),
                _ => value,
            })
        },
        &["booleans take 1 and 0, at 8 of 8 places"],
    );
    check(
        &contract,
        |operation, place, value| {
            let is_text = matches!(shape(operation, place), Shape::Text { values: None, .. });
            Some(if is_text && (value.is_number() || value.is_boolean()) { json!(value.to_string()) } else { value })
        },
        &["texts take numbers and true, at 16 of 16 places"],
    );
    check(
        &contract,
        |operation, place, value| {
            let is_array = matches!(shape(operation, place), Shape::Array { .. });
            Some(if is_array && value.is_string() && value != "" { json!([value]) } else { value })
        },
        &["arrays take an element without its array and any text, at 8 of 8 places"],
    );
    check(
        &contract,
        |operation, place, value| {
            let is_object = matches!(shape(operation, place), Shape::Object { .. });
            Some(if is_object && value == json!([]) { json!({}) } else { value })
        },
        &["objects take an empty array, at 8 of 8 places"],
    );
    check(
        &contract,
        |operation, place, value| {
            let is_scalar = !matches!(shape(operation, place), Shape::Array { .. } | Shape::Object { .. });
            let single = |value: &Value| value.as_array().is_some_and(|elements| elements.len() == 1);
            Some(if is_scalar && single(&value) { value[0].clone() } else { value })
        },
        &["integers, booleans, texts and enumerations take their value in an array, at 48 of 48 places"],
    );
}

#[test]
fn what_a_framework_takes_for_nothing_is_one_cause() {
    let contract = many();
    check(
        &contract,
        |operation, place, value| {
            let optional = is_optional(operation, place);
            (!(optional && value.is_null())).then_some(value)
        },
        &["optional members take null, at 38 of 38 places"],
    );
    check(
        &contract,
        |_, place, value| {
            let drop = place != Operation::ROOT && value == "";
            (!drop).then_some(value)
        },
        &[
            "optional arrays take empty text, at 5 of 5 places",
            "optional enumerations take empty text, at 5 of 5 places",
            "optional texts take empty text, at 5 of 5 places",
        ],
    );
}

#[test]
fn what_a_framework_mends_is_one_cause() {
    let contract = many();
    let listed: Habit = |operation, place, value| {
        let listed = shape(operation, place).values().is_some();
        Some(value.as_str().filter(|_| listed).map(|text| json!(text.trim())).unwrap_or(value))
    };
    check(&contract, listed, &["enumerations take listed values with spaces around them, at 8 of 8 places"]);
    let upper: Habit = |operation, place, value| {
        let listed = shape(operation, place).values().is_some();
        Some(value.as_str().filter(|_| listed).map(|text| json!(text.to_uppercase())).unwrap_or(value))
    };
    check(&contract, upper, &["enumerations take listed values in another case, at 8 of 8 places"]);
    let clamp: Habit = |operation, place, value| {
        let number = value.as_f64().filter(|_| matches!(shape(operation, place), Shape::Integer { .. }));
        Some(
            number
                .filter(|number| !(0.0..=100.0).contains(number))
                .map_or(value, |number| json!(if number < 0.0 { 0 } else { 100 })),
        )
    };
    check(
        &contract,
        clamp,
        &["integers take what is just past their bound and what is far past their bound, at 16 of 16 places"],
    );
    let cut: Habit = |operation, place, value| {
        let is_text = matches!(shape(operation, place), Shape::Text { values: None, .. });
        let cut = value.as_str().filter(|_| is_text).map(|text| json!(text.chars().take(20).collect::<String>()));
        Some(cut.unwrap_or(value))
    };
    check(
        &contract,
        cut,
        &["texts take what is just past their bound and what is far past their bound, at 16 of 16 places"],
    );
    let drop_unknown: Habit = |operation, place, value| {
        let Shape::Object { members, unknown: None } = shape(operation, place) else { return Some(value) };
        let known = |name: &String| members.iter().any(|id| operation.place(*id).step == Step::Member(name.clone()));
        let Value::Object(object) = value else { return Some(value) };
        Some(Value::Object(object.into_iter().filter(|(name, _)| known(name)).collect()))
    };
    let settlement = Settlement {
        place: "body*".to_owned(),
        keyword: Keyword::UnknownMember,
        bound: None,
        reading: Reading::Refused,
    };
    let contract = settle(&Contract::shipped(), &[settlement]).expect("they can be settled");
    check(&contract, drop_unknown, &["objects take members that no table names, at 12 of 12 places"]);
}

#[test]
fn what_json_schema_allows_is_no_habit() {
    check(&many(), |_, _, value| Some(value), &[]);
    let pointed: Habit = |_, _, value| {
        let whole = value.as_f64().filter(|number| number.fract() == 0.0 && value.as_i64().is_none());
        #[expect(clippy::cast_possible_truncation, reason = "the numbers of this contract are small")]
        Some(whole.map_or(value, |number| json!(number as i64)))
    };
    check(&many(), pointed, &[]);
}
