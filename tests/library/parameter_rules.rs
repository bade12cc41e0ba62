//! The rules of parameters that are no plain text: what may be null, numbers, arrays, objects. Each keyword has its rule, whoever
//! checks nothing is told each of them, and what no text can break is told as not probed.

use std::sync::Arc;

use fencepost::Contract;
use fencepost::contract::Standing;
use fencepost::document::Document;
use fencepost::exchange::Request;
use fencepost::open::open;

use fencepost::stub::faults;
use fencepost::suite::Suite;

use crate::carriers::{first, ids, served, stub_keeps};
use crate::faults::missed;

/// One parameter in the path, or elsewhere.
fn one(parameter: &str) -> Contract {
    let path = if parameter.contains("in: path") { "/x/{p}" } else { "/x" };
    first(&format!(
        "  {path}:\n    get:\n      parameters:\n        - {{name: p, {parameter}}}\n      responses: {{'200': {{description: It.}}, '400': {{description: No.}}}}\n{COMPONENTS}"
    ))
}

const COMPONENTS: &str = "components:
  schemas:
    Kind: {type: string, enum: [red, blue]}
    Few: {anyOf: [{type: integer, minimum: 1, maximum: 9}, {type: 'null'}]}
";

/// Who takes everything is told these, the stub that keeps all is told nothing, and each fault of the stub is found alone.
#[track_caller]
fn check(parameter: &str, told: &[&str]) {
    let contract = one(parameter);
    let verdicts = served(&contract, |request| if request.path.contains("no-such") { 404 } else { 200 });
    let found: Vec<String> =
        ids(&verdicts).into_iter().filter(|id| !id.contains(":required:") || told.contains(&id.as_str())).collect();
    assert_eq!(found, told, "{parameter}");
    stub_keeps(&contract, told);
    let missed = missed(&contract, faults(&contract).iter());
    assert!(missed.is_empty(), "{parameter}\n{}", missed.join("\n"));
}

#[test]
fn what_may_be_null_has_the_rules_of_what_it_is_else() {
    let bounds = "type: integer, minimum: 1, maximum: 9";
    for place in ["in: query", "in: header", "in: cookie", "in: path, required: true"] {
        for schema in [
            format!("anyOf: [{{{bounds}}}, {{type: 'null'}}], title: P"),
            format!("oneOf: [{{type: 'null'}}, {{{bounds}}}]"),
            "type: [integer, 'null'], minimum: 1, maximum: 9".to_owned(),
            "$ref: '#/components/schemas/Few'".to_owned(),
            "allOf: [{$ref: '#/components/schemas/Few'}], title: P".to_owned(),
            format!("anyOf: [{{{bounds}}}]"),
        ] {
            let at = format!("{}.p", place.split([' ', ',']).nth(1).unwrap_or_default());
            let told = ["type", "minimum", "maximum"].map(|keyword| format!("{at}:{keyword}:outside"));
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            check(&format!("{place}, schema: {{{schema}}}"), &told);
        }
    }
    check(
        "in: query, schema: {anyOf: [{$ref: '#/components/schemas/Kind'}, {type: 'null'}], default: red}",
        &["query.p:enum:outside"],
    );
    check(
        "in: query, schema: {anyOf: [{type: string, minLength: 3, maxLength: 9}, {type: 'null'}]}",
        &["query.p:minLength:outside", "query.p:maxLength:outside"],
    );
    check(
        "in: query, schema: {anyOf: [{type: array, items: {anyOf: [{type: integer}, {type: 'null'}]}}, {type: 'null'}]}",
        &["query.p[]:type:outside"],
    );
}

/// The reason of a rule that is not probed.
fn unprobed(contract: &Contract, wanted: &str) -> Option<String> {
    let suite = Suite::new(contract);
    let rule = suite.rules().iter().find(|rule| format!("{}:{}", rule.place, rule.keyword) == wanted)?;
    if let Standing::Unprobed(reason) = &rule.standing { Some(reason.clone()) } else { None }
}

