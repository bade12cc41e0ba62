//! The faults of open contracts: each rule of a keyword, wherever it stands, is found to be broken under its own name.

use std::sync::Arc;

use fencepost::document::Document;
use fencepost::open::open;
use fencepost::stub::faults;
use fencepost::suite::Suite;

use super::missed;
use crate::tested;

/// What was planted in every operation of a document, and what was not found of it.
#[track_caller]
fn check(name: &str, text: &str, keywords: &[&str]) {
    let document = Arc::new(Document::read(name, text).unwrap_or_else(|error| panic!("{error}")));
    let mut planted = String::new();
    let mut wrong = Vec::new();
    for operation in document.operations() {
        let contract = open(&document, operation).contract.unwrap_or_else(|why| panic!("{why}"));
        let contract = contract.called_with(|_| true);
        let suite = Suite::new(&contract);
        assert_eq!(tested::ids(&tested::with(&suite, Vec::new())), [""; 0], "the clean stub of {}", operation.path);
        let faults = faults(&contract);
        planted.extend(faults.iter().map(|fault| format!("{} ", fault.name())));
        wrong.extend(missed(&contract, faults.iter()));
    }
    assert!(wrong.is_empty(), "of {} faults:\n{}", planted.split(' ').count() - 1, wrong.join("\n"));
    for keyword in keywords {
        let names = [format!(":{keyword}:off"), format!("body.{keyword}:off")];
        assert!(names.iter().any(|name| planted.contains(name)), "nothing planted for `{keyword}` in {planted}");
    }
}

#[test]
fn keywords_of_3_0() {
    let keywords = [
        "type",
        "required",
        "null",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "multipleOf",
        "enum",
        "pattern",
        "format",
        "minItems",
        "maxItems",
        "uniqueItems",
        "maxProperties",
        "oneOf",
        "anyOf",
        "unknownMember",
    ];
    check("keywords.yaml", include_str!("../../documents/keywords.yaml"), &keywords);
}

#[test]
fn keywords_of_3_1() {
    let keywords = [
        "const",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "enum",
        "contains",
        "propertyNames",
        "dependentRequired",
        "if",
        "not",
        "minProperties",
        "pattern",
        "uniqueItems",
    ];
    check("keywords-3.1.yaml", include_str!("../../documents/keywords-3.1.yaml"), &keywords);
}

#[test]
fn names_and_numbers_of_3_1() {
    let keywords = [
        "labels./^x-/:type",
        "labels./^x-/:maxLength",
        "labels./^n_[a-z]+$/:minimum",
        "labels:unknownMember",
        r#"open./"^/v[0-9]"/:type"#,
        "open.*:minLength",
        "deep./^s/:type",
        "deep./^s/.size:required",
        "deep./^s/.size:maximum",
        "counted:minProperties",
        "counted:maxProperties",
        "least:minContains",
        "most:contains",
        "most:maxContains",
        "both:minContains",
        "both:maxContains",
        "point[0]:type",
        "point[0]:maximum",
        "point[1]:maxLength",
        "point:items",
        "point:minItems",
        "line[0]:type",
        "line[0].id:required",
        "line[]:type",
        "line[]:maxLength",
        "line:minItems",
        "line:maxItems",
        "free[0]:type",
        "free[1]:enum",
        "marked:prefixItems",
        "payment:dependentSchemas",
        "either:type",
        "loose:type",
    ];
    check("named-3.1.yaml", include_str!("../../documents/named-3.1.yaml"), &keywords);
}

#[test]
fn wholes_of_3_1() {
    let keywords = [
        "unique:uniqueItems",
        "unique[].a:type",
        "closed:maxProperties",
        "closed:unknownMember",
        "listed:propertyNames",
        "short:propertyNames",
        "fitting:propertyNames",
        "any:contains",
        "flags:enum",
    ];
    check("sets-3.1.yaml", include_str!("../../documents/sets-3.1.yaml"), &keywords);
}

#[test]
fn credentials() {
    check("secured.yaml", include_str!("../../documents/secured.yaml"), &["security"]);
}
