//! Contracts unlike the shipped one, each legal and each at some edge of what can be written: the clean stub of every one is
//! tested without a finding, and no firm rule is left without a word.

use crate::conformity;
use fencepost::Contract;
use fencepost::address::Address;
use fencepost::generate::{Choices, Generator};
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::Suite;
use fencepost::validate::Judge;
use fencepost::verdict::{Finding, Status, verdicts};

const ID: &str = "{name: id, in: path, required: true, schema: {type: string}}";

/// A contract with these parameters and this schema of the body, and nothing that it can do without.
fn contract(path: &str, parameters: &str, body: &str) -> String {
    format!(
        "openapi: 3.1.0
paths:
  {path}:
    post:
      parameters: [{parameters}]
      requestBody: {{required: true, content: {{application/json: {{schema: {body}}}}}}}
      responses:
        '200': {{content: {{application/json: {{schema: {{type: object}}}}}}}}
        4XX: {{content: {{application/json: {{schema: {{type: object}}}}}}}}
"
    )
}

/// What a run against the clean stub of a contract says that it should not.
fn complaints(text: &str) -> Vec<String> {
    let contract = match Contract::from_text("mine.yaml", text) {
        Ok(contract) => contract,
        Err(error) => return vec![error.to_string()],
    };
    let suite = Suite::new(&contract);
    let mut target = InProcess(Stub::new(&contract, Vec::new()));
    let verdicts = match suite.run(&Address::default(), &mut target, &mut |_| {}) {
        Ok(seen) => verdicts(&suite, &seen),
        Err(error) => return vec![error.to_string()],
    };
    let findings = verdicts.findings.iter().map(|finding| format!("{}: {}", finding.id(), finding.observed));
    let silent = verdicts.rules.iter().filter(|verdict| verdict.rule.standing.is_firm()).filter_map(|verdict| {
        let unkept = [verdict.inside, verdict.outside].into_iter().flatten().any(|status| status != Status::Enforced);
        let (place, keyword) = (&verdict.rule.place, verdict.rule.keyword);
        unkept.then(|| format!("{place} {keyword}: {:?}, {:?}", verdict.inside, verdict.outside))
    });
    findings.chain(silent).chain(conformity::judged(&suite).1).chain(random(&contract)).collect()
}

/// Random bodies that are not what they are said to be.
fn random(contract: &Contract) -> Vec<String> {
    let generator = Generator::new(contract);
    let judge = Judge::new(contract.operation());
    // A plain generator of numbers: what is tried must not change from run to run.
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(state >> 48).unwrap_or_default()
    };
    let mut wrong = Vec::new();
    for count in [0, 1].repeat(20) {
        let numbers: Vec<u16> = (0..200).map(|_| draw()).collect();
        let mut choices = Choices::new(&numbers);
        let case = if count == 0 { generator.valid(&mut choices) } else { generator.violating(&mut choices, count) };
        let text = case.body.render();
        let legal = serde_json::from_str(&text).is_ok_and(|body| judge.accepts(&body));
        if legal != case.broken.is_empty() {
            wrong.push(format!("legal: {legal}, said to break {:?}: {text}", case.broken));
        }
    }
    wrong
}