#[test]
fn what_no_text_breaks_is_told_as_not_probed() {
    for (parameter, rule) in [
        ("in: query, schema: {type: [integer, string]}", "query.p:type"),
        ("in: query, schema: {anyOf: [{type: integer}, {type: string}]}", "query.p:anyOf"),
        (
            "in: query, schema: {type: object, additionalProperties: false, required: [a, b], properties: {a: {type: integer}, b: {type: integer}}}",
            "query.p:unknownMember",
        ),
        (
            "in: path, required: true, style: label, schema: {type: array, minItems: 2, maxItems: 3, items: {type: integer}}",
            "path.p:maxItems",
        ),
    ] {
        let contract = one(parameter);
        assert!(unprobed(&contract, rule).is_some(), "{rule} of {parameter}: {:?}", Suite::new(&contract).rules());
    }
}

/// What is sent for an integer lies within its bounds: who takes fractions and keeps the bounds is told.
#[test]
fn a_fraction_for_an_integer_breaks_nothing_else() {
    for (place, bounds, low, high) in [
        ("in: path, required: true", "minimum: 2000, maximum: 2099", 2000.0, 2099.0),
        ("in: query", "minimum: 0, maximum: 5", 0.0, 5.0),
        ("in: header", "minimum: 100", 100.0, 1e9),
        ("in: cookie", "exclusiveMaximum: -3", -1e9, -3.5),
    ] {
        let contract = one(&format!("{place}, schema: {{type: integer, {bounds}}}"));
        let value = |request: &Request| -> Option<f64> {
            let of = |name: &str| request.header(name).map(str::to_owned);
            let text = match place.split([' ', ',']).nth(1)? {
                "path" => request.path.split('?').next()?.strip_prefix("/x/").map(str::to_owned),
                "query" => request.path.split_once("p=").map(|(_, text)| text.to_owned()),
                "header" => of("p"),
                _ => of("cookie").and_then(|text| text.strip_prefix("p=").map(str::to_owned)),
            };
            text.map(|text| text.parse().unwrap_or(f64::NAN))
        };
        let verdicts = served(&contract, |request| {
            if request.path.contains("no-such") {
                return 404;
            }
            if value(request).is_none_or(|number| (low..=high).contains(&number)) { 200 } else { 400 }
        });
        let at = place.split([' ', ',']).nth(1).unwrap_or_default();
        assert_eq!(ids(&verdicts), [format!("{at}.p:type:outside")], "{bounds}");
    }
}

#[test]
fn arrays_have_the_rules_of_the_whole_and_of_their_elements() {
    let list = "schema: {type: array, minItems: 2, maxItems: 4, uniqueItems: true, items: {type: integer, minimum: 1, maximum: 90}}";
    for place in [
        "in: query",
        "in: query, explode: false",
        "in: query, style: pipeDelimited, explode: false",
        "in: query, style: spaceDelimited, explode: false",
        "in: header",
        "in: path, required: true",
    ] {
        let at = format!("{}.p", place.split([' ', ',']).nth(1).unwrap_or_default());
        let whole = ["minItems", "maxItems", "uniqueItems"].map(|keyword| format!("{at}:{keyword}:outside"));
        let parts = ["type", "minimum", "maximum"].map(|keyword| format!("{at}[]:{keyword}:outside"));
        let told: Vec<&str> = whole.iter().chain(&parts).map(String::as_str).collect();
        check(&format!("{place}, {list}"), &told);
    }
    check(
        "in: query, schema: {type: array, items: {type: string, pattern: '^[a-z]+$', maxLength: 8}}",
        &["query.p[]:maxLength:outside", "query.p[]:pattern:outside"],
    );
}

#[test]
fn objects_have_the_rules_of_their_members() {
    let object = "schema: {type: object, additionalProperties: false, required: [role], properties: {role: {type: string, enum: [admin, guest]}, level: {anyOf: [{type: integer, minimum: 1, maximum: 9}, {type: 'null'}]}, on: {type: boolean}}}, example: {role: admin, level: 2}";
    let told = [
        "query.p:unknownMember:outside",
        "query.p.role:required:outside",
        "query.p.role:enum:outside",
        "query.p.level:type:outside",
        "query.p.level:minimum:outside",
        "query.p.level:maximum:outside",
        "query.p.on:type:outside",
    ];
    check(&format!("in: query, style: deepObject, explode: true, {object}"), &told);
    check(&format!("in: query, explode: false, {object}"), &told);
    check(&format!("in: query, {object}"), &told[1..]);
}

