//! Any number of faults at once, anywhere: each is found under its own name, or told by what hides it, and nothing else is
//! found. What hides what is written down here, rule by rule.

use std::collections::BTreeSet;

use fencepost::Contract;
use fencepost::rule::{Keyword, Part, RESPONSE_REFUSAL, RESPONSE_SUCCESS, Side, Site};
use fencepost::stub::{Fault, faults};
use fencepost::suite::{Reason, Suite};
use fencepost::verdict::{Finding, RuleVerdict, Status, Verdicts};

use crate::shelf::{self, loaded};
use crate::tested;

/// How many faults are planted at once.
const SIZES: [usize; 5] = [2, 3, 5, 10, 25];

/// What became of the faults of some sets.
#[derive(Debug, Default)]
struct Tally {
    sets: usize,
    planted: usize,
    /// Found alone, under their own names.
    found: usize,
    /// Of rules that have a reason for having no verdict.
    hidden: usize,
    /// Told by the finding of another.
    told: usize,
    /// In sets with which nothing legal is accepted.
    untestable: usize,
    wrong: Vec<String>,
}

fn is_at(fault: &Fault, part: Part, keywords: &[Keyword]) -> bool {
    fault.id.sites[0].is(part) && keywords.contains(&fault.id.keyword)
}

fn crashes(fault: &Fault) -> bool {
    fault.id.mode.contains("crash")
}

/// Found as a time-out or as a closed connection.
fn is_silent(fault: &Fault) -> bool {
    matches!(fault.found.keyword, Keyword::Timeout | Keyword::Connection)
}

/// Whether it leaves nothing else to be seen: every success, or every refusal, fails.
fn is_total(fault: &Fault) -> bool {
    let of_answers = fault.id.sites[0].is_of_answers();
    of_answers && (is_silent(fault) || is_at(fault, RESPONSE_REFUSAL, &[Keyword::Status]) && crashes(fault))
}

/// Whether the first can be told in a stub that has the second.
fn stands(one: &Fault, other: &Fault) -> bool {
    let same_place = one.id.sites == other.id.sites;
    // One rule has one finding, and of two changes to the same answers the second hides the first.
    let same_rule = same_place && (one.id.keyword == other.id.keyword || one.id.sites[0].is_of_answers());
    // A stub has one way to read a body.
    let reads = |fault: &Fault| {
        let reads = fault.id.mode.starts_with("takes-") || fault.id.mode == "off";
        is_at(fault, Part::Body, &[Keyword::WellFormed]) && reads || fault.id.mode == "takes-any-json"
    };
    // Where any type is legal, or null in the place of absence, null is.
    let takes_null = (one.id.keyword == Keyword::Type && one.id.mode == "off") || one.id.mode == "off-and-null";
    let no_null = same_place && takes_null && other.id.keyword == Keyword::Null;
    // A fraction that is legal but for its type needs room between the bounds.
    let no_room = same_place
        && (one.id.mode == "takes-fraction" && other.id.mode == "too-strict"
            || (one.id.keyword, one.id.mode.as_str()) == (Keyword::Type, "too-strict")
                && other.id.mode == "off-by-one");
    // What is answered wrongly is asked again to be sure, and one that minds repetition refuses it then.
    let minds = is_at(one, Part::Body, &[Keyword::Idempotent]);
    let unsure = minds && (is_at(other, RESPONSE_SUCCESS, &[Keyword::Flaky]) || other.id.sites[0].is(RESPONSE_SUCCESS));
    // In process nothing says where an answer ends: one without a body may have been cut off by an outage, and so it may
    // have been when the answers changed.
    let cut = is_at(one, RESPONSE_SUCCESS, &[Keyword::Flaky])
        && is_at(other, RESPONSE_REFUSAL, &[Keyword::ResponseBody])
        && other.id.mode == "empty";
    let one_reading = reads(one) && reads(other);
    !(same_rule || one_reading || no_null || no_room || unsure || cut)
}