/// Holds that there is nothing to complain of in any of these contracts.
#[track_caller]
fn check(contracts: impl IntoIterator<Item = String>) {
    let wrong: Vec<String> = contracts
        .into_iter()
        .filter_map(|text| {
            let complaints = complaints(&text);
            (!complaints.is_empty()).then(|| format!("{text}{}\n", complaints.join("\n")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} contracts:\n{}", wrong.len(), wrong.join("\n"));
}

/// Bodies with one member of this schema, optional and mandatory, alone and in arrays.
fn with_member(schema: &str) -> [String; 4] {
    [
        format!("{{type: object, properties: {{a: {schema}}}}}"),
        format!("{{type: object, required: [a], properties: {{a: {schema}}}}}"),
        format!("{{type: object, required: [a], properties: {{a: {{type: array, items: {schema}}}, b: {schema}}}}}"),
        format!("{{type: object, properties: {{a: {{type: array, items: {{type: array, items: {schema}}}}}}}}}"),
    ]
    .map(|body| contract("/things/{id}", ID, &body))
}

#[test]
fn texts() {
    let schemas = [
        "{type: string}",
        "{type: string, minLength: 0, maxLength: 0}",
        "{type: string, maxLength: 1}",
        "{type: string, maxLength: 3}",
        "{type: string, minLength: 10}",
        "{type: string, minLength: 100}",
        "{type: string, minLength: 5, maxLength: 5}",
        "{type: string, minLength: 300, maxLength: 70000}",
        "{type: [string, 'null'], maxLength: 3}",
        "{type: string, enum: [ONE]}",
        "{type: string, enum: ['']}",
        "{type: string, enum: [a, A, ' a', 'a ', aX, '', NO_SUCH_VALUE]}",
        "{type: string, enum: ['1', 'true', \"\\n\", '\u{1f600}', 'quote\"d']}",
        "{type: string, minLength: 3, maxLength: 3, enum: [ONE, TWO]}",
        "{type: [string, 'null'], enum: [ONE, null]}",
    ];
    check(schemas.into_iter().flat_map(with_member));
}

#[test]
fn integers() {
    let schemas = [
        "{type: integer}",
        "{type: integer, minimum: -9223372036854775808}",
        "{type: integer, minimum: -9223372036854775808, maximum: 9223372036854775807}",
        "{type: integer, maximum: 18446744073709551615}",
        "{type: integer, minimum: 0, maximum: 18446744073709551615}",
        "{type: integer, minimum: 18446744073709551615}",
        "{type: integer, minimum: 10000000000000000000}",
        "{type: integer, maximum: -9223372036854775808}",
        "{type: integer, minimum: 9007199254740993}",
        "{type: integer, minimum: -9223372036854775808, maximum: 3}",
        "{type: integer, minimum: 9223372036854775807, maximum: 9223372036854775807}",
        "{type: integer, minimum: 0, maximum: 0}",
        "{type: integer, minimum: 7, maximum: 7}",
        "{type: integer, minimum: 7, maximum: 8}",
        "{type: integer, maximum: -5}",
        "{type: [integer, 'null'], minimum: 5}",
        "{type: integer, enum: [3]}",
        "{type: integer, enum: [0, 1, 2]}",
        "{type: integer, enum: [-9223372036854775808, 9223372036854775807]}",
        "{type: integer, enum: [18446744073709551615, 18446744073709551614]}",
        "{type: integer, minimum: 1, maximum: 9, enum: [1, 9]}",
    ];
    check(schemas.into_iter().flat_map(with_member));
}

#[test]
fn numbers() {
    let schemas = [
        "{type: number}",
        "{type: number, minimum: 0.5}",
        "{type: number, maximum: 0.25}",
        "{type: number, minimum: 0.7, maximum: 0.9}",
        "{type: number, minimum: 0.1, maximum: 0.2}",
        "{type: number, minimum: 0.5, maximum: 0.5}",
        "{type: number, minimum: 3, maximum: 3}",
        "{type: number, minimum: 7, maximum: 7.25}",
        "{type: number, minimum: -0.0}",
        "{type: number, minimum: 1e-320, maximum: 5e-320}",
        "{type: number, minimum: 1e15, maximum: 1e16}",
        "{type: number, maximum: 9007199254740992}",
        "{type: number, minimum: 9007199254740994}",
        "{type: number, maximum: 100000000000000000000}",
        "{type: number, minimum: -1e21, maximum: 1e21}",
        "{type: number, maximum: 1e308}",
        "{type: number, minimum: 1e308}",
        "{type: number, minimum: -1e308, maximum: 1e308}",
        "{type: number, maximum: 1.7976931348623157e308}",
        "{type: number, minimum: -1.7976931348623157e308, maximum: 1.7976931348623157e308}",
        "{type: number, minimum: 1.7976931348623157e308}",
        "{type: number, maximum: -1e12}",
        "{type: [number, 'null'], minimum: 2.5}",
    ];
    check(schemas.into_iter().flat_map(with_member));
}

#[test]
fn objects_and_arrays() {
    let schemas = [
        "{type: boolean}",
        "{type: object}",
        "{type: object, properties: {}}",
        "{type: [object, 'null'], properties: {x: {type: boolean}}}",
        "{type: object, required: [x], properties: {x: {type: integer, minimum: 1}}}",
        "{type: object, required: [x], properties: {x: {type: object, required: [y], properties: {y: {type: object}}}}}",
        "{type: array, items: {type: object}}",
        "{type: [array, 'null'], items: {type: [string, 'null'], maxLength: 2}}",
        "{type: array, items: {type: array, items: {type: object, required: [x], properties: {x: {type: string}}}}}",
        "{type: array, items: {type: array, items: {type: array, items: {type: integer, maximum: 3}}}}",
        "{type: object, properties: {' ': {type: string}, '0': {type: array, items: {type: boolean}}, '007': {type: string}, 'a/b~c': {type: integer}, 'a.b': {type: boolean}, 'c[]': {type: object}, '\u{e9} \"x\"': {type: string}}}",
        "{type: object, properties: {x: {type: string, format: uuid}, y: {type: string, format: date-time, maxLength: 9}}}",
    ];
    check(schemas.into_iter().flat_map(with_member));
}

#[test]
fn bodies() {
    let bodies = [
        "{type: object}",
        "{type: object, properties: {a: {type: boolean}}}",
        "{type: object, required: [a], properties: {a: {type: boolean}}}",
        "{type: object, required: [a], properties: {a: {type: string, enum: [ONE]}}}",
        "{type: object, required: [a, b], properties: {a: {type: string}, b: {type: integer}}}",
        "{type: object, required: [a, b], properties: {a: {type: object}, b: {type: array, items: {type: boolean}}}}",
    ];
    check(bodies.map(|body| contract("/things", "", body)));
}

#[test]
fn parameters() {
    let body = "{type: object, properties: {a: {type: string}}}";
    let path = |schema: &str| format!("{{name: id, in: path, required: true, schema: {schema}}}");
    let header = |rest: &str| format!("{ID}, {{name: X-Key, in: header, {rest}}}");
    let mut contracts: Vec<String> = [
        path("{type: string, minLength: 0, maxLength: 1}"),
        path("{type: string, minLength: 1, maxLength: 1}"),
        path("{type: string, minLength: 2, maxLength: 2}"),
        path("{type: string, minLength: 40}"),
        path("{type: string, maxLength: 8000}"),
        header("schema: {type: string}"),
        header("schema: {type: string, minLength: 0, maxLength: 1}"),
        header("schema: {type: string, minLength: 2, maxLength: 2}"),
        header("required: true, schema: {type: string, minLength: 1}"),
        header("required: true, x-credential: true, schema: {type: string, maxLength: 3}"),
        header("example: abc, schema: {type: string, maxLength: 3}"),
        header("schema: {type: string, maxLength: 60000}"),
    ]
    .map(|parameters| contract("/things/{id}", &parameters, body))
    .into();
    let named = |name: &str| {
        format!("{{name: {name}, in: path, required: true, schema: {{type: string, minLength: 2, maxLength: 5}}}}")
    };
    contracts.push(contract("/a/{one}/b/{two}/{three}", &["one", "two", "three"].map(named).join(", "), body));
    contracts.push(contract("/", "", body));
    check(contracts);
}

#[test]
fn a_header_that_must_be_there_is_missed() {
    let header = format!("{ID}, {{name: X-Key, in: header, required: true, schema: {{type: string}}}}");
    let text = contract("/things/{id}", &header, "{type: object, properties: {a: {type: string}}}");
    let contract = Contract::from_text("mine.yaml", &text).expect("the contract is sound");
    let suite = Suite::new(&contract);
    let planted: Vec<_> = faults(&contract).into_iter().filter(|fault| fault.id.starts_with("header.X-Key:")).collect();
    assert_eq!(planted.len(), 2, "off, and a crash");
    for fault in planted {
        let mut target = InProcess(Stub::new(&contract, vec![fault.clone()]));
        let seen = suite.run(&Address::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
        let found: Vec<String> = verdicts(&suite, &seen).findings.iter().map(Finding::id).collect();
        assert_eq!(found, ["header.X-Key:required:outside"], "{}", fault.id);
    }
}

#[test]
fn of_long_lists_of_values_some_are_paired_and_each_is_sent() {
    let values: Vec<String> = (0..60).map(|number| format!("V{number}")).collect();
    let listed = format!("{{type: string, enum: [{}]}}", values.join(", "));
    let text = contract("/things", "", &format!("{{type: object, properties: {{a: {listed}, b: {listed}}}}}"));
    check([text.clone()]);
    let contract = Contract::from_text("mine.yaml", &text).expect("the contract is sound");
    let suite = Suite::new(&contract);
    let rows = suite.pair_bodies().len();
    assert!((256..400).contains(&rows), "16 by 16 values, and absence: {rows}");
    for value in values {
        let sent = suite.probes().iter().filter(|probe| probe.what == format!("\"{value}\"")).count();
        assert_eq!(sent, 2, "{value}, once at each place");
    }
}

#[test]
fn answers() {
    let text = contract("/things", "", "{type: object, properties: {a: {type: string}}}");
    let (success, refusal) = (
        "'200': {content: {application/json: {schema: {type: object}}}}",
        "4XX: {content: {application/json: {schema: {type: object}}}}",
    );
    let schemas = [
        "{type: object, required: [id, n], properties: {id: {type: string, minLength: 9}, n: {type: integer, minimum: 4}}}",
        "{type: array, items: {type: string}}",
        "{type: string, enum: [done]}",
        "{type: object, required: [code], properties: {code: {type: string, maxLength: 6}}}",
        "{type: object, required: [code], properties: {code: {enum: [E1, E2]}, text: {type: string}}}",
        "{type: object, additionalProperties: false, properties: {title: {type: string}}}",
        "{type: object, required: [code], properties: {code: {type: integer}, text: {type: string, maxLength: 1}}}",
        "{type: object, required: [errors], properties: {errors: {type: array, minItems: 1, items: {type: string}}}}, example: {errors: [wrong]}",
        "{}",
    ];
    let answered = schemas.map(|schema| {
        let answer = |status: &str| format!("{status}: {{content: {{application/json: {{schema: {schema}}}}}}}");
        text.replace(success, &answer("'201'")).replace(refusal, &answer("4XX"))
    });
    let methods = ["get", "put", "delete", "patch", "options"];
    check(answered.into_iter().chain(methods.map(|method| text.replace("    post:", &format!("    {method}:")))));
}
