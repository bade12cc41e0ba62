//! The report file: one JSON object that other programs depend on. Its members are an interface.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::sound::checked;
use super::{Subject, Timing, curl, message, status};
use crate::exchange::{Outcome, Request, Response};
use crate::rule::Rule;
use crate::session::Stop;
use crate::verdict::{Cause, Finding, RuleVerdict, Status, Verdicts, Waived};

/// The version of the format.
pub const SCHEMA: u32 = 2;
/// Bodies in a report are cut at this many characters.
const LONGEST_BODY: usize = 16_384;

/// A rule as reports and `fencepost rules --json` show it.
#[derive(Debug, Serialize)]
pub struct RuleEntry<'a> {
    operation: &'a str,
    place: &'a str,
    keyword: &'static str,
    bound: &'a Value,
    source: &'a str,
    standing: &'static str,
    /// Why it is disputed or unprobed; of a firm rule why something is not known of it.
    reason: Option<Cow<'a, str>>,
    /// The matrix's word for the inside; null where the rule has no legal side to send.
    inside: Option<&'static str>,
    /// The matrix's word for the outside; null where the rule has no illegal side to send.
    outside: Option<&'static str>,
}

impl<'a> RuleEntry<'a> {
    /// A rule that nothing was tested of.
    pub fn untested(operation: &'a str, rule: &'a Rule) -> Self {
        let untested = |side: bool| side.then_some(Status::Untested);
        Self::new(operation, rule, untested(rule.inside), untested(rule.outside))
    }

    fn tested(operation: &'a str, verdict: &'a RuleVerdict) -> Self {
        let entry = Self::new(operation, &verdict.rule, verdict.inside, verdict.outside);
        let unknown = || verdict.reason().filter(|_| verdict.rule.standing.is_firm()).map(Cow::Owned);
        Self { reason: entry.reason.or_else(unknown), ..entry }
    }

    fn new(operation: &'a str, rule: &'a Rule, inside: Option<Status>, outside: Option<Status>) -> Self {
        Self {
            operation,
            place: rule.place.as_str(),
            keyword: rule.keyword.as_str(),
            bound: &rule.bound,
            source: &rule.source,
            standing: rule.standing.as_str(),
            reason: rule.standing.reason().map(Cow::Borrowed),
            inside: inside.map(Status::as_str),
            outside: outside.map(Status::as_str),
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    version: &'static str,
    target: &'a str,
    contract: &'a str,
    profile: Option<&'a str>,
    seed: u64,
    /// `complete`, or why the run ended before that.
    ended: &'a str,
    requests: usize,
    operations: [OperationEntry<'a>; 1],
    rules: Vec<RuleEntry<'a>>,
    findings: Vec<Map<String, Value>>,
    causes: Vec<CauseEntry<'a>>,
    remarks: Vec<RemarkEntry>,
    waived: Vec<WaivedEntry<'a>>,
    timing: TimingEntry<'a>,
}

#[derive(Serialize)]
struct OperationEntry<'a> {
    operation: &'a str,
    /// `accepted`, or why there is none.
    baseline: &'a str,
    rules: usize,
    requests: usize,
}

/// What was not understood, and what that costs.
#[derive(Serialize)]
struct RemarkEntry {
    /// Where in the contract; null for what is about answers.
    pointer: Option<String>,
    line: Option<usize>,
    what: String,
    cost: &'static str,
}

/// A finding that does not count, and why.
#[derive(Serialize)]
struct WaivedEntry<'a> {
    #[serde(flatten)]
    finding: Map<String, Value>,
    waiver: WaiverEntry<'a>,
}

#[derive(Serialize)]
struct WaiverEntry<'a> {
    reason: &'a str,
    expires: &'a str,
}

/// What many findings have in common.
#[derive(Serialize)]
struct CauseEntry<'a> {
    id: &'a str,
    sentence: &'a str,
    findings: &'a [String],
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    id: String,
    cause: Option<&'a str>,
    operation: &'a str,
    place: String,
    keyword: &'static str,
    side: &'static str,
    expected: &'a str,
    observed: String,
    status: Option<u16>,
    message: String,
    curl: String,
    request: RequestEntry<'a>,
    response: Option<ResponseEntry>,
    /// The requests before it that it depends on.
    steps: [Value; 0],
}

#[derive(Serialize)]
struct RequestEntry<'a> {
    method: &'a str,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

#[derive(Serialize)]
struct ResponseEntry {
    status: u16,
    content_type: Option<String>,
    body: String,
}

/// What may differ between two runs that are otherwise the same.
#[derive(Serialize)]
struct TimingEntry<'a> {
    start: &'a str,
    end: &'a str,
    seconds: f64,
    requests_per_second: f64,
}