/// Whether a fault is told by the finding of another that is planted with it.
fn is_told_by(fault: &Fault, other: &Fault) -> bool {
    let same_place = fault.id.sites == other.id.sites;
    let alike = crashes(fault) == crashes(other);
    // Null goes the way of every wrong type, or of absence.
    let null = same_place
        && fault.id.keyword == Keyword::Null
        && matches!(other.id.keyword, Keyword::Type | Keyword::Required)
        && (alike || fault.found.side == Side::Inside && crashes(other));
    // Legal values at a place where one of them meets the same; of texts, the ordinary one may stand on a bound.
    let legal = same_place
        && (fault.found.side, other.found.side) == (Side::Inside, Side::Inside)
        && (fault.found.keyword == Keyword::Type || (other.found.keyword == Keyword::Type && alike));
    // Where a place fails anyway, a disputed value that fails there says no more.
    let disputed = same_place
        && matches!(fault.id.keyword, Keyword::Text | Keyword::UnknownMember)
        && crashes(fault)
        && crashes(other);
    // Silence at several places is the service's.
    let silence = is_silent(fault) && fault.found.keyword == other.found.keyword;
    // A pair with a value that is not taken alone.
    let pair = fault.id.keyword == Keyword::Interaction
        && other.found.side == Side::Inside
        && fault.id.sites.iter().any(|site| other.id.sites.iter().any(|other| site.is_within(other)));
    // The example is refused for what is in it.
    let example = fault.id.keyword == Keyword::Example && other.found.side == Side::Inside;
    // Text that fells the target wherever it may stand is one finding.
    let text = crashes(fault) && (fault.id.keyword, other.id.keyword) == (Keyword::Text, Keyword::Text);
    // What fails now and then is seen where nothing else fails, if at all in a short run.
    let flaky = fault.id.keyword == Keyword::Flaky && crashes(other);
    // In process nothing says where an answer ends: one without a body may have been cut off by an outage.
    let cut = is_at(other, other.found.sites[0].part(), &[Keyword::ResponseBody]) && other.id.mode == "empty";
    null || legal || disputed || text || flaky || cut || silence || pair || example
}

/// Whether a finding is one that this set may lead to besides its own.
fn may_follow(finding: &Finding, planted: &[Fault], found: &Verdicts) -> bool {
    let (id, side) = (&finding.id, finding.id.side);
    let place = &id.sites[0];
    let count = |is_one: &dyn Fn(&Fault) -> bool| planted.iter().filter(|fault| is_one(fault)).count();
    let legal = |fault: &Fault| fault.found.side == Side::Inside;
    // Silence at several places is the service's.
    let silence = place.is_of_answers() && count(&|fault| is_silent(fault) && fault.found.keyword == id.keyword) > 1;
    // What crashes on a disputed form of the same thing.
    let disputed = count(&|fault| crashes(fault) && fault.found.is_at(place) && fault.found.keyword == id.keyword) > 0;
    let text = id.keyword == Keyword::Text
        && place.is(Part::Body)
        && count(&|fault| crashes(fault) && fault.id.keyword == Keyword::Text) > 1;
    // Of refusals that all crash nobody tells whether there are others.
    let refuses = |verdict: &RuleVerdict| {
        verdict.rule.at.is_some() && verdict.rule.standing.is_firm() && verdict.outside == Some(Status::Enforced)
    };
    let refusals = id.short() == "response.refusal:status:outside" && !found.rules.iter().any(refuses);
    // Several legal values of a place, or of what stands in it, are not taken: none is found that is, or a bound tells.
    let blocked = side == Side::Inside && count(&|fault| legal(fault) && fault.id.sites[0].is_within(place)) > 1;
    // Of a pair, one value is all that is left of its place, or stands in an object that is told of in its stead.
    let pair = side == Side::Inside
        && count(&|fault| {
            let within = |site: &Site| fault.id.sites.iter().any(|inner| inner.is_within(site));
            fault.id.keyword == Keyword::Interaction && id.sites.iter().any(within)
        }) > 0
        && count(&legal) > 1;
    let on_bound =
        side == Side::Inside && count(&|fault| fault.id.mode.ends_with("-ordinary") && fault.id.sites[0] == *place) > 0;
    // Nothing legal is accepted any more.
    let broken = found.rules.iter().any(|verdict| verdict.inside_reason == Some(Reason::Broken));
    silence || disputed || text || refusals || blocked || pair || on_bound || broken
}

