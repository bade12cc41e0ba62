//! Members with names that look like something else: whatever is found at one is found, selected, tested again, waived and
//! settled by its id, as it is where the same member has a plain name.

use fencepost::Contract;
use fencepost::contract::Reading;
use fencepost::request_context::RequestContext;
use fencepost::rule::{FindingId, Keyword, SiteIndex, Step, rules};
use fencepost::settle::{Settlement, settle};
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::{Selection, Suite};
use fencepost::verdict::{Lapsed, Verdicts, Waiver, verdicts};
use serde_json::{Value, json};

/// Each name with the plain one that stands for it.
const NAMES: [(&str, &str); 16] = [
    ("plain0", "dc:title"),
    ("plain1", "a.b"),
    ("plain2", "x[]"),
    ("plain3", "name + nick"),
    ("plain4", "$ref"),
    ("plain5", ""),
    ("plain6", "say \"hi\""),
    ("plain7", "two\nlines"),
    ("plain8", "*"),
    ("plain9", "xml:required"),
    ("plaina", "имя"),
    ("plainb", "名前\u{202e}"),
    ("plainc", "a{oneOf/1}"),
    ("plaind", ":type:inside"),
    ("plaine", "a + body.a"),
    ("plainf", "~1/~0"),
];

/// Each name with a schema of its own.
fn contract(name: fn((&'static str, &'static str)) -> &'static str) -> Contract {
    let schemas = [
        json!({"type": "string", "minLength": 2, "maxLength": 20}),
        json!({"type": "integer", "minimum": 1, "maximum": 9}),
        json!({"type": ["boolean", "null"], "x-disputed": ["nulls"]}),
        json!({"type": "string", "enum": ["ONE", "two words", "1", ":off"]}),
        json!({"type": "array", "items": {"type": "string", "maxLength": 5}}),
        json!({"type": "object", "required": ["*"], "properties": {"*": {"type": "boolean"}, "[]": {"type": "number"}}}),
    ];
    let properties: serde_json::Map<String, Value> = NAMES
        .into_iter()
        .zip(schemas.iter().cycle())
        .map(|(names, schema)| (name(names).to_owned(), schema.clone()))
        .collect();
    let answer = json!({"content": {"application/json": {"schema": {"type": "object"}}}});
    let document = json!({
        "openapi": "3.1.0",
        "x-disputes": {"nulls": {"keyword": "null", "reason": "nobody knows"}},
        "paths": {"/things": {"put": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object", "required": [name(NAMES[0]), name(NAMES[3])], "properties": properties,
            }}}},
            "responses": {"200": answer, "4XX": answer},
        }}},
    });
    Contract::from_text("names.json", &document.to_string()).expect("any name is a name")
}

fn tested(suite: &Suite<'_>, faults: Vec<Fault>) -> Verdicts {
    let mut target = InProcess(Stub::new(suite.contract(), faults));
    let seen = suite.run(&RequestContext::default(), &mut target, &mut |_| {}).expect("the stub can be tested");
    verdicts(suite, &seen)
}

fn found(suite: &Suite<'_>, fault: &Fault) -> Vec<FindingId> {
    tested(suite, vec![fault.clone()]).findings.into_iter().map(|finding| finding.id).collect()
}

/// The id with the odd names of the plain ones in it.
fn renamed(id: &FindingId) -> Vec<(Vec<Step>, Keyword)> {
    let odd = |step: &Step| match step {
        Step::Member(name) => {
            Step::member(NAMES.iter().find(|(plain, _)| **plain == **name).map_or(name, |(_, odd)| odd))
        }
        other => other.clone(),
    };
    id.sites.iter().map(|site| (site.node().iter().map(odd).collect(), id.keyword)).collect()
}

fn as_it_is(id: &FindingId) -> Vec<(Vec<Step>, Keyword)> {
    id.sites.iter().map(|site| (site.node().to_vec(), id.keyword)).collect()
}

#[test]
fn what_is_found_under_an_odd_name_is_found_again_by_its_id() {
    let (plain, odd) = (contract(|(plain, _)| plain), contract(|(_, odd)| odd));
    let (plain_suite, suite) = (Suite::new(&plain), Suite::new(&odd));
    let index = SiteIndex::of(suite.rules());
    let (plain_faults, odd_faults) = (faults(&plain), faults(&odd));
    assert_eq!(plain_faults.len(), odd_faults.len());
    for (plain_fault, fault) in plain_faults.iter().zip(&odd_faults).step_by(7) {
        let ids = found(&suite, fault);
        let wanted: Vec<_> = found(&plain_suite, plain_fault).iter().map(renamed).collect();
        assert_eq!(ids.iter().map(as_it_is).collect::<Vec<_>>(), wanted, "{}", fault.name());
        for id in &ids {
            assert_eq!(index.finding(&id.to_string()).as_ref(), Ok(id));
            assert_eq!(index.finding(&id.short()).as_ref(), Ok(id));
        }
        let texts: Vec<String> = ids.iter().map(FindingId::to_string).collect();
        let selection = Selection::new(&texts, &[], suite.rules()).expect("the ids are as they are told");
        let again = Suite::new(&odd).select(&selection).expect("there is something to test");
        assert_eq!(found(&again, fault), ids, "{}", fault.name());
        assert_eq!(tested(&again, Vec::new()).findings.len(), 0, "{}", fault.name());
    }
}

