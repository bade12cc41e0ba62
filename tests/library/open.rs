//! Operations of any document: what is modelled is tested, what is not is respected, and nobody honest is accused.

use std::ops::ControlFlow;
use std::sync::Arc;

use fencepost::Contract;
use fencepost::document::{Document, Remark};
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::open::open;
use fencepost::oracle::{Oracle, Scope};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::Keyword;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::{Suite, Untestable};
use fencepost::validate::Judge;
use fencepost::verdict::{Finding, Status, Verdicts};
use serde_json::{Value, json};

use crate::tested;

/// The operations of a document, each as a contract or with the reason why it is none; and the remarks.
pub(crate) fn read(text: &str) -> (Vec<Result<Contract, String>>, Vec<Remark>) {
    let document = Arc::new(Document::read("any.yaml", text).unwrap_or_else(|error| panic!("{error}\n{text}")));
    let opened: Vec<_> = document.operations().iter().map(|operation| open(&document, operation)).collect();
    let remarks = opened.iter().flat_map(|opened| opened.remarks.clone()).collect();
    (opened.into_iter().map(|opened| opened.contract).collect(), remarks)
}

/// The one operation of a document with this schema for its body.
pub(crate) fn with_body(schema: &str) -> Result<Contract, String> {
    let text = format!(
        "openapi: 3.1.0
info: {{title: Things, version: '1'}}
paths:
  /things:
    post:
      requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}
      responses: {{'201': {{description: Made.}}, '400': {{description: Refused.}}}}
  /others:
    get: {{responses: {{'200': {{description: All.}}}}}}
components:
  schemas:
    Tree: {{type: object, required: [name], properties: {{name: {{type: string}}, parts: {{type: array, items: {{$ref: '#/components/schemas/Tree'}}}}}}}}
    Endless: {{type: object, required: [again], properties: {{again: {{$ref: '#/components/schemas/Endless'}}}}}}
    Named: {{type: object, required: [name], properties: {{name: {{type: string, maxLength: 9}}}}}}
"
    );
    read(&text).0.remove(0)
}

/// A server that answers each request as a function says.
pub(crate) struct Server<F>(pub(crate) F);