/// The same as a document that is read as a whole has it: `nullable` of 3.0.
#[test]
fn maps_have_the_rules_of_what_stands_under_any_name() {
    let deep = "in: query, style: deepObject, explode: true";
    let value = "{type: integer, minimum: 1, maximum: 9}";
    check(
        &format!("{deep}, schema: {{type: object, additionalProperties: {value}}}"),
        &["query.p.*:type:outside", "query.p.*:minimum:outside", "query.p.*:maximum:outside"],
    );
    check(
        &format!(
            "{deep}, schema: {{type: object, patternProperties: {{'^x-': {value}}}, additionalProperties: false}}"
        ),
        &[
            "query.p:unknownMember:outside",
            "query.p./^x-/:type:outside",
            "query.p./^x-/:minimum:outside",
            "query.p./^x-/:maximum:outside",
        ],
    );
    // Under its own name a member would be another parameter.
    check(&format!("in: query, schema: {{type: object, additionalProperties: {value}}}"), &[]);
}

#[test]
fn nullable_of_3_0_is_no_more_than_its_type() {
    let text = "openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /x:
    get:
      parameters:
        - {name: p, in: query, schema: {type: integer, nullable: true, minimum: 1, maximum: 9}}
        - {name: q, in: query, schema: {type: string, nullable: true, enum: [red, blue, null]}}
      responses: {'200': {description: It.}, '400': {description: No.}}
";
    let document = Arc::new(Document::read("any.yaml", text).unwrap_or_else(|error| panic!("{error}")));
    let contract = open(&document, document.operations().first().expect("one")).contract.expect("it can be tested");
    let verdicts = served(&contract, |request| if request.path.contains("no-such") { 404 } else { 200 });
    let told = ["query.p:type:outside", "query.p:minimum:outside", "query.p:maximum:outside", "query.q:enum:outside"];
    assert_eq!(ids(&verdicts), told);
    stub_keeps(&contract, &told);
}

/// The value of the one parameter of a query, where it stands there.
fn number(request: &Request) -> Option<i64> {
    request.path.split_once("p=").and_then(|(_, rest)| rest.split('&').next()?.parse().ok())
}

#[test]
fn a_bound_is_tested_from_inside_too_and_counts_beside_another_value() {
    let bounds = one("in: query, schema: {type: integer, minimum: 1, maximum: 100}");
    let found = |takes: &dyn Fn(i64) -> bool| {
        let legal = |request: &Request| match number(request) {
            Some(number) => (1..=100).contains(&number) && takes(number),
            None => !request.path.contains("p="),
        };
        ids(&served(&bounds, |request| if legal(request) { 200 } else { 400 }))
    };
    assert_eq!(found(&|_| true), [""; 0]);
    assert_eq!(found(&|number| number < 100), ["query.p:maximum:inside"]);
    assert_eq!(found(&|number| number > 1), ["query.p:minimum:inside"]);
    // Where no value is taken at all nobody knows what is missing: another parameter, a right, a state.
    assert_eq!(found(&|_| false), [""; 0]);
    // A crash is one, whatever else is accepted.
    let crashed = served(&bounds, |request| match number(request) {
        Some(100) => 500,
        Some(1..100) => 200,
        Some(_) => 400,
        None => {
            if request.path.contains("p=") {
                400
            } else {
                200
            }
        }
    });
    assert_eq!(ids(&crashed), ["query.p:maximum:inside"]);
}

#[test]
fn a_page_that_is_not_there_is_no_mistake() {
    let contract = first(
        "  /x:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
      responses: {'200': {description: It.}, '400': {description: No.}}
",
    );
    let page = |request: &Request| {
        let text = request.path.split_once("page=").map(|(_, text)| text.to_owned());
        text.map(|text| text.parse::<i64>().unwrap_or_default())
    };
    let verdicts =
        served(&contract, |request| if page(request).is_none_or(|page| (1..=7).contains(&page)) { 200 } else { 400 });
    assert_eq!(ids(&verdicts), [""; 0]);
}

