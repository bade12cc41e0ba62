//! What a person reads at the end of a run: the matrix per table, the findings, and one line of figures.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::matrix::{Table, is_judged, tables, worst};
use super::{Subject, body, curl, message, shortened, status};
use crate::contract::Standing;
use crate::exchange::Request;
use crate::rule::{Bound, Rule, Side};
use crate::session::Stop;
use crate::verdict::{Cause, Finding, Lapsed, RuleVerdict, Status, Verdicts, Waived, Waiver};

const COLUMNS: [(Status, &str); 6] = [
    (Status::Enforced, "enforced"),
    (Status::NotEnforced, "not enforced"),
    (Status::TooStrict, "too strict"),
    (Status::Crashes, "crashes"),
    (Status::Inconclusive, "inconclusive"),
    (Status::Untested, "untested"),
];

/// Findings of a cause that are named at it, and places at a reason.
const MOST_LISTED: usize = 3;

/// The whole report; `full` writes every rule out.
pub fn render(subject: &Subject, verdicts: &Verdicts, elapsed: Duration, full: bool) -> String {
    let mut out = String::new();
    if full {
        for table in tables(&verdicts.rules) {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}", table.render());
        }
    }
    summary(&mut out, &verdicts.rules);
    reasons(&mut out, &verdicts.rules, full);
    out.push_str(&told(subject, verdicts, full));
    if !verdicts.lapsed.is_empty() {
        out.push('\n');
    }
    out.extend(verdicts.lapsed.iter().map(lapsed));
    out.push('\n');
    closing(&mut out, subject, verdicts, elapsed);
    out
}

/// What a run over many operations tells of one of them, below its line: why rules have no verdict, and what was found; `full`
/// writes every rule out.
pub fn of_many(subject: &Subject, verdicts: &Verdicts, full: bool) -> String {
    let mut out = String::new();
    if full {
        for table in tables(&verdicts.rules) {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "\n{}", table.render().trim_end());
        }
        out.push('\n');
    }
    let mut short = String::new();
    reasons(&mut short, &verdicts.rules, full);
    let lines: Vec<&str> = short.lines().filter(|line| !line.is_empty()).collect();
    let most = if full { lines.len() } else { MOST_LISTED.min(lines.len()) };
    for line in &lines[..most] {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > most {
        let _ = writeln!(out, "  and for {} reasons more: --full tells them", lines.len() - most);
    }
    unanswered(&mut out, subject, verdicts);
    out.push_str(&told(subject, verdicts, full));
    out
}

/// What was found, and what of it does not count; `full` writes every finding of a cause out.
pub fn told(subject: &Subject, verdicts: &Verdicts, full: bool) -> String {
    let mut out = String::new();
    for told in &verdicts.causes {
        out.push('\n');
        out.push_str(&self::cause(subject, verdicts, told));
    }
    for finding in verdicts.findings.iter().filter(|finding| full || finding.cause.is_none()) {
        out.push('\n');
        out.push_str(&self::finding(subject, verdicts.rules.iter().map(|verdict| &verdict.rule), finding));
    }
    let together = |waived: &Waived, other: &Waived| {
        let cause = |waived: &Waived| waived.finding.cause.as_ref().map(|cause| cause.id.clone());
        waived.waiver == other.waiver && cause(waived).is_some_and(|id| id == waived.waiver.id)
    };
    for waived in verdicts.waived.chunk_by(together).filter_map(<[Waived]>::first) {
        out.push('\n');
        out.push_str(&self::waived(subject, verdicts.rules.iter().map(|verdict| &verdict.rule), waived));
    }
    out
}

/// A line a table: how many firm rules there are of each status; disputed ones are counted apart.
fn summary(out: &mut String, rules: &[RuleVerdict]) {
    let tables = tables(rules);
    let width = tables.iter().map(|table| table.source.len()).max().unwrap_or(0).max("all tables".len());
    let _ = write!(out, "{:width$}  {:>10}", "table", "firm rules");
    for (_, title) in COLUMNS {
        let _ = write!(out, "  {title:>12}");
    }
    let _ = writeln!(out, "  {:>14}", "disputed rules");
    for table in &tables {
        row(out, width, table.source, table);
    }
    let all = Table::of_all(rules);
    row(out, width, all.source, &all);
}

fn row(out: &mut String, width: usize, title: &str, table: &Table<'_>) {
    let of = |is: fn(&Standing) -> bool| table.rules.iter().copied().filter(move |verdict| is(&verdict.rule.standing));
    let (firm, disputed): (Vec<_>, Vec<_>) = (of(Standing::is_firm).collect(), of(Standing::is_disputed).collect());
    let _ = write!(out, "{title:width$}  {:>10}", firm.len());
    for (status, _) in COLUMNS {
        let count = firm.iter().filter(|verdict| worst(verdict) == status).count();
        let shown = if count == 0 { "-".to_owned() } else { count.to_string() };
        let _ = write!(out, "  {shown:>12}");
    }
    let _ = writeln!(out, "  {:>14}", disputed.len());
}