impl<F: FnMut(&Request) -> (u16, Value)> Target for Server<F> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let (status, body) = (self.0)(request);
            let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
            let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
            let outcome = Outcome::Answer(Response { status, headers, body, unread: None });
            hear(Delivery { outcome, elapsed: std::time::Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

/// What a run says of such a server.
pub(crate) fn served(
    contract: &Contract,
    answer: impl FnMut(&Request) -> (u16, Value),
) -> Result<Verdicts, Untestable> {
    tested::tried(&Suite::new(contract), &mut Server(answer))
}

pub(crate) fn ids(verdicts: &Verdicts) -> Vec<String> {
    verdicts.findings.iter().map(|finding: &Finding| finding.id.short()).collect()
}

pub(crate) fn body(request: &Request) -> Option<Value> {
    serde_json::from_slice(request.body.as_deref()?).ok()
}

/// Schemas of every kind that real documents have.
const SCHEMAS: [&str; 39] = [
    "{type: object, required: [a], properties: {a: {type: string, minLength: 1, maxLength: 5}}}",
    "{type: object, properties: {a: {type: [string, 'null']}, b: {type: integer, format: int32}}}",
    "{type: object, required: [a], properties: {a: {type: string, pattern: '^[A-Z]{3}-[0-9]+$'}}}",
    "{type: object, required: [a], properties: {a: {type: string, format: date-time}}}",
    "{type: object, required: [a, b], properties: {a: {type: string, format: uuid}, b: {type: string, format: email}}}",
    "{type: object, required: [a], properties: {a: {const: x}}}",
    "{type: object, required: [a], properties: {a: {type: number, exclusiveMinimum: 0, multipleOf: 0.5}}}",
    "{type: object, required: [a], properties: {a: {type: array, items: {type: string}, minItems: 2, uniqueItems: true}}}",
    "{type: object, required: [a], properties: {a: {type: array, items: {type: integer}, minItems: 1}}}",
    "{type: object, required: [a], properties: {a: {type: array, prefixItems: [{type: string}, {type: integer}]}}}",
    "{type: object, additionalProperties: {type: integer}}",
    "{type: object, minProperties: 2, additionalProperties: {type: string}}",
    "{type: object, additionalProperties: false, required: [a], properties: {a: {type: boolean}}}",
    "{oneOf: [{$ref: '#/components/schemas/Named'}, {type: object, required: [id], properties: {id: {type: integer}}}]}",
    "{anyOf: [{type: object, required: [a]}, {type: object, required: [b]}], properties: {a: {type: string}, b: {type: string}}}",
    "{allOf: [{$ref: '#/components/schemas/Named'}, {type: object, required: [size], properties: {size: {type: integer, maximum: 9}}}]}",
    "{type: object, required: [a], properties: {a: {anyOf: [{type: string, maxLength: 4}, {type: 'null'}]}}}",
    "{type: object, properties: {a: {type: string, readOnly: true}, b: {type: string, writeOnly: true}}, required: [a, b]}",
    "{type: object, properties: {a: {type: string}, b: {type: string}}, dependentRequired: {a: [b]}}",
    "{type: object, properties: {kind: {enum: [x, y]}, n: {enum: [1, 2]}}, required: [kind]}",
    "{type: object, properties: {kind: {type: string, enum: [x, y]}}, if: {properties: {kind: {const: x}}}, then: {required: [a]}}",
    "{$ref: '#/components/schemas/Tree'}",
    "{type: array, items: {$ref: '#/components/schemas/Named'}}",
    "{type: string, minLength: 2}",
    "{type: object, not: {required: [a]}, properties: {a: {}, b: {type: string}}}",
    "{}",
    "{type: object, properties: {'a.b': {type: string}, '$ref': {type: string}, 'x[]': {type: integer, minimum: -3}}}",
    "{type: object, required: [a], properties: {a: {type: string, example: seven, minLength: 3}}}",
    "{type: object, required: [a], properties: {a: {type: string, maxLength: true, enum: null, pattern: '('}}}",
    "{type: object, patternProperties: {'^x-': {type: string, maxLength: 4}}, additionalProperties: false}",
    "{type: object, minProperties: 2, patternProperties: {'^a': {type: integer}, '.': {type: [integer, string]}}}",
    "{type: object, required: [a], properties: {a: {type: string}}, patternProperties: {'^a': {minLength: 2}}}",
    "{type: array, items: {type: integer}, contains: {minimum: 9}, minContains: 2, maxContains: 3, maxItems: 4}",
    "{type: object, properties: {a: {type: string}, b: {}}, dependentSchemas: {a: {properties: {b: {type: integer}}, required: [b]}}}",
    "{type: object, required: [a], properties: {a: {type: [string, integer, 'null'], maxLength: 3, maximum: 9}}}",
    "{type: array, prefixItems: [{type: string, minLength: 2}, {type: object, required: [a], properties: {a: {type: integer}}}], items: false}",
    "{type: array, minItems: 3, prefixItems: [{type: boolean}], items: {type: array, prefixItems: [{type: string}], items: {type: integer}}}",
    "{type: object, properties: {a: {type: array, prefixItems: [{type: string}, {enum: [x, 7]}], maxItems: 1}}}",
    "{type: object, required: [a, other], properties: {a: {type: number, minimum: 0, maximum: 1}}}",
];

#[test]
fn the_stub_of_any_schema_gives_no_finding_and_every_kind_is_tested() {
    for schema in SCHEMAS {
        let contract = with_body(schema).unwrap_or_else(|why| panic!("{schema}: {why}"));
        let suite = Suite::new(&contract);
        let verdicts = tested::by(&suite, &mut InProcess(Stub::new(&contract, Vec::new())));
        assert_eq!(ids(&verdicts), [""; 0], "{schema}");
        let kept = verdicts.rules.iter().filter(|verdict| {
            verdict.rule.standing.is_firm() && verdict.inside.or(verdict.outside) == Some(Status::Enforced)
        });
        assert!(kept.count() >= 8, "{schema}");
    }
}

#[test]
fn nothing_goes_out_as_legal_that_the_whole_schema_refuses() {
    for schema in SCHEMAS {
        let contract = with_body(schema).unwrap_or_else(|why| panic!("{schema}: {why}"));
        let judge = Judge::new(contract.operation());
        let mut first = true;
        // Whatever it is asked it takes: so all that is sent as legal is sent.
        let run = served(&contract, |request| {
            if std::mem::take(&mut first) {
                let body = body(request).unwrap_or_else(|| panic!("{schema}: {request:?}"));
                assert!(judge.accepts(&body), "{schema}: {body}");
            }
            (201, Value::Null)
        });
        assert!(run.is_ok(), "{schema}");
        let suite = Suite::new(&contract);
        let verdicts = tested::by(&suite, &mut InProcess(Stub::new(&contract, Vec::new())));
        let firm = verdicts.rules.iter().filter(|verdict| verdict.rule.standing.is_firm());
        let refused: Vec<_> = firm.filter(|verdict| verdict.inside == Some(Status::TooStrict)).collect();
        assert!(refused.is_empty(), "{schema}: {refused:?}");
    }
}

#[test]
fn what_no_value_satisfies_costs_its_operation_alone() {
    for (schema, why) in [
        ("{$ref: '#/components/schemas/Endless'}", "no legal"),
        ("{type: object, required: [a], properties: {a: {type: string, minLength: 3, maxLength: 2}}}", "no legal"),
        ("{type: object, required: [a], properties: {a: false}}", "no legal"),
        (
            "{allOf: [{type: object, additionalProperties: false, properties: {a: {}}}, {required: [b]}]}",
            "no value can be legal",
        ),
    ] {
        let error = with_body(schema).map(|contract| contract.operation().clone());
        assert!(error.as_ref().is_err_and(|told| told.contains(why)), "{schema}: {error:?}");
    }
}

#[test]
fn operations_without_a_body_are_tested_by_their_answers_and_parameters() {
    let text = "
openapi: 3.0.0
info: {title: Things, version: '1'}
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}, example: 12}
      - {name: lang, in: query, required: true, schema: {type: string, enum: [en, de]}}
      - {name: X-Tenant, in: header, required: true, schema: {type: string, format: uuid}}
      - {name: page, in: query, schema: {type: integer}}
    get:
      responses:
        '200': {description: It., content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}}
        '404': {description: None.}
    delete:
      responses: {'204': {description: Gone.}}