#[test]
fn the_number_of_elements_is_tested_from_inside_too() {
    let list = one("in: query, explode: true, schema: {type: array, items: {type: integer}, minItems: 1, maxItems: 4}");
    let of = |request: &Request| request.path.matches("p=").count();
    let is_legal = |request: &Request, most: usize| {
        of(request) <= most
            && request
                .path
                .split(['?', '&'])
                .filter_map(|one| one.strip_prefix("p="))
                .all(|one| one.parse::<i64>().is_ok())
    };
    let found = |most: usize| ids(&served(&list, |request| if is_legal(request, most) { 200 } else { 400 }));
    assert_eq!(found(4), [""; 0]);
    assert_eq!(found(3), ["query.p:maxItems:inside"]);
}

#[test]
fn a_listed_number_is_a_number_first() {
    let contract = one("in: query, schema: {type: integer, enum: [10, 20, 50]}");
    let found = |status: fn(&str) -> u16| {
        let value = |request: &Request| request.path.split_once("p=").map(|(_, value)| value.to_owned());
        ids(&served(&contract, |request| value(request).map_or(200, |value| status(&value))))
    };
    let keeps =
        |value: &str| if value.parse().is_ok_and(|number: i64| [10, 20, 50].contains(&number)) { 200 } else { 400 };
    assert_eq!(found(keeps), [""; 0]);
    assert_eq!(found(|value| if value.parse::<i64>().is_ok() { 200 } else { 400 }), ["query.p:enum:outside"]);
    let fells = |value: &str| match value.parse::<i64>() {
        Ok(number) if [10, 20, 50].contains(&number) => 200,
        Ok(_) => 400,
        Err(_) => 500,
    };
    assert_eq!(found(fells), ["query.p:type:outside"]);
}

#[test]
fn a_bound_with_no_other_is_tested_from_inside_too() {
    for (schema, keyword) in [("type: integer, maximum: 50", "maximum"), ("type: string, maxLength: 10", "maxLength")] {
        for place in ["in: query", "in: query, required: true", "in: header"] {
            let contract = one(&format!("{place}, schema: {{{schema}}}"));
            let found = |strict: bool| {
                let taken = |text: &str| {
                    let number = text.parse::<i64>().ok();
                    match keyword {
                        "maximum" => number.is_some_and(|number| number <= 50 - i64::from(strict)),
                        _ => text.chars().count() <= 10 - usize::from(strict),
                    }
                };
                let status = |request: &Request| {
                    let in_query = request.path.split_once("p=").map(|(_, text)| text.to_owned());
                    let value = in_query.or_else(|| request.header("p").map(str::to_owned));
                    match value {
                        None if place.contains("required") => 400,
                        None => 200,
                        Some(text) => {
                            if taken(&text) {
                                200
                            } else {
                                400
                            }
                        }
                    }
                };
                ids(&served(&contract, status))
            };
            let at = if place.contains("query") { "query" } else { "header" };
            assert_eq!(found(false), [""; 0], "{place} {schema}");
            assert_eq!(found(true), [format!("{at}.p:{keyword}:inside")], "{place} {schema}");
        }
    }
}

#[test]
fn a_member_that_is_called_like_another_parameter_is_held_against_nobody() {
    let document = |other: &str| {
        format!(
            "  /x:
    get:
      parameters:
        - {{name: sort, in: query, schema: {{type: object, properties: {{created: {{type: string, enum: [asc, desc]}}}}}}}}
        - {{name: {other}, in: query, schema: {{type: string}}}}
      responses: {{'200': {{description: It.}}, '400': {{description: No.}}}}
"
        )
    };
    // Whoever takes the member for the other parameter takes any text.
    let found = |other: &str| ids(&served(&first(&document(other)), |_| 200));
    assert_eq!(found("created"), [""; 0]);
    assert_eq!(found("updated"), ["query.sort.created:enum:outside"]);
}
