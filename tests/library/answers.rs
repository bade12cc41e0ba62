//! What is made of answers: a limit of the reader's is never the target's fault, a status says what was done, and every
//! defect is told.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::exchange::{Hearer, Outcome, Request, Response, Target, Unread};
use fencepost::oracle::{Judgement, Oracle, Reaction, Scope};
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::Keyword;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Status, Verdicts, verdicts};

/// A contract of a small operation, with these schemas of its answers.
fn contract(success: &str, refusal: &str) -> Contract {
    let text = format!(
        "openapi: 3.1.0
info: {{title: Things, version: '1'}}
paths:
  /things/{{id}}:
    post:
      parameters:
        - {{name: id, in: path, required: true, schema: {{type: string, minLength: 1, maxLength: 64}}, example: abc}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {{type: string, minLength: 1, maxLength: 20}}
                count: {{type: integer, minimum: 0, maximum: 100}}
      responses:
        '200': {{description: Done., content: {{application/json: {{schema: {success}}}}}}}
        4XX: {{description: Refused., content: {{application/json: {{schema: {refusal}}}}}}}
"
    );
    Contract::from_text("things.yaml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const DONE: &str = "{type: object, required: [id], properties: {id: {type: string}}}";
const REFUSED: &str = "{type: object, required: [error_code], properties: {error_code: {type: string}}}";

/// A stub that keeps the contract, and whose answers are changed on their way.
struct Changed<F>(InProcess, F);

impl<F: FnMut(&Request, &mut Response)> Target for Changed<F> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let Self(stub, change) = self;
        for request in requests {
            stub.send(std::slice::from_ref(request), &mut |mut delivery| {
                if let Outcome::Answer(response) = &mut delivery.outcome {
                    change(request, response);
                }
                hear(delivery)
            })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

fn tested(contract: &Contract, change: impl FnMut(&Request, &mut Response)) -> Verdicts {
    let suite = Suite::new(contract);
    let mut target = Changed(InProcess(Stub::new(contract, Vec::new())), change);
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
    verdicts(&suite, &seen)
}

fn ids(verdicts: &Verdicts) -> Vec<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

fn word(verdicts: &Verdicts, place: &str, keyword: Keyword) -> Option<Status> {
    let found =
        verdicts.rules.iter().find(|verdict| verdict.rule.place.as_str() == place && verdict.rule.keyword == keyword);
    found.and_then(|verdict| verdict.inside.or(verdict.outside))
}

/// What the oracle says of one answer to a legal request.
fn judged(contract: &Contract, response: Response) -> Judgement {
    let request =
        RequestContext::default().request(contract.operation(), Some(b"{}".to_vec()), &RequestOverride::default());
    let oracle = Oracle::new(&contract.operation().responses, Vec::new());
    oracle.judge(&request, &Outcome::Answer(response), Scope::Operation)
}

fn answer(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response {
    let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
    Response { status, headers, body: body.into(), unread: None }
}

fn checks(judgement: &Judgement) -> Vec<Keyword> {
    judgement.defects.iter().map(|defect| defect.check).collect()
}

#[test]
fn a_store_that_gives_back_what_it_was_sent_is_not_to_blame_for_it() {
    // The documented answer is narrower than what the reader of requests takes, as it is in most documents.
    let closed = "{type: object, required: [id, name], additionalProperties: false, \
        properties: {id: {type: string}, name: {type: string, maxLength: 20}, count: {type: integer, maximum: 100}}}";
    for (success, refusal) in [(DONE, REFUSED), (closed, REFUSED), (closed, "{}")] {
        let contract = contract(success, refusal);
        let found = tested(&contract, |request, response| {
            if let (200, Some(inner)) =
                (response.status, request.body.as_deref().and_then(|body| body.strip_prefix(b"{")))
            {
                response.body = [b"{\"id\":\"1\",", inner].concat();
            }
        });
        assert_eq!(ids(&found), [""; 0], "{success}");
        assert_eq!(word(&found, "response.success", Keyword::ResponseBody), Some(Status::Enforced));
    }
}

#[test]
fn what_json_allows_is_judged_and_what_cannot_be_judged_is_no_finding() {
    let success = "{type: object, required: [id], properties: {id: {type: string, enum: ['1']}, \
        size: {type: integer, maximum: 7, multipleOf: 7}, deep: {type: array, items: {type: array}}}}";
    let contract = contract(success, REFUSED);
    let digits = "9".repeat(400);
    let deep = |inner: &str| format!("{{\"id\":\"1\",\"deep\":{}{inner}{}}}", "[".repeat(600), "]".repeat(600));
    for (body, broken, hindered) in [
        (format!("{{\"id\":\"1\",\"x\":{digits},\"y\":\"\\ud800\",\"z\":1e999,\"id\":\"1\"}}"), false, false),
        ("\u{feff}{\"id\":\"1\"}".to_owned(), false, false),
        ("{\"id\":\"\\udc00\"}".to_owned(), false, true),
        (deep(""), false, true),
        (format!("{{\"id\":\"1\",\"size\":-{digits}}}"), false, true),
        (format!("{{\"id\":\"1\",\"size\":{digits}}}"), true, false),
        (format!("{{\"x\":{digits}}}"), true, false),
        (format!("{{\"id\":7,\"x\":{digits}}}"), true, false),
        (deep("").replace("\"1\"", "\"2\""), true, false),
        (deep("").replace(']', ""), true, false),
        (format!("{{\"id\":\"1\",\"x\":0{digits}}}"), true, false),
    ] {
        let judgement = judged(&contract, answer(200, "application/json", body.clone()));
        let hindrance = judgement.body.as_ref().and_then(|judged| judged.hindrance.as_ref());
        let told = (!checks(&judgement).is_empty(), hindrance.is_some());
        assert_eq!(told, (broken, hindered), "{body:.60}: {judgement:?}");
        assert_eq!(judgement.reaction, Reaction::Accepted);
    }
}

#[test]
fn a_body_that_could_not_be_read_is_told_as_not_judged() {
    let contract = contract(DONE, REFUSED);
    for unread in [Unread::Long(9), Unread::Coding("compress".to_owned()), Unread::Damaged("gzip".to_owned())] {
        let found = tested(&contract, |_, response| {
            response.unread = Some(unread.clone());
            response.body.truncate(3);
        });
        assert_eq!(ids(&found), [""; 0], "{unread}");
        for (place, other) in [("response.success", Keyword::MediaType), ("response.refusal", Keyword::Status)] {
            assert_eq!(word(&found, place, Keyword::ResponseBody), Some(Status::Inconclusive), "{unread}");
            assert_eq!(word(&found, place, other), Some(Status::Enforced), "{unread}");
        }
        assert_eq!(found.unjudged.len(), 2, "{:?}", found.unjudged);
        assert!(found.unjudged.iter().all(|told| told.ends_with(&unread.to_string())), "{:?}", found.unjudged);
    }
}

#[test]
fn a_success_that_lacks_something_is_no_refusal_however_loose_the_error_schema() {
    let done = "{type: object, required: [id, status], properties: {id: {type: string}, status: {type: string}}}";
    for refusal in [
        "{}",
        "{type: object}",
        "{type: object, properties: {message: {type: string}}}",
        "{anyOf: [{type: object, required: [message], properties: {message: {type: string}}}, {type: object}]}",
        "{type: object, required: [id], properties: {id: {type: string}, message: {type: string}}}",
        "{type: object, properties: {status: {}, title: {type: string}, detail: {type: string}}}",
    ] {
        let contract = contract(done, refusal);
        for wrong in [r#"{"id":"1"}"#, "{}", r#"{"id":"1","note":"done"}"#] {
            let judgement = judged(&contract, answer(200, "application/json", wrong));
            assert_eq!(judgement.reaction, Reaction::Accepted, "{refusal}: {wrong}");
            assert_eq!(checks(&judgement), [Keyword::ResponseBody], "{refusal}: {wrong}");
        }
        let always = tested(&contract, |_, response| {
            if response.status == 200 {
                response.body = br#"{"id":"1"}"#.to_vec();
            }
        });
        assert_eq!(ids(&always), ["response.success:responseBody:inside"], "{refusal}");
        let at_times = tested(&contract, |request, response| {
            let counts = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).contains("count");
            if response.status == 200 && counts {
                response.body = br#"{"id":"1"}"#.to_vec();
            }
        });
        assert_eq!(ids(&at_times), ["response.success:responseBody:inside"], "{refusal}");
    }
}

#[test]
fn an_error_under_a_success_status_is_told_as_such_where_it_can_be_nothing_else() {
    let loose = "{type: object, properties: {message: {type: string}}}";
    let shared =
        "{type: object, required: [code, message], properties: {code: {type: string}, message: {type: string}}}";
    let envelope = "{type: object, required: [code, data], \
        properties: {code: {type: string}, message: {type: string}, data: {type: object}}}";
    for (success, refusal) in
        [(DONE, REFUSED), (DONE, loose), (envelope, shared), (DONE, "{type: array, items: {type: string}}")]
    {
        let contract = contract(success, refusal);
        let found = tested(&contract, |_, response| {
            if response.status >= 400 {
                response.status = 200;
                if refusal == loose {
                    response.body = br#"{"message":"no"}"#.to_vec();
                }
            }
        });
        assert_eq!(ids(&found), ["response.refusal:status:outside"], "{success} {refusal}");
    }
}

#[test]
fn every_defect_of_an_answer_is_told_and_none_that_follows_from_another() {
    let contract = contract(DONE, REFUSED);
    let page = "<html><pre>oops\n    at com.example.Main.run(Main.java:1)</pre></html>";
    let trace = r#"{"error_code":"oops\n    at com.example.Main.run(Main.java:1)"}"#;
    for (response, wanted) in [
        (answer(400, "text/html", page), vec![Keyword::StackTrace, Keyword::MediaType]),
        (answer(400, "application/json", page), vec![Keyword::StackTrace, Keyword::ResponseBody]),
        (answer(400, "application/json", trace), vec![Keyword::StackTrace]),
        (answer(400, "text/plain", "{}"), vec![Keyword::MediaType, Keyword::ResponseBody]),
        (answer(400, "text/plain", "no"), vec![Keyword::MediaType]),
        (answer(201, "text/plain", "{}"), vec![Keyword::Status, Keyword::MediaType, Keyword::ResponseBody]),
        (answer(204, "text/plain", ""), vec![Keyword::Status]),
        (answer(302, "text/html", "<a href>"), vec![Keyword::Status]),
        (answer(200, "text/plain", r#"{"error_code":"X"}"#), vec![Keyword::Status, Keyword::MediaType]),
        (answer(400, "text/plain", ""), vec![Keyword::ResponseBody]),
    ] {
        assert_eq!(checks(&judged(&contract, response.clone())), wanted, "{response:?}");
    }
    let found = tested(&contract, |_, response| {
        if response.status == 400 {
            *response = answer(400, "text/html", page);
        }
    });
    assert_eq!(ids(&found), ["response.refusal:mediaType:outside", "response.refusal:stackTrace:outside"]);
    for keyword in [Keyword::MediaType, Keyword::StackTrace] {
        assert_eq!(word(&found, "response.refusal", keyword), Some(Status::NotEnforced));
    }
}

#[test]
fn a_stack_trace_that_was_sent_is_not_the_servers_own() {
    let contract = contract(DONE, REFUSED);
    let oracle = Oracle::new(&contract.operation().responses, Vec::new());
    let log = r#"{"name":"Traceback (most recent call last)"}"#;
    let given_back =
        || Outcome::Answer(answer(200, "application/json", r#"{"id":"Traceback (most recent call last)"}"#));
    for (body, wanted) in [(log, 0), ("{}", 1)] {
        let request =
            RequestContext::default().request(contract.operation(), Some(body.into()), &RequestOverride::default());
        let judgement = oracle.judge(&request, &given_back(), Scope::Operation);
        assert_eq!(judgement.defects.len(), wanted, "{body}");
    }
}

#[test]
fn of_refusals_that_never_came_nothing_is_known() {
    let mut number = 0;
    let verdicts = tested(&contract("{type: object}", REFUSED), |_, response| {
        number += 1;
        response.status = 200;
        response.body = format!("{{\"id\": {number}}}").into_bytes();
    });
    assert_eq!(word(&verdicts, "response.refusal", Keyword::MediaType), Some(Status::Untested));
    assert_eq!(word(&verdicts, "response.success", Keyword::MediaType), Some(Status::Enforced));
}

#[test]
fn a_body_of_another_media_type_that_is_no_json_is_said_to_be_unjudged() {
    let mut page = answer(200, "text/html", "<p>done</p>");
    let told = judged(&contract(DONE, REFUSED), page.clone());
    assert_eq!(checks(&told), [Keyword::MediaType]);
    assert!(told.body.is_some_and(|judged| judged.hindrance.is_some()));
    page.body = br#"{"id": "7"}"#.to_vec();
    let told = judged(&contract(DONE, REFUSED), page);
    assert_eq!((checks(&told), told.body.and_then(|judged| judged.hindrance)), (vec![Keyword::MediaType], None));
}

#[test]
fn successes_that_look_like_errors_of_a_loose_schema_are_successes_with_a_wrong_body() {
    let loose = "{type: object, properties: {message: {type: string}, code: {}, errors: {type: array}}}";
    for body in [r#"{"message":"done"}"#, r#"{"code":200,"message":"success"}"#, r#"{"errors":[],"status":"ok"}"#] {
        let verdicts = tested(&contract(DONE, loose), |_, response| {
            if response.status < 300 {
                response.body = body.as_bytes().to_vec();
            }
        });
        let ids: Vec<String> = verdicts.findings.iter().map(|finding| finding.id.short()).collect();
        assert_eq!(ids, ["response.success:responseBody:inside"], "{body}");
    }
}

#[test]
fn of_successes_without_a_body_nothing_is_said_but_their_status() {
    let contract = contract(DONE, REFUSED);
    let verdicts = tested(&contract, |_, response| {
        if response.status == 200 {
            *response = Response { status: 204, headers: Vec::new(), body: Vec::new(), unread: None };
        }
    });
    assert_eq!(ids(&verdicts), ["response.success:status:inside"]);
    assert_eq!(word(&verdicts, "response.success", Keyword::ResponseBody), Some(Status::Inconclusive));
    assert_eq!(word(&verdicts, "response.refusal", Keyword::ResponseBody), Some(Status::Enforced));
}