/// Why nothing is known of rules: a line a reason, the most common first, with some of the places.
fn reasons(out: &mut String, rules: &[RuleVerdict], full: bool) {
    let mut reasons: BTreeMap<(&str, String), Vec<&RuleVerdict>> = BTreeMap::new();
    for verdict in rules.iter().filter(|verdict| !verdict.rule.standing.is_disputed() && !is_judged(verdict)) {
        if let Standing::Unprobed(reason) = &verdict.rule.standing {
            reasons.entry((verdict.rule.standing.as_str(), reason.clone())).or_default().push(verdict);
            continue;
        }
        let status = worst(verdict);
        let inside = verdict.inside_reason.as_ref().filter(|_| verdict.inside == Some(status));
        let outside = verdict.outside_reason.as_ref().filter(|_| verdict.outside == Some(status));
        if let Some(reason) = inside.or(outside) {
            reasons.entry((status.as_str(), reason.to_string())).or_default().push(verdict);
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, rules)| Reverse(rules.len()));
    if !reasons.is_empty() {
        out.push('\n');
    }
    for ((status, reason), rules) in reasons {
        let count = if rules.len() == 1 { "1 rule".to_owned() } else { format!("{} rules", rules.len()) };
        let mut places: Vec<&str> = rules.iter().map(|verdict| verdict.rule.place.as_str()).collect();
        places.dedup();
        let shown = if full { places.len() } else { MOST_LISTED.min(places.len()) };
        let more = match places.len() - shown {
            0 => String::new(),
            more => format!(" and {more} more places"),
        };
        let _ = writeln!(out, "{count} {status}: {reason} ({}{more})", places[..shown].join(", "));
    }
}

/// The contract's words about a finding: its table, keyword and bound.
fn about<'a>(mut rules: impl Iterator<Item = &'a Rule>, finding: &Finding) -> String {
    let told = |rule: &&Rule| {
        let id = &finding.id;
        let side = if id.side == Side::Inside { rule.inside } else { rule.outside };
        let same = rule.keyword == id.keyword && id.is_at(&rule.place);
        let bound = id.bound.as_ref().is_none_or(|bound| *bound == Bound::of(&rule.bound));
        same && bound && side && rule.standing.is_firm() != finding.disputed
    };
    let rule = rules.find(told);
    rule.map_or(String::new(), |rule| {
        let bound = if rule.bound.is_null() { String::new() } else { format!(" {}", rule.bound) };
        format!("   {}: {}{bound}", rule.source, rule.keyword)
    })
}

/// What many findings have in common, and the smallest of them.
fn cause(subject: &Subject, verdicts: &Verdicts, cause: &Cause) -> String {
    let is_of_it = |finding: &&Finding| finding.cause.as_ref().is_some_and(|other| other.id == cause.id);
    let findings: Vec<&Finding> = verdicts.findings.iter().filter(is_of_it).collect();
    let mut out = String::new();
    let _ = writeln!(out, "CAUSE {}   {}", cause.id, cause.sentence);
    for (number, finding) in findings.iter().take(MOST_LISTED).enumerate() {
        let title = if number == 0 { "findings" } else { "" };
        let _ = writeln!(out, "  {title:8}  {}", finding.id());
    }
    if findings.len() > MOST_LISTED {
        let more = findings.len() - MOST_LISTED;
        let _ = writeln!(out, "            and {more} more: --full and the report file (--report-json) tell each");
    }
    if let Some(smallest) = findings.iter().min_by_key(|finding| finding.exchange.request.weight()) {
        shown(&mut out, subject, smallest);
    }
    out
}

/// One finding: what was expected, what came instead, and the line that shows it again.
pub fn finding<'a>(subject: &Subject, rules: impl Iterator<Item = &'a Rule>, finding: &Finding) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "FINDING {}{}", finding.id(), about(rules, finding));
    shown(&mut out, subject, finding);
    out
}

/// From which request on a target that is gone did not answer any more.
fn unanswered(out: &mut String, subject: &Subject, verdicts: &Verdicts) {
    if let Some(request) = &verdicts.unanswered {
        out.push_str("  not answered any more, which may be why (one at a time, with --concurrency 1, there is but one such request):\n");
        sent(out, subject, request);
        let _ = writeln!(out, "  repeat    {}", curl::line(request, &subject.context));
    }
}

fn sent(out: &mut String, subject: &Subject, request: &Request) {
    let masked = |text: &str| subject.context.masked(text);
    let _ = writeln!(
        out,
        "  sent      {} {} {}",
        request.method,
        shortened(masked(&request.path).as_bytes()),
        shortened(masked(&String::from_utf8_lossy(body(request))).as_bytes()).trim_end()
    );
}