fn drawn(all: &[Fault], size: usize, draw: &mut fastrand::Rng) -> Vec<Fault> {
    let mut left: Vec<&Fault> = all.iter().filter(|fault| !is_total(fault)).collect();
    draw.shuffle(&mut left);
    let mut planted: Vec<Fault> = Vec::new();
    for fault in left {
        if planted.len() < size && planted.iter().all(|other| stands(other, fault) && stands(fault, other)) {
            planted.push(fault.clone());
        }
    }
    planted
}

impl Tally {
    fn check(&mut self, name: &str, suite: &Suite<'_>, planted: &[Fault]) {
        self.sets += 1;
        self.planted += planted.len();
        let Ok(found) = tested::tried(suite, &mut tested::stub(suite, planted.to_vec())) else {
            self.untestable += planted.len();
            return;
        };
        let ids: BTreeSet<String> = tested::ids(&found).into_iter().collect();
        let wanted: BTreeSet<String> = planted.iter().map(Fault::finding).collect();
        let beside = found.findings.iter().filter(|finding| !wanted.contains(&finding.id.short()));
        let mut wrong: Vec<String> = beside
            .filter(|finding| !may_follow(finding, planted, &found))
            .map(|finding| {
                format!("found as well: {} ({}: {})", finding.id.short(), finding.expected, finding.observed)
            })
            .collect();
        let of_service = ids.contains("response.refusal:status:outside");
        for fault in planted {
            let of_the_rule = |verdict: &&RuleVerdict| {
                let here = fault.id.sites.contains(&verdict.rule.place) || fault.id.keyword == Keyword::Interaction;
                here && verdict.rule.keyword == fault.id.keyword
            };
            let has_reason = |verdict: &RuleVerdict| match fault.found.side {
                Side::Inside => verdict.inside_reason.is_some(),
                Side::Outside => verdict.outside_reason.is_some(),
            };
            // Of texts, the ordinary one may stand on a bound.
            let on_bound = |finding: &Finding| finding.id.is_at(&fault.id.sites[0]) && finding.id.side == Side::Inside;
            let legal = (fault.found.keyword, fault.found.side) == (Keyword::Type, Side::Inside);
            if ids.contains(&fault.finding()) {
                self.found += 1;
            } else if found.rules.iter().filter(of_the_rule).any(has_reason) {
                self.hidden += 1;
            } else if planted.iter().any(|other| other != fault && is_told_by(fault, other))
                || (legal && found.findings.iter().any(on_bound))
                || (of_service && crashes(fault))
            {
                self.told += 1;
            } else {
                wrong.push(format!("not found: {}", fault.name()));
            }
        }
        if !wrong.is_empty() {
            let names: Vec<String> = planted.iter().map(Fault::name).collect();
            self.wrong.push(format!("{name} with {}:\n  {}", names.join(", "), wrong.join("\n  ")));
        }
    }

    #[track_caller]
    fn end(&self, least: usize) {
        let Self { sets, planted, found, hidden, told, untestable, wrong } = self;
        let all = format!(
            "{sets} sets of {planted} faults: {found} found, {hidden} hidden with a reason, {told} told by another, \
             {untestable} with nothing legal accepted"
        );
        assert!(wrong.is_empty(), "{all}; {} sets wrong:\n{}", wrong.len(), wrong.join("\n"));
        // What is hidden must stay the exception.
        assert!(found * 100 >= planted * least, "{all}");
    }
}

/// Draws so many sets of each size from a contract's faults.
fn draw(tally: &mut Tally, (name, contract): (&str, &Contract), sizes: &[usize], sets: usize, seed: u64) {
    let all = faults(contract);
    let suite = Suite::new(contract);
    let mut draw = fastrand::Rng::with_seed(seed);
    for size in sizes {
        for _ in 0..sets {
            tally.check(name, &suite, &drawn(&all, *size, &mut draw));
        }
    }
}

#[test]
fn many_faults_of_the_shipped_contract_are_found_at_once() {
    let mut tally = Tally::default();
    draw(&mut tally, ("shipped", &Contract::shipped()), &SIZES, 8, 1);
    tally.end(90);
}

