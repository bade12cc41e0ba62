//! Values outside JSON bodies: every style reaches a server that reads it strictly, nobody honest is accused, and whoever
//! reads nothing is told where.

use std::ops::ControlFlow;
use std::sync::Arc;

use fencepost::Contract;
use fencepost::contract::Standing;
use fencepost::document::{Document, Remark};
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::open::open;
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Status, Verdicts};

use crate::tested;

/// The operations of a document, each as a contract or with the reason why it is none; and the remarks.
pub(crate) fn read(paths: &str) -> (Vec<Result<Contract, String>>, Vec<Remark>) {
    let text = format!("openapi: 3.1.0\ninfo: {{title: Things, version: '1'}}\npaths:\n{paths}");
    let document = Arc::new(Document::read("any.yaml", &text).unwrap_or_else(|error| panic!("{error}\n{text}")));
    let opened: Vec<_> = document.operations().iter().map(|operation| open(&document, operation)).collect();
    let remarks = opened.iter().flat_map(|opened| opened.remarks.clone()).collect();
    (opened.into_iter().map(|opened| opened.contract).collect(), remarks)
}

/// The first operation of a document, which can be tested.
#[track_caller]
pub(crate) fn first(paths: &str) -> Contract {
    read(paths).0.remove(0).unwrap_or_else(|why| panic!("{why}"))
}

/// A server that answers each request with the status that a function says.
struct Server<F>(F);

