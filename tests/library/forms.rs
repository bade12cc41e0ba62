//! Bodies that are no JSON: what still means something in a form is tested, by its bytes, and nobody honest is accused.

use std::collections::BTreeMap;

use fencepost::exchange::Request;
use fencepost::rule::Keyword;
use fencepost::suite::Suite;
use serde_json::Value;

use crate::carriers::{first, ids, read, served, stub_keeps};

const ORDERS: &str = "
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [name, count, address]
              properties:
                name: {type: string, minLength: 2, maxLength: 9}
                count: {type: integer, minimum: 1, maximum: 99}
                gift: {type: boolean}
                speed: {type: string, enum: [slow, fast]}
                tags: {type: array, items: {type: integer}}
                codes: {type: array, items: {type: string, maxLength: 4}}
                address: {type: object, required: [city], properties: {city: {type: string}}}
                card: {type: object, required: [number], properties: {number: {type: integer}, owner: {type: object, properties: {name: {type: string}}}}}
                loose: {type: object, properties: {a: {type: string}}}
            encoding:
              address: {contentType: application/json}
              codes: {style: form, explode: false}
              card: {style: deepObject, explode: true}
      responses: {'201': {description: Made.}, '400': {description: Refused.}}
";

/// The fields of a form, read by hand.
fn fields(request: &Request) -> Option<BTreeMap<String, Vec<String>>> {
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let text = std::str::from_utf8(request.body.as_deref()?).ok()?;
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let escaped = (*first == b'%')
                .then(|| std::str::from_utf8(after.get(..2)?).ok().and_then(|two| u8::from_str_radix(two, 16).ok()));
            let (byte, after) = escaped.flatten().map_or((*first, after), |byte| (byte, &after[2..]));
            bytes.push(byte);
            rest = after;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.entry(decoded(name)).or_default().push(decoded(value));
    }
    Some(fields)
}

/// How an honest server of the orders may read what no document says.
#[derive(Clone, Copy, Default)]
struct Manner {
    /// It takes blanks around values away, and what is empty for absent.
    trims: bool,
    /// It takes 1, 0, on, off and capital letters for truth values.
    any_truth: bool,
    /// It turns down members that it does not know.
    is_closed: bool,
}

/// What a server refuses, by the names of what it checks.
fn refused(request: &Request, manner: Manner, off: &[&str]) -> bool {
    let Some(fields) = fields(request) else { return true };
    let given = |name: &str| -> Vec<String> {
        let all = fields.get(name).cloned().unwrap_or_default();
        if manner.trims {
            all.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
        } else {
            all
        }
    };
    let one = |name: &str| given(name).first().cloned();
    let checks = |name: &str| !off.contains(&name);
    let integer = |text: &str| text.parse::<i128>().ok();
    let known = ["name", "count", "gift", "speed", "tags", "codes", "address", "card[number]", "loose"];
    let truth = |text: &str| {
        let lower = text.to_ascii_lowercase();
        matches!(text, "true" | "false")
            || (manner.any_truth
                && matches!(lower.as_str(), "true" | "false" | "1" | "0" | "on" | "off" | "yes" | "no"))
    };
    (checks("name.required") && one("name").is_none())
        || one("name").is_some_and(|name| checks("name.length") && !(2..=9).contains(&name.chars().count()))
        || one("count").map_or(checks("count.required"), |count| match integer(&count) {
            Some(count) => checks("count.bounds") && !(1..=99).contains(&count),
            None => checks("count.type"),
        })
        || one("gift").is_some_and(|gift| checks("gift") && !truth(&gift))
        || one("speed").is_some_and(|speed| checks("speed") && !matches!(speed.as_str(), "slow" | "fast"))
        || given("tags").iter().any(|tag| checks("tags") && integer(tag).is_none())
        || one("codes").is_some_and(|codes| checks("codes") && codes.split(',').any(|code| code.chars().count() > 4))
        || one("address").map_or(checks("address.required"), |address| {
            let value: Option<Value> = serde_json::from_str(&address).ok();
            checks("address.json") && !value.is_some_and(|value| value["city"].is_string())
        })
        || one("card[number]").is_some_and(|number| checks("card") && integer(&number).is_none())
        || (manner.is_closed && fields.keys().any(|name| !known.contains(&name.as_str())))
}