/// The report, as text that ends with a line feed.
///
/// # Panics
///
/// Never: every part of a report can be written as JSON.
pub fn render(subject: &Subject, verdicts: &Verdicts, timing: &Timing, untestable: Option<&str>) -> String {
    let seconds = timing.elapsed.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people; nobody sends 2^52 requests")]
    let requests_per_second = (verdicts.requests as f64 / seconds.max(f64::EPSILON)).round();
    let report = Report {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        target: &subject.target,
        contract: &subject.contract,
        profile: subject.profile.as_deref(),
        seed: subject.seed,
        ended: untestable.unwrap_or_else(|| ended(verdicts.stop)),
        requests: verdicts.requests,
        operations: [OperationEntry {
            operation: &subject.operation,
            baseline: untestable.unwrap_or("accepted"),
            rules: verdicts.rules.len(),
            requests: verdicts.requests,
        }],
        rules: verdicts.rules.iter().map(|verdict| RuleEntry::tested(&subject.operation, verdict)).collect(),
        findings: verdicts.findings.iter().map(|finding| checked(&entry(subject, finding))).collect(),
        causes: verdicts.causes.iter().map(|cause| cause_entry(cause)).collect(),
        remarks: remarks(subject, verdicts),
        waived: verdicts.waived.iter().map(|waived| waived_entry(subject, waived)).collect(),
        timing: TimingEntry { start: &timing.start, end: &timing.end, seconds, requests_per_second },
    };
    match serde_json::to_string_pretty(&report) {
        Ok(text) => text + "\n",
        Err(error) => panic!("a report that cannot be written as JSON: {error}"),
    }
}

/// What is said of a report that a later version wrote.
pub fn unknown_schema(schema: u32) -> String {
    format!("it has schema {schema}, and this version reads 1 to {SCHEMA}; use the version that wrote it")
}

/// How a run ended: `complete`, or what ended it before that.
pub fn ended(stop: Option<Stop>) -> &'static str {
    match stop {
        None | Some(Stop::Anew) => "complete",
        Some(Stop::Interrupted) => "interrupted",
        Some(Stop::Died) => "target gone",
        Some(Stop::Turned(_)) => "target turned",
        Some(Stop::Throttled) => "target throttles",
        Some(Stop::Unauthorized(_)) => "credentials refused",
        Some(Stop::Crashes) => "max_crashes",
        Some(Stop::Budget) => "max_requests",
        Some(Stop::OutOfTime) => "max_time",
    }
}

/// One finding, as it stands in a report.
///
/// # Panics
///
/// Never: every part of it can be written as JSON.
pub fn finding(subject: &Subject, finding: &Finding) -> String {
    match serde_json::to_string_pretty(&checked(&entry(subject, finding))) {
        Ok(text) => text + "\n",
        Err(error) => panic!("a finding that cannot be written as JSON: {error}"),
    }
}

fn remarks(subject: &Subject, verdicts: &Verdicts) -> Vec<RemarkEntry> {
    let remark = |what: &str, cost| RemarkEntry { pointer: None, line: None, what: subject.context.masked(what), cost };
    let unjudged = verdicts.unjudged.iter().map(|what| remark(what, "these bodies are held against no schema"));
    let unanswered = verdicts.unanswered.iter().map(|request| {
        let what = format!("the first request that was not answered: {}", curl::line(request, &subject.context));
        remark(&what, "it may be why the target is gone, and may not")
    });
    unjudged.chain(unanswered).collect()
}

fn waived_entry<'a>(subject: &Subject, waived: &'a Waived) -> WaivedEntry<'a> {
    let Waived { finding, waiver } = waived;
    WaivedEntry {
        finding: checked(&entry(subject, finding)),
        waiver: WaiverEntry { reason: &waiver.reason, expires: &waiver.expires },
    }
}

fn cause_entry(cause: &Cause) -> CauseEntry<'_> {
    CauseEntry { id: &cause.id, sentence: &cause.sentence, findings: &cause.findings }
}

fn entry<'a>(subject: &'a Subject, finding: &'a Finding) -> FindingEntry<'a> {
    let exchange = &finding.exchange;
    FindingEntry {
        id: finding.id.to_string(),
        cause: finding.cause.as_ref().map(|cause| cause.id.as_str()),
        operation: &subject.operation,
        place: finding.id.places(),
        keyword: finding.id.keyword.as_str(),
        side: finding.id.side.as_str(),
        expected: &finding.expected,
        observed: subject.context.masked(&finding.observed),
        status: status(exchange),
        message: message(exchange, &subject.context),
        curl: curl::line(&exchange.request, &subject.context),
        request: request(subject, &exchange.request),
        response: match &exchange.outcome {
            Outcome::Answer(answer) => Some(response(subject, answer)),
            _ => None,
        },
        steps: [],
    }
}

fn request<'a>(subject: &Subject, request: &'a Request) -> RequestEntry<'a> {
    let masked = |value: &str| cut(&subject.context.masked(value));
    RequestEntry {
        method: &request.method,
        path: subject.context.masked(&request.path),
        headers: request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), masked(value))).collect(),
        body: request.body.as_ref().map(|body| masked(&String::from_utf8_lossy(body))),
    }
}

/// Only what does not change from run to run: no date, no request id.
fn response(subject: &Subject, response: &Response) -> ResponseEntry {
    ResponseEntry {
        status: response.status,
        content_type: response.header("content-type").map(|value| subject.context.masked(value)),
        body: cut(&subject.context.masked(&String::from_utf8_lossy(&response.body))),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_BODY) {
        Some((end, _)) => format!("{}... ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