impl<F: FnMut(&Request) -> u16> Target for Server<F> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let status = (self.0)(request);
            let outcome = Outcome::Answer(Response { status, headers: Vec::new(), body: Vec::new(), unread: None });
            hear(Delivery { outcome, elapsed: std::time::Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

#[track_caller]
pub(crate) fn served(contract: &Contract, answer: impl FnMut(&Request) -> u16) -> Verdicts {
    tested::by(&Suite::new(contract), &mut Server(answer))
}

pub(crate) fn ids(verdicts: &Verdicts) -> Vec<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

/// The embedded stub gives no finding, and keeps this rule on this side.
#[track_caller]
pub(crate) fn stub_keeps(contract: &Contract, rules: &[&str]) {
    let suite = Suite::new(contract);
    let verdicts = tested::by(&suite, &mut InProcess(Stub::new(contract, Vec::new())));
    assert_eq!(ids(&verdicts), [""; 0]);
    for wanted in rules {
        let (place, rest) = wanted.split_once(':').unwrap_or_else(|| panic!("{wanted}"));
        let (keyword, side) = rest.split_once(':').unwrap_or_else(|| panic!("{wanted}"));
        let is_it = |number: &usize| {
            let rule = &suite.rules()[*number];
            rule.place.as_str() == place && rule.keyword.as_str() == keyword
        };
        let number = (0..suite.rules().len()).find(is_it).unwrap_or_else(|| panic!("no rule {wanted}"));
        let verdict = &verdicts.rules[number];
        let status = if side == "inside" { &verdict.inside } else { &verdict.outside };
        assert_eq!(status, &Some(Status::Enforced), "{wanted}: {verdict:?}");
    }
}

/// What an operation with these parameters says, a path and the rest of its line apart.
fn with(path: &str, parameters: &[&str]) -> String {
    let parameters: Vec<String> = parameters.iter().map(|one| format!("        - {{{one}}}\n")).collect();
    let parameters = parameters.concat();
    format!(
        "  {path}:\n    get:\n      parameters:\n{parameters}      responses: {{'200': {{description: It.}}, '400': {{description: Refused.}}}}\n"
    )
}

/// Every style at every place, with the one form that a strict server takes.
#[test]
fn every_style_reaches_a_strict_server_and_who_reads_nothing_is_told() {
    const LIST: &str = "schema: {type: array, minItems: 2, items: {type: integer, minimum: 1}}, example: [3, 4]";
    const OBJECT: &str = "schema: {type: object, required: [role, level], properties: {role: {type: string}, level: {type: integer}}}, example: {role: admin, level: 2}";
    for (name, parameter, wanted) in [
        ("path.p", "in: path, style: simple", "/x/3,4"),
        ("path.p", "in: path, style: label, explode: true", "/x/.3.4"),
        ("path.p", "in: path, style: matrix", "/x/;p=3,4"),
        ("path.p", "in: path, style: matrix, explode: true", "/x/;p=3;p=4"),
        ("query.p", "in: query", "/x?p=3&p=4"),
        ("query.p", "in: query, style: form, explode: false", "/x?p=3,4"),
        ("query.p", "in: query, style: spaceDelimited, explode: false", "/x?p=3%204"),
        ("query.p", "in: query, style: pipeDelimited, explode: false", "/x?p=3%7C4"),
        ("header.p", "in: header", "/x"),
    ] {
        let path = if name == "path.p" { "/x/{p}" } else { "/x" };
        let contract = first(&with(path, &[&format!("name: p, required: true, {parameter}, {LIST}")]));
        let is_right = |request: &Request| {
            let header = name != "header.p" || request.header("p").is_some_and(|value| value == "3,4");
            request.path == wanted && header
        };
        let mut takes = 0;
        let verdicts = served(&contract, |request| {
            let right = is_right(request);
            takes += usize::from(right);
            if right || request.path.contains("fencepost=1") { 200 } else { 400 }
        });
        assert_eq!(ids(&verdicts), [""; 0], "{parameter}");
        assert!(takes > 0, "{parameter}: {wanted} was never sent");
        let verdicts = served(&contract, |request| if request.path.contains("no-such") { 404 } else { 200 });
        let required = [format!("{name}:required:outside")];
        let required = if name == "path.p" { &required[1..] } else { &required[..] };
        let own = [":minItems", "[]:type", "[]:minimum"].map(|rule| format!("{name}{rule}:outside"));
        let all = [required, &own].concat();
        assert_eq!(ids(&verdicts), all, "{parameter}");
        stub_keeps(&contract, &[&format!("{name}[]:type:outside")]);
    }
    for (parameter, wanted) in [
        ("in: path", "/x/role,admin,level,2"),
        ("in: path, explode: true", "/x/role=admin,level=2"),
        ("in: path, style: label, explode: true", "/x/.role=admin.level=2"),
        ("in: path, style: matrix", "/x/;p=role,admin,level,2"),
        ("in: path, style: matrix, explode: true", "/x/;role=admin;level=2"),
        ("in: query", "/x?role=admin&level=2"),
        ("in: query, explode: false", "/x?p=role,admin,level,2"),
        ("in: query, style: pipeDelimited, explode: false", "/x?p=role%7Cadmin%7Clevel%7C2"),
        ("in: query, style: deepObject", "/x?p%5Brole%5D=admin&p%5Blevel%5D=2"),
    ] {
        let path = if parameter.starts_with("in: path") { "/x/{p}" } else { "/x" };
        let contract = first(&with(path, &[&format!("name: p, required: true, {parameter}, {OBJECT}")]));
        let mut takes = 0;
        let verdicts = served(&contract, |request| {
            takes += usize::from(request.path == wanted);
            if request.path == wanted || request.path.contains("fencepost=1") { 200 } else { 400 }
        });
        assert_eq!(ids(&verdicts), [""; 0], "{parameter}");
        assert!(takes > 0, "{parameter}: {wanted} was never sent");
        stub_keeps(&contract, &["response.success:status:inside"]);
    }
}

#[test]
fn a_lone_value_has_the_start_of_its_style_and_json_is_written_as_json() {
    for (path, parameter, wanted) in [
        ("/x/{p}", "in: path, style: label, schema: {type: integer}, example: 12", "/x/.12"),
        ("/x/{p}", "in: path, style: matrix, schema: {type: string}, example: a b", "/x/;p=a%20b"),
        (
            "/x",
            "in: query, content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: integer}}}, example: {a: 1}}}, example: {a: 1}",
            "/x?p=%7B%22a%22%3A1%7D",
        ),
        ("/x", "in: query, style: label, schema: {type: integer}, example: 12", "/x?p=12"),
    ] {
        let contract = first(&with(path, &[&format!("name: p, required: true, {parameter}")]));
        let mut takes = 0;
        let verdicts = served(&contract, |request| {
            takes += usize::from(request.path == wanted);
            if request.path == wanted || request.path.contains("fencepost=1") { 200 } else { 400 }
        });
        assert_eq!(ids(&verdicts), [""; 0], "{parameter}");
        assert!(takes > 0, "{parameter}: {wanted} was never sent");
        stub_keeps(&contract, &["response.success:status:inside"]);
    }
}

/// What no two readers take alike is sent only where a request could not be made without it.
#[test]
fn what_has_no_sure_form_is_remarked_and_never_probed() {
    let (operations, remarks) = read(&with(
        "/x/{a}",
        &[
            "name: a, in: path, required: true, style: label, schema: {type: array, minItems: 2, items: {type: integer}}",
            "name: b, in: query, style: pipeDelimited, explode: true, schema: {type: array, minItems: 2, items: {type: integer}}",
            "name: c, in: cookie, schema: {type: array, minItems: 2, items: {type: integer}}",
            "name: d, in: query, style: deepObject, schema: {type: array, items: {type: integer}}",
        ],
    ));
    let told: Vec<&str> = remarks.iter().map(|remark| remark.what.as_str()).collect();
    assert_eq!(
        told,
        [
            "how `a` is written is not the same to everybody",
            "how `b` is written is not the same to everybody",
            "no legal value could be made up for cookie parameter `c`; give it an `example`",
            "how `d` is written is not the same to everybody"
        ]
    );
    let contract = operations.into_iter().next().expect("one").expect("it can be tested");
    let suite = Suite::new(&contract);
    let elements = suite.rules().iter().filter(|rule| rule.place.as_str().ends_with("[]"));
    let standings: Vec<&Standing> = elements.map(|rule| &rule.standing).collect();
    assert!(matches!(standings[..], [Standing::Unprobed(_)]), "{standings:?}");
    assert!(
        RequestContext::default()
            .request(contract.operation(), None, &RequestOverride::default())
            .path
            .starts_with("/x/.7,7"),
    );
}

#[test]
fn cookies_travel_together_and_a_missing_one_is_told() {
    let contract = first(&with(
        "/x",
        &[
            "name: Patty, in: cookie, required: true, schema: {type: number, minimum: 1}",
            "name: lang, in: cookie, required: true, schema: {type: string, enum: [de, en]}",
        ],
    ));
    let cookie = |request: &Request, name: &str| {
        let all =
            request.header("cookie")?.split("; ").find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))?;
        Some(all.to_owned())
    };
    let is_sound = |request: &Request, needs: bool| {
        let patty =
            cookie(request, "Patty").map_or(!needs, |value| value.parse().is_ok_and(|number: f64| number >= 1.0));
        patty && matches!(cookie(request, "lang").as_deref(), Some("de" | "en"))
    };
    let verdicts = served(&contract, |request| if is_sound(request, true) { 200 } else { 400 });
    assert_eq!(ids(&verdicts), [""; 0]);
    let verdicts = served(&contract, |request| if is_sound(request, false) { 200 } else { 400 });
    assert_eq!(ids(&verdicts), ["cookie.Patty:required:outside"]);
    stub_keeps(&contract, &["cookie.Patty:required:outside", "cookie.lang:enum:outside", "cookie.lang:enum:inside"]);
    // The user's cookies stand beside them, and give way only to what is probed.
    let own = ("cookie".to_owned(), "session=1; lang=en".to_owned());
    let context = RequestContext { headers: vec![own], ..RequestContext::default() };
    let header = |odd: Option<(usize, Option<String>)>| {
        let request = context.request(
            contract.operation(),
            None,
            &RequestOverride { parameter: odd, ..RequestOverride::default() },
        );
        assert_eq!(request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")).count(), 1);
        request.header("cookie").map(str::to_owned)
    };
    assert_eq!(header(None).as_deref(), Some("Patty=7; session=1; lang=en"));
    assert_eq!(header(Some((1, None))).as_deref(), Some("Patty=7; session=1"));
    assert_eq!(header(Some((1, Some("xx".to_owned())))).as_deref(), Some("Patty=7; lang=xx; session=1"));
}

/// Elements: what is no element under any reading of the whole is refused, and each listed one is taken.
#[test]
fn the_elements_of_an_array_are_tested_where_their_text_tells() {
    let contract = first(&with(
        "/x",
        &[
            "name: include, in: query, schema: {type: array, items: {type: string, enum: [owner, tags]}}",
            "name: names, in: query, schema: {type: array, items: {type: string}}",
            "name: flags, in: query, explode: false, schema: {type: array, items: {type: boolean}}",
        ],
    ));
    let values = |request: &Request, name: &str| -> Vec<String> {
        let query = request.path.split_once('?').map_or("", |(_, query)| query).to_owned();
        let all = query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(other, _)| *other == name);
        all.flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let is_sound = |request: &Request, takes: &[&str]| {
        values(request, "include").iter().all(|value| takes.contains(&value.as_str()))
            && values(request, "flags").iter().all(|value| matches!(value.as_str(), "true" | "false"))
    };
    let verdicts = served(&contract, |request| if is_sound(request, &["owner", "tags"]) { 200 } else { 400 });
    assert_eq!(ids(&verdicts), [""; 0]);
    let verdicts = served(&contract, |request| if is_sound(request, &["owner"]) { 200 } else { 400 });
    assert_eq!(ids(&verdicts), ["query.include[]:enum:inside"]);
    let verdicts = served(&contract, |_| 200);
    assert_eq!(ids(&verdicts), ["query.include[]:enum:outside", "query.flags[]:type:outside"]);
    stub_keeps(
        &contract,
        &["query.include[]:enum:inside", "query.include[]:enum:outside", "query.flags[]:type:outside"],
    );
}

#[test]
fn an_empty_text_is_legal_where_the_document_says_so() {
    let rules = |flag: &str| {
        let contract =
            first(&with("/x", &[&format!("name: q, in: query, {flag}schema: {{type: string, minLength: 1}}")]));
        let suite = Suite::new(&contract);
        suite
            .rules()
            .iter()
            .filter(|rule| rule.place.as_str() == "query.q")
            .map(|rule| rule.keyword.to_string())
            .collect()
    };
    let (plain, empty): (Vec<String>, Vec<String>) = (rules(""), rules("allowEmptyValue: true, "));
    assert_eq!((plain, empty), (vec!["minLength".to_owned()], Vec::new()));
}

#[test]
fn a_hole_may_share_its_segment_and_what_is_no_path_is_remarked() {
    for (path, names, wanted) in [
        ("/x/{id}:cancel", &["id"][..], "/x/7:cancel"),
        ("/x/{a}{b}", &["a", "b"], "/x/77"),
        ("/a.{format}", &["format"], "/a.7"),
        ("/x/{id}?action=cancel", &["id"], "/x/7?action=cancel"),
        ("/x/{id}#cancel", &["id"], "/x/7"),
    ] {
        let holes: Vec<String> = names
            .iter()
            .map(|name| format!("name: {name}, in: path, required: true, schema: {{type: integer}}, example: 7"))
            .collect();
        let parameters: Vec<&str> = holes.iter().map(String::as_str).collect();
        let (operations, remarks) = read(&with(&format!("'{path}'"), &parameters));
        let contract = operations.into_iter().next().expect("one").expect("it can be tested");
        assert_eq!(
            RequestContext::default().request(contract.operation(), None, &RequestOverride::default()).path,
            wanted
        );
        assert_eq!(remarks.len(), usize::from(path.contains(['?', '#'])), "{remarks:?}");
        stub_keeps(&contract, &["response.success:status:inside"]);
    }
    let twice = ["name: q, in: query, schema: {type: integer}", "name: q, in: query, schema: {type: boolean}"];
    let (operations, remarks) = read(&with("/x", &twice));
    let suite_of = operations.into_iter().next().expect("one").expect("it can be tested");
    let told: Vec<&str> = remarks.iter().map(|remark| remark.what.as_str()).collect();
    assert_eq!(told, ["`q` in query is described a second time"]);
    let suite = Suite::new(&suite_of);
    assert_eq!(suite.rules().iter().filter(|rule| rule.bound == "boolean").count(), 1);
}

/// An honest server that has several languages gives the one that is asked for.
#[test]
fn answers_are_asked_for_as_they_are_documented() {
    let accept = |answers: &str| {
        let contract = first(&format!("  /x:\n    get:\n      responses: {{{answers}}}\n"));
        let request = RequestContext::default().request(contract.operation(), None, &RequestOverride::default());
        request.header("accept").map(str::to_owned)
    };
    let answers = "'200': {description: It., content: {text/csv: {}, application/json: {}}}, '400': {description: No., content: {application/problem+json: {}, text/csv: {}}}";
    assert_eq!(accept(answers).as_deref(), Some("application/json, application/problem+json, text/csv, */*;q=0.1"));
    assert_eq!(accept("'204': {description: Done.}"), None);
    assert_eq!(accept("'200': {description: It., content: {'*/*': {}}}"), None);
    assert_eq!(accept("'200': {description: It., content: {json: {}}}"), None);
}
