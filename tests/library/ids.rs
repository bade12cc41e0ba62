//! Ids and places as text: what is written is read back as the same, whatever names the document has.

use fencepost::rule::{
    Bound, FaultId, FindingId, Keyword, OperationName, Part, Side, Site, StatusRange, Step, Within, Written,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Names that look like something else.
const ODD: [&str; 24] = [
    "dc:title",
    "a.b",
    "x[]",
    "[]",
    "name + nick",
    " + ",
    "$ref",
    "",
    "*",
    ".*",
    "a\"b",
    "a\\b",
    "a\nb",
    "a b",
    "a{b}c",
    "a=1",
    ":type:inside",
    "имя",
    "名前",
    "اسم",
    "\u{202e}evil",
    "\u{200b}",
    "\u{1f600}",
    "PUT /a body",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(&ODD[..]).prop_map(str::to_owned),
        "[A-Za-z0-9_-]{1,8}",
        ".{0,6}",
        any::<String>()
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => name().prop_map(|name| Step::member(&name)),
        1 => Just(Step::Element),
        1 => Just(Step::Value),
        1 => any::<usize>().prop_map(Step::Index),
        1 => prop_oneof![Just("^x-".to_owned()), Just("[/:]+ \"$".to_owned()), name()]
            .prop_map(|pattern| Step::Pattern(pattern.as_str().into())),
        1 => prop_oneof!["(oneOf|anyOf)/[0-9]", "application/[a-z+]{1,9}", name()]
            .prop_map(|branch| Step::Branch(branch.as_str().into())),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let whole =
        [Part::Path, Part::Query, Part::Header, Part::Cookie, Part::Body, Part::Request, Part::Success, Part::Refusal];
    let status = prop_oneof![
        (100u16..=999).prop_map(StatusRange::Code),
        (1u8..=9).prop_map(StatusRange::Class),
        Just(StatusRange::Default)
    ];
    let within = proptest::sample::select(&[Within::Status, Within::Header, Within::Body][..]);
    let answer = (status, within).prop_map(|(status, within)| Part::Answer(status, within));
    prop_oneof![3 => proptest::sample::select(whole.to_vec()), 1 => answer]
}

fn operation() -> impl Strategy<Value = OperationName> {
    let path = prop_oneof!["/[a-z]{1,4}/\\{[a-z_]{1,4}\\}", "/\\{.{1,5}\\}", any::<String>()];
    ("[A-Z]{1,7}", path).prop_map(|(method, path)| OperationName::new(&method, &path))
}

fn sites() -> impl Strategy<Value = (OperationName, Vec<Site>)> {
    let nodes = prop::collection::vec((part(), prop::collection::vec(step(), 0..4)), 1..4);
    (operation(), nodes).prop_map(|(operation, nodes)| {
        let sites = nodes.into_iter().map(|(part, node)| Site::new(&operation, part, node)).collect();
        (operation, sites)
    })
}

fn bound() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        name().prop_map(Value::from),
        "[0-9.eE+-]{1,5}".prop_map(Value::from),
        Just(json!("true")),
    ];
    scalar.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..3).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn an_id_reads_back_as_what_was_written(
        (operation, sites) in sites(),
        keyword in proptest::sample::select(Keyword::ALL),
        bound in prop::option::of(bound()),
        inside: bool,
        mode in ".*",
    ) {
        let side = if inside { Side::Inside } else { Side::Outside };
        let id = FindingId { sites: sites.clone(), keyword, bound: bound.as_ref().map(Bound::of), side };
        let other = OperationName::new("GET", "/other");
        prop_assert_eq!(&FindingId::read(&id.to_string(), &other).expect("an id"), &id);
        prop_assert_eq!(&FindingId::read(&id.short(), &operation).expect("an id"), &id);
        prop_assert!(!id.to_string().chars().any(char::is_control), "{}", id);
        let fault = FaultId { sites, keyword, mode };
        prop_assert_eq!(&FaultId::read(&fault.to_string(), &other).expect("a fault"), &fault);
        prop_assert_eq!(&FaultId::read(&fault.short(), &operation).expect("a fault"), &fault);
    }

    #[test]
    fn a_place_reads_back_as_what_was_written((operation, sites) in sites()) {
        for site in sites {
            let plain: Vec<Step> =
                site.node().iter().filter(|step| !matches!(step, Step::Branch(_))).cloned().collect();
            let read: Written = site.as_str().parse().expect("a place");
            prop_assert_eq!(read.operation, None);
            prop_assert_eq!(read.places, vec![(site.part(), plain.clone())]);
            prop_assert_eq!(site == Site::new(&operation, site.part(), plain.clone()), site.node() == plain);
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in prop_oneof![any::<String>(), "[a-z.:\\[\\]{}\"+ =*]{0,20}"]) {
        if let Ok(id) = FindingId::read(&text, &OperationName::new("PUT", "/a")) {
            let again = FindingId::read(&id.short(), id.sites[0].operation()).expect("an id");
            prop_assert_eq!(again, id);
        }
    }
}