";
    let (mut operations, remarks) = read(text);
    assert_eq!(remarks, []);
    let get = operations.remove(0).expect("it can be tested");
    let mut seen = Vec::new();
    let mut answer = |request: &Request, id: Value| {
        seen.push(request.clone());
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let given = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let is_right = matches!(given("lang"), Some("en" | "de"))
            && given("page").is_none_or(|page| page.parse::<i64>().is_ok())
            && request.header("x-tenant").is_some_and(|tenant| tenant.len() == 36 && !tenant.contains('z'));
        match path {
            _ if !is_right => (400, Value::Null),
            "/things/12" => (200, json!({ "id": id })),
            _ => (404, Value::Null),
        }
    };
    let verdicts = served(&get, |request| answer(request, json!(12))).expect("it answers");
    assert_eq!(ids(&verdicts), [""; 0]);
    let verdicts = served(&get, |request| answer(request, json!("12"))).expect("it answers");
    assert_eq!(ids(&verdicts), ["response.200.body.id:type:inside"]);
    assert!(seen.iter().all(|request| request.body.is_none() && request.header("content-type").is_none()));
    assert!(seen.iter().any(|request| request.path.contains("lang=en")), "{seen:?}");
    // What may be left out is sent only to see what becomes of its odd values, and no other method is tried.
    assert!(seen.iter().all(|request| request.method == "GET"));
    assert!(
        seen.iter()
            .filter(|request| request.path.contains("page"))
            .all(|request| { request.path.contains("page=sample") || request.path.contains("page=7.5") })
    );
    assert!(seen.iter().any(|request| request.path == "/things/sample?lang=en"), "{seen:?}");
    let verdicts = served(&get, |request| {
        let is_free = request.path.starts_with("/things/12");
        if is_free { (200, json!({ "id": 12 })) } else { (404, Value::Null) }
    });
    assert_eq!(
        ids(&verdicts.expect("it answers")),
        [
            "query.lang:required:outside",
            "query.lang:enum:outside",
            "header.X-Tenant:required:outside",
            "header.X-Tenant:format:outside",
            "query.page:type:outside"
        ]
    );
    let delete = operations.remove(0).expect("it can be tested");
    let verdicts = served(&delete, |request| match &request.path {
        path if path.ends_with("no-such-thing") => (404, Value::Null),
        path if !(path.ends_with("lang=en") || path.ends_with("lang=de") || path.contains("lang=en&"))
            || request.header("x-tenant").is_none() =>
        {
            (400, Value::Null)
        }
        _ if request.header("x-tenant").is_some_and(|tenant| tenant.len() != 36 || tenant.contains('z')) => {
            (400, Value::Null)
        }
        path if path.contains("page=") || !path.starts_with("/things/12") => (400, Value::Null),
        _ => (200, Value::Null),
    });
    assert_eq!(ids(&verdicts.expect("it answers")), ["response.success:status:inside"]);
}