fn shown(out: &mut String, subject: &Subject, finding: &Finding) {
    let request = &finding.exchange.request;
    let _ = writeln!(out, "  expected  {}", finding.expected);
    let _ = writeln!(out, "  observed  {}", subject.context.masked(&finding.observed));
    sent(out, subject, request);
    let status = status(&finding.exchange).map(|status| format!("{status} ")).unwrap_or_default();
    let _ = writeln!(out, "  answer    {status}{}", message(&finding.exchange, &subject.context));
    let _ = writeln!(out, "  repeat    {}", curl::line(request, &subject.context));
}

/// A finding that does not count, with the reason and the last day of that.
pub fn waived<'a>(
    subject: &Subject,
    rules: impl Iterator<Item = &'a Rule>,
    Waived { finding, waiver }: &Waived,
) -> String {
    let mut out = String::new();
    let _ = match finding.cause.as_ref().filter(|cause| cause.id == waiver.id) {
        Some(cause) => writeln!(out, "WAIVED {}   {}", cause.id, cause.sentence),
        None => writeln!(out, "WAIVED {}{}", finding.id(), about(rules, finding)),
    };
    let _ = writeln!(out, "  until     {}: {}", waiver.expires, shortened(waiver.reason.as_bytes()));
    let _ = writeln!(out, "  expected  {}", finding.expected);
    let _ = writeln!(out, "  observed  {}", subject.context.masked(&finding.observed));
    out
}

/// What is said of a waiver that covers nothing.
pub fn lapsed(lapsed: &Lapsed) -> String {
    match lapsed {
        Lapsed::Expired(Waiver { id, reason, expires }) => format!(
            "the waiver of {id} expired on {expires}, and its finding counts ({})\n",
            shortened(reason.as_bytes())
        ),
        Lapsed::Unneeded(Waiver { id, .. }) => {
            format!("the waiver of {id} is no longer needed: nothing is found there; remove it\n")
        }
    }
}

/// What could not be judged, as it can be shown: a server names its codings as it likes.
pub(crate) fn unjudged(subject: &Subject, sentence: &str) -> String {
    shortened(subject.context.masked(sentence).as_bytes())
}

fn closing(out: &mut String, subject: &Subject, verdicts: &Verdicts, elapsed: Duration) {
    let is_counted = |verdict: &&RuleVerdict| verdict.rule.standing.is_firm() && !verdict.is_unseen();
    let firm: Vec<&RuleVerdict> = verdicts.rules.iter().filter(is_counted).collect();
    let judged = firm.iter().filter(|verdict| is_judged(verdict));
    match verdicts.stop {
        Some(Stop::Interrupted) => out.push_str("interrupted: what follows is what was learnt until then\n"),
        Some(stop) => {
            let _ = writeln!(out, "{stop}: the rest is untested");
        }
        None => {}
    }
    unanswered(out, subject, verdicts);
    if verdicts.outages > 0 {
        let times = if verdicts.outages == 1 { "once".to_owned() } else { format!("{} times", verdicts.outages) };
        let _ = writeln!(
            out,
            "the target was gone for a while {times}: what it answered, or did not, was asked again when it was back"
        );
    }
    if let Some(eased) = verdicts.eased {
        let times = if eased == 1 {
            "requests were sent one".to_owned()
        } else {
            format!("as few as {eased} requests were sent")
        };
        let _ = writeln!(out, "{times} at a time: of more, some were not answered");
    }
    for sentence in &verdicts.unjudged {
        let _ = writeln!(out, "{}", unjudged(subject, sentence));
    }
    let findings = match verdicts.findings.len() {
        0 => "no finding".to_owned(),
        1 => "1 finding".to_owned(),
        several => format!("{several} findings"),
    };
    let linked = verdicts.findings.iter().filter(|finding| finding.cause.is_some()).count();
    let causes = match verdicts.causes.len() {
        0 => String::new(),
        1 => format!(", {linked} of them of one cause"),
        several => format!(", {linked} of them of {several} causes"),
    };
    let waived = match verdicts.waived.len() {
        0 => String::new(),
        several => format!(", {several} waived"),
    };
    let count = |is: fn(&Standing) -> bool| verdicts.rules.iter().filter(|verdict| is(&verdict.rule.standing)).count();
    let unprobed = match count(Standing::is_unprobed) {
        0 => String::new(),
        several => format!(", {several} unprobed"),
    };
    let unseen = match verdicts.rules.iter().filter(|verdict| verdict.is_unseen()).count() {
        0 => String::new(),
        several => format!(", {several} of answers never seen"),
    };
    let _ = writeln!(
        out,
        "{findings}{causes}{waived}; {} of {} firm rules have a verdict, {} disputed rules are recorded{unprobed}{unseen}; {} requests in {:.2} s",
        judged.count(),
        firm.len(),
        count(Standing::is_disputed),
        verdicts.requests,
        elapsed.as_secs_f64(),
    );
}