#[test]
fn honest_servers_of_a_form_are_not_accused() {
    let contract = first(ORDERS);
    for (trims, any_truth) in [(false, false), (true, false), (false, true), (true, true)] {
        let manner = Manner { trims, any_truth, is_closed: false };
        let verdicts = served(&contract, |request| if refused(request, manner, &[]) { 400 } else { 201 });
        assert_eq!(ids(&verdicts), [""; 0], "trims: {trims}, any truth: {any_truth}");
    }
    let manner = Manner { is_closed: true, ..Manner::default() };
    let verdicts = served(&contract, |request| if refused(request, manner, &[]) { 400 } else { 201 });
    assert_eq!(ids(&verdicts), [""; 0]);
    stub_keeps(
        &contract,
        &[
            "body.name:required:outside",
            "body.name:maxLength:inside",
            "body.name:maxLength:outside",
            "body.count:maximum:inside",
            "body.count:maximum:outside",
            "body.count:type:outside",
            "body.gift:type:outside",
            "body.speed:enum:inside",
            "body.speed:enum:outside",
            "body.tags[]:type:outside",
            "body.codes[]:maxLength:outside",
            "body.address:required:outside",
            "body.address.city:type:outside",
            "body.card.number:type:outside",
        ],
    );
}

#[test]
fn a_server_that_checks_less_of_a_form_is_told_where() {
    let contract = first(ORDERS);
    for (off, wanted) in [
        (&["name.required"][..], &["body.name:required:outside"][..]),
        (&["name.length"], &["body.name:minLength:outside", "body.name:maxLength:outside"]),
        (&["count.type"], &["body.count:type:outside"]),
        (&["count.bounds"], &["body.count:minimum:outside", "body.count:maximum:outside"]),
        (&["gift"], &["body.gift:type:outside"]),
        (&["speed"], &["body.speed:enum:outside"]),
        (&["tags"], &["body.tags[]:type:outside"]),
        (&["codes"], &["body.codes[]:maxLength:outside"]),
        (&["address.required"], &["body.address:required:outside"]),
        (&["card"], &["body.card.number:type:outside"]),
    ] {
        let verdicts = served(&contract, |request| if refused(request, Manner::default(), off) { 400 } else { 201 });
        let found: Vec<String> = ids(&verdicts).into_iter().filter(|id| !id.ends_with(":items:outside")).collect();
        assert_eq!(found, wanted, "{off:?}");
    }
    // What is JSON in a field keeps its types.
    let verdicts =
        served(&contract, |request| if refused(request, Manner::default(), &["address.json"]) { 400 } else { 201 });
    let found = ids(&verdicts);
    for wanted in ["body.address:type:outside", "body.address.city:required:outside", "body.address.city:type:outside"]
    {
        assert!(found.iter().any(|id| id == wanted), "{wanted}: {found:?}");
    }
}

#[test]
fn what_vanishes_in_a_form_has_no_rule_or_says_so() {
    let (operations, remarks) = read(ORDERS);
    let contract = operations.into_iter().next().expect("one").expect("it can be tested");
    let suite = Suite::new(&contract);
    let of = |place: &str| -> Vec<(Keyword, &str)> {
        let all = suite.rules().iter().filter(|rule| rule.place.as_str() == place);
        all.map(|rule| (rule.keyword, rule.standing.as_str())).collect()
    };
    assert!(of("body.name").contains(&(Keyword::Type, "unprobed")), "{:?}", of("body.name"));
    assert!(
        suite
            .rules()
            .iter()
            .all(|rule| rule.keyword != Keyword::Null || rule.place.as_str().starts_with("body.address"))
    );
    assert!(suite.rules().iter().all(|rule| rule.keyword != Keyword::WellFormed));
    let told: Vec<&str> = remarks.iter().map(|remark| remark.what.as_str()).collect();
    assert!(told.iter().any(|what| what.contains("1 of the form's members (`loose`)")), "{told:?}");
    assert_eq!(of("body.loose"), []);
}