#[test]
fn the_ids_of_all_faults_differ_and_read_back() {
    let odd = contract(|(_, odd)| odd);
    let mut ids: Vec<String> = faults(&odd).into_iter().map(|fault| fault.name()).collect();
    for id in &ids {
        let read = fencepost::rule::FaultId::read(id, odd.operation().name()).expect("the id of a fault");
        assert_eq!(read.short(), *id);
        assert!(!id.contains('\n') && !id.contains('\t'), "{id:?}");
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "some faults are called the same");
}

#[test]
fn every_place_is_selected_by_its_text_and_by_the_one_of_earlier_versions() {
    let odd = contract(|(_, odd)| odd);
    let all = rules(odd.operation());
    let index = SiteIndex::of(&all);
    for (_, name) in NAMES {
        let site = odd.operation().site(fencepost::rule::Part::Body).below(Step::member(name));
        assert_eq!(index.meant(site.as_str()), std::slice::from_ref(&site), "{name}");
        assert_eq!(index.meant(&format!("PUT /things {site}")), std::slice::from_ref(&site), "{name}");
        if name != "*" {
            assert_eq!(index.meant(&format!("body.{name}")), [site]);
        }
    }
    assert!(index.meant("body.*").len() > 1, "a pattern stands for many places");
    let only = |text: &str| {
        let selection = Selection::new(&[text.to_owned()], &[], &all).map_err(|error| error.to_string())?;
        let suite = Suite::new(&odd).select(&selection).map_err(|error| error.to_string())?;
        let selected = suite.rules().iter().zip(suite.reported()).filter(|(_, reported)| **reported);
        Ok::<Vec<String>, String>(selected.map(|(rule, _)| format!("{} {}", rule.place, rule.keyword)).collect())
    };
    assert_eq!(only("body.dc:title:maxLength"), Ok(vec![r#"body["dc:title"] maxLength"#.to_owned()]));
    assert_eq!(only(r#"body["dc:title"]:maxLength"#), Ok(vec![r#"body["dc:title"] maxLength"#.to_owned()]));
    assert_eq!(only("body.dc*:maxLength"), Ok(vec![r#"body["dc:title"] maxLength"#.to_owned()]));
    assert_eq!(only("PUT /things body*title\"]:required"), Ok(vec![r#"body["dc:title"] required"#.to_owned()]));
    assert!(
        only("body.xml:required").expect("a member").iter().all(|rule| rule.starts_with(r#"body["xml:required"] "#))
    );
    let refused = only("body.dc:titel").expect_err("no such place");
    assert!(refused.contains(r#"did you mean `body["dc:title"]`?"#), "{refused}");
}

#[test]
fn a_finding_under_an_odd_name_is_waived_by_its_id() {
    let odd = contract(|(_, odd)| odd);
    let suite = Suite::new(&odd);
    let fault = |id: &str| faults(&odd).into_iter().find(|fault| fault.name() == id).expect("a fault of the stub's");
    for (planted, ids) in [
        (
            r#"body["dc:title"]:maxLength:off"#,
            [
                r#"PUT /things body["dc:title"]:maxLength:outside"#,
                r#"body["dc:title"]:maxLength:outside"#,
                "body.dc:title:maxLength:outside",
            ],
        ),
        (
            r#"body["name + nick"]:enum:off"#,
            [
                r#"PUT /things body["name + nick"]:enum:outside"#,
                r#"body["name + nick"]:enum:outside"#,
                "body.name + nick:enum:outside",
            ],
        ),
    ] {
        for id in ids {
            let waiver = Waiver { id: id.to_owned(), reason: "known".to_owned(), expires: "2030-01-01".to_owned() };
            let mut verdicts = tested(&suite, vec![fault(planted)]);
            verdicts.waive(std::slice::from_ref(&waiver), "2029-01-01");
            assert_eq!((verdicts.findings.len(), verdicts.waived.len(), verdicts.lapsed.len()), (0, 1, 0), "{id}");
            let mut sound = tested(&suite, Vec::new());
            sound.waive(std::slice::from_ref(&waiver), "2029-01-01");
            assert_eq!(sound.lapsed, [Lapsed::Unneeded(waiver)], "{id}");
        }
    }
}

#[test]
fn a_dispute_under_an_odd_name_is_settled_by_its_place() {
    let odd = contract(|(_, odd)| odd);
    for place in [r#"body["x[]"]"#, "body.x[]", r#"PUT /things body["x[]"]"#] {
        let settlement =
            Settlement { place: place.to_owned(), keyword: Keyword::Null, bound: None, reading: Reading::Refused };
        let settled = settle(&odd, &[settlement]).expect("there is such a dispute");
        let all = rules(settled.operation());
        let null = all.iter().find(|rule| rule.place.as_str() == r#"body["x[]"]"# && rule.keyword == Keyword::Null);
        assert!(null.is_some_and(|rule| rule.standing.is_firm() && rule.outside && !rule.inside), "{place}");
    }
}