#[test]
fn places_and_ids_are_written_like_this() {
    let operation = OperationName::new("PUT", "/v3/tasks/{task_id}");
    let body = Site::new(&operation, Part::Body, []);
    let answer = |status, within| Site::new(&operation, Part::Answer(status, within), []);
    let member = |site: &Site, name: &str| site.below(Step::member(name));
    for (site, text) in [
        (member(&member(&body, "sub_tasks").below(Step::Element), "progress"), "body.sub_tasks[].progress"),
        (member(&body, "labels").below(Step::Value), "body.labels.*"),
        (member(&body, "labels").below(Step::Pattern("^x-".into())), "body.labels./^x-/"),
        (member(&body, "paths").below(Step::Pattern("^/".into())), r#"body.paths./"^/"/"#),
        (member(&body, "point").below(Step::Index(0)), "body.point[0]"),
        (member(&body, "*"), r#"body["*"]"#),
        (member(&body, "dc:title"), r#"body["dc:title"]"#),
        (member(&body, "a.b").below(Step::Element), r#"body["a.b"][]"#),
        (member(&body, ""), r#"body[""]"#),
        (member(&body, "say \"hi\"\n\u{202e}"), r#"body["say \"hi\"\n\u202e"]"#),
        (member(&body, "имя"), r#"body["имя"]"#),
        (Site::new(&operation, Part::Header, [Step::member("Content-Type")]), "header.Content-Type"),
        (Site::new(&operation, Part::Success, []), "response.success"),
        (member(&answer(StatusRange::Code(201), Within::Header), "Location"), "response.201.header.Location"),
        (member(&answer(StatusRange::Class(4), Within::Body), "id"), "response.4XX.body.id"),
        (answer(StatusRange::Default, Within::Status), "response.default.status"),
        (member(&body.below(Step::Branch("oneOf/1".into())), "size"), "body.size"),
    ] {
        assert_eq!(site.as_str(), text);
    }
    let id = |sites: &[Site], bound: Option<Value>| FindingId {
        sites: sites.to_vec(),
        keyword: Keyword::Type,
        bound: bound.as_ref().map(Bound::of),
        side: Side::Inside,
    };
    let branch = member(&body.below(Step::Branch("oneOf/1".into())), "size");
    let spaced = Site::new(&OperationName::new("GET", "/a b"), Part::Query, []);
    for (id, text) in [
        (id(&[member(&body, "name")], None), "PUT /v3/tasks/{task_id} body.name:type:inside"),
        (id(&[member(&body, "a"), member(&body, "b")], None), "PUT /v3/tasks/{task_id} body.a + body.b:type:inside"),
        (id(&[branch], None), "PUT /v3/tasks/{task_id} body{oneOf/1}.size:type:inside"),
        (id(std::slice::from_ref(&body), Some(json!("1.0"))), r#"PUT /v3/tasks/{task_id} body:type="1.0":inside"#),
        (id(std::slice::from_ref(&body), Some(json!(1.0))), "PUT /v3/tasks/{task_id} body:type=1.0:inside"),
        (id(std::slice::from_ref(&body), Some(json!("UTF-16"))), "PUT /v3/tasks/{task_id} body:type=UTF-16:inside"),
        (id(&[body], Some(json!("a b"))), r#"PUT /v3/tasks/{task_id} body:type="a b":inside"#),
        (id(&[spaced], None), r#"GET "/a b" query:type:inside"#),
    ] {
        assert_eq!(id.to_string(), text);
    }
}

#[test]
fn what_is_no_id_is_told_why() {
    let why = |text: &str| FindingId::read(text, &OperationName::new("PUT", "/a")).expect_err(text).to_string();
    assert_eq!(why("nonsense"), "`nonsense` begins with no part of a request or an answer");
    assert_eq!(why("bodyguard:type:inside"), "`bodyguard:type:inside` begins with no part of a request or an answer");
    assert_eq!(why("body.dc:title:type:inside"), format!("{}", "title".parse::<Keyword>().expect_err("no keyword")));
    assert_eq!(why("body."), "it ends too early");
    assert_eq!(why("body.name"), "it names no keyword");
    assert_eq!(why("body.name:type"), "it names no side");
    assert_eq!(why("body.name:type:both"), "`both` is no side; it is inside or outside");
    assert_eq!(why("body[\"a\":type:inside"), "`:type:inside` was not expected");
    assert_eq!(why("body.имя:type:inside"), "`имя:type:inside` was not expected");
    assert_eq!(why("PUT /a"), "it ends too early");
}