/// An example is sent as a form, where it can be.
#[test]
fn the_example_of_a_form_is_written_as_one() {
    let form = |example: &str| {
        format!(
            "
  /orders:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {{type: object, properties: {{name: {{type: string}}, ids: {{type: array, items: {{type: integer}}}}, more: {{type: object}}}}}}
            example: {example}
      responses: {{'201': {{description: Made.}}}}
"
        )
    };
    let example = |text: &str| first(&form(text)).operation().body.example.clone();
    assert_eq!(example("{name: a b, ids: [1, 2]}").as_deref(), Some("name=a%20b&ids=1&ids=2"));
    assert_eq!(example("{name: a b, more: {a: b}}"), None);
    assert_eq!(example("{name: a b, ids: []}"), None);
}

/// A form without a field is no body: legal where none need be there, and where one must, a field stands in each.
#[test]
fn a_form_without_a_field_is_no_body() {
    let form = |required: bool, members: &str| {
        first(&format!(
            "
  /orders:
    post:
      requestBody:
        required: {required}
        content:
          application/x-www-form-urlencoded:
            schema: {{type: object, required: [{members}], properties: {{name: {{type: string}}, count: {{type: integer}}}}}}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}}}
"
        ))
    };
    let has = |request: &Request, name: &str| fields(request).is_some_and(|fields| fields.contains_key(name));
    let is_empty = |request: &Request| fields(request).is_none_or(|fields| fields.is_empty());
    let is_counted = |request: &Request| {
        let count = fields(request).and_then(|fields| fields.get("count")?.first().cloned());
        count.is_none_or(|count| count.parse::<i64>().is_ok())
    };
    let answer = |is_legal: bool| if is_legal { 201 } else { 400 };
    // Who takes no body is right where it need not be there.
    let contract = form(false, "name");
    let verdicts =
        served(&contract, |request| answer(is_counted(request) && (is_empty(request) || has(request, "name"))));
    assert_eq!(ids(&verdicts), [""; 0]);
    stub_keeps(&contract, &["body.count:type:outside"]);
    let contract = form(true, "name");
    let verdicts =
        served(&contract, |request| answer(is_counted(request) && (is_empty(request) || has(request, "name"))));
    assert_eq!(ids(&verdicts), ["body.name:required:outside", "body:required:outside"]);
    // A form of which every field may be left out has no byte without them, and is one for some.
    let contract = form(true, "");
    for takes_none in [true, false] {
        let verdicts = served(&contract, |request| answer(is_counted(request) && (takes_none || !is_empty(request))));
        assert_eq!(ids(&verdicts), [""; 0], "{takes_none}");
    }
    stub_keeps(&contract, &["body.count:type:outside"]);
}

/// What must be there and has no sure form is sent all the same, as one value.
#[test]
fn a_member_without_a_sure_form_that_must_be_there_is_sent_as_one_value() {
    for (encoding, wanted) in [
        ("encoding: {lines: {style: deepObject, explode: true}}", "lines%5B0%5D%5Bsku%5D=abc"),
        ("example: {}", "lines=%5B%7B%22sku%22%3A%22abc%22%7D%5D"),
    ] {
        let contract = first(&format!(
            "
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {{type: object, required: [lines], properties: {{lines: {{type: array, minItems: 1, items: {{type: object, required: [sku], properties: {{sku: {{type: string, example: abc}}}}}}}}}}}}
            {encoding}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}}}
"
        ));
        let mut takes = 0;
        let verdicts = served(&contract, |request| {
            let body = request.body.as_deref().unwrap_or_default();
            let is_right = body.split(|byte| *byte == b'&').any(|pair| pair == wanted.as_bytes());
            takes += usize::from(is_right);
            if is_right { 201 } else { 400 }
        });
        assert_eq!(ids(&verdicts), [""; 0], "{encoding}");
        assert!(takes > 0, "{wanted} was never sent");
        stub_keeps(&contract, &["body.lines:required:outside"]);
    }
}