#[test]
fn many_faults_of_the_small_contracts_are_found_at_once() {
    let mut tally = Tally::default();
    for (number, (name, text)) in shelf::FILES.into_iter().enumerate() {
        draw(&mut tally, (name, &loaded(name, text)), &SIZES, 12, number as u64);
    }
    tally.end(60);
}

#[test]
fn several_faults_of_each_schema_are_found_at_once() {
    let mut tally = Tally::default();
    let made = [
        shelf::texts(),
        shelf::integers(),
        shelf::numbers(),
        shelf::containers(),
        shelf::bodies(),
        shelf::parameters(),
        shelf::answers(),
    ];
    for (number, text) in made.concat().iter().enumerate() {
        draw(&mut tally, (text, &loaded("made", text)), &SIZES[..3], 1, number as u64);
    }
    tally.end(75);
}

/// What is found where these faults are planted in a contract.
#[track_caller]
fn found(text: &str, names: &[&str]) -> Vec<String> {
    let contract = loaded("made", text);
    let all = faults(&contract);
    let fault =
        |name: &&str| all.iter().find(|fault| fault.name() == **name).unwrap_or_else(|| panic!("{name}")).clone();
    let planted: Vec<Fault> = names.iter().map(fault).collect();
    let mut found = tested::ids(&tested::with(&Suite::new(&contract), planted));
    found.sort();
    found
}

const SMALL: &str = include_str!("../contracts/small.yaml");

#[test]
fn null_is_told_apart_from_wrong_types_that_meet_something_else() {
    let both = found(SMALL, &["body.count:type:takes-fraction", "body.count:null:off"]);
    assert_eq!(both, ["body.count:null:outside", "body.count:type:outside"]);
    let both = found(SMALL, &["body.count:type:takes-text", "body.count:null:crash"]);
    assert_eq!(both, ["body.count:null:outside", "body.count:type:outside"]);
    // All are answered alike: that is one cause.
    assert_eq!(found(SMALL, &["body.count:type:crash", "body.count:null:crash"]), ["body.count:type:outside"]);
}

#[test]
fn a_bound_is_told_apart_from_an_ordinary_value_that_meets_something_else() {
    let both = found(SMALL, &["body.ratio:type:crash-on-ordinary", "body.ratio:maximum:too-strict"]);
    assert_eq!(both, ["body.ratio:maximum:inside", "body.ratio:type:inside"]);
    let one = found(SMALL, &["body.ratio:type:too-strict-ordinary", "body.ratio:maximum:too-strict"]);
    assert_eq!(one, ["body.ratio:type:inside"]);
}

#[test]
fn what_crashes_is_no_habit_where_nothing_in_the_body_is_turned_down() {
    let both = found(&shelf::bodies()[0], &["body:type:off", "body:wellFormed:crash"]);
    assert_eq!(both, ["body:type:outside", "body:wellFormed:outside"]);
    let both = found(&shelf::bodies()[0], &["body:type:off", "response.refusal:status:crash"]);
    assert_eq!(both, ["body:type:outside", "response.refusal:status:outside"]);
}

#[test]
fn what_is_taken_though_illegal_is_not_said_to_waver_because_successes_look_wrong() {
    let both =
        found(include_str!("../contracts/arrays.yaml"), &["body:required:off", "response.success:responseBody:off"]);
    assert_eq!(both, ["body:required:outside", "response.success:responseBody:inside"]);
}

#[test]
fn one_that_minds_repetition_is_not_taken_for_dead() {
    // Of the first, few requests are accepted, and of the second one.
    let body =
        "{type: object, properties: {a: {type: array, items: {type: array, items: {type: string, enum: [ONE]}}}}}";
    let text = shelf::contract("/things/{id}", shelf::ID, body);
    let both = found(&text, &["body.a[]:type:takes-object", "body:idempotent:off"]);
    assert_eq!(both, ["body.a[]:type:outside", "body:idempotent:inside"]);
    let text =
        shelf::contract("/things/{id}", shelf::ID, "{type: object, properties: {a: {type: integer, maximum: 9}}}");
    let both = found(&text, &["body.a:optional:too-strict", "body:idempotent:off"]);
    assert_eq!(both, ["body.a:optional:inside", "body:idempotent:inside"]);
}