#[test]
fn a_target_that_has_no_such_thing_is_no_finding() {
    let contract = read(
        "{openapi: 3.0.0, info: {title: a, version: '1'}, paths: {'/things/{id}': {get: {responses: {'200': {description: a}}}}}}",
    );
    assert_eq!(contract.1.len(), 1, "{:?}", contract.1);
    let contract = contract.0.into_iter().next().expect("there is one").expect("it can be tested");
    let answer = served(&contract, |_| (404, json!({ "error": "none" })));
    assert!(matches!(answer, Err(Untestable::NothingAccepted { .. })), "{answer:?}");
}

#[test]
fn a_member_that_is_never_legal_is_sent_only_to_be_refused() {
    let contract = with_body(
        "{type: object, required: [a], properties: {a: {type: string}, b: false, c: {$ref: '#/components/schemas/Endless'}}}",
    );
    let contract = contract.expect("it can be tested");
    let mut sent = Vec::new();
    let told = served(&contract, |request| {
        let Some(body) = body(request) else { return (400, Value::Null) };
        let is_legal =
            body.get("a").is_some_and(Value::is_string) && body.get("b").is_none() && body.get("c").is_none();
        sent.push(body);
        (if is_legal { 201 } else { 400 }, Value::Null)
    });
    assert_eq!(ids(&told.expect("it answers")), [""; 0]);
    assert!(sent.iter().any(|body| body.get("b").is_some()) && sent.len() > 10);
}

#[test]
fn of_several_media_types_the_one_whose_schema_is_known_is_judged() {
    let text = "
openapi: 3.0.0
info: {title: a, version: '1'}
paths:
  /a:
    get:
      responses:
        '200':
          description: a
          content:
            application/vnd.v2+json: {schema: {type: object, required: [v]}}
            application/json: {schema: {type: array}}
";
    let contract = read(text).0.remove(0).expect("it can be tested");
    let oracle = Oracle::new(&contract.operation().responses, Vec::new());
    let request = RequestContext::default().request(contract.operation(), None, &RequestOverride::default());
    for (media_type, body, defects) in [
        ("application/vnd.v2+json", "{\"v\":1}", &[][..]),
        ("application/vnd.v2+json", "[]", &[Keyword::Type]),
        ("application/json; charset=utf-8", "[]", &[]),
        ("application/json", "{\"v\":1}", &[]),
        ("text/html", "<p>", &[Keyword::MediaType]),
    ] {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        let answer = Response { status: 200, headers, body: body.as_bytes().to_vec(), unread: None };
        let judged = oracle.judge(&request, &Outcome::Answer(answer), Scope::Operation);
        let found: Vec<Keyword> = judged.defects.iter().map(|defect| defect.check).collect();
        assert_eq!(found, defects, "{media_type} {body}");
    }
}

#[test]
fn a_bound_of_a_parameter_may_name_what_is_not_there() {
    let text = "{openapi: 3.0.0, info: {title: a, version: '1'}, paths: {/a: {get: {parameters: [
        {name: owner, in: query, schema: {type: integer, minimum: 0, maximum: 100000}}],
        responses: {'200': {description: a}}}}}}";
    let contract = read(text).0.remove(0).expect("it can be tested");
    let verdicts = served(&contract, |request| {
        let owner = request.path.split("owner=").nth(1).map(str::parse::<i64>);
        match owner {
            _ if request.path.contains("no-such") => (404, Value::Null),
            None => (200, Value::Null),
            Some(Ok(owner)) if (1..=1_000).contains(&owner) => (200, Value::Null),
            Some(_) => (422, Value::Null),
        }
    });
    assert_eq!(ids(&verdicts.expect("it answers")), [""; 0]);
}

#[test]
fn formats_are_firm_where_that_is_asserted() {
    let text = "openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {
        mail: {type: string, format: email}, small: {type: integer, format: int32}, own: {type: string, format: sku}}}}}}
      responses: {'201': {description: Made.}, '400': {description: Refused.}}
";
    let firm = |document: Document| -> Vec<String> {
        let document = Arc::new(document);
        let contract = open(&document, &document.operations()[0]).contract.expect("it can be tested");
        let suite = Suite::new(&contract);
        assert_eq!(ids(&tested::with(&suite, Vec::new())), [""; 0]);
        let formats = suite.rules().iter().filter(|rule| rule.keyword == Keyword::Format && rule.standing.is_firm());
        formats.map(|rule| rule.place.to_string()).collect()
    };
    let read = || Document::read("any.yaml", text).expect("it is a document");
    assert_eq!(firm(read()), [""; 0]);
    assert_eq!(firm(read().asserting_formats()), ["body.mail", "body.small"]);
}
