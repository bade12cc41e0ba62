//! What is wrong with the body's schema: bounds, values, types, members, doubts, and keywords that are not modelled.

use super::{check, check_shipped};

fn at(member: &str) -> String {
    format!("/components/schemas/Thing/properties/{member}")
}

const NAME: &str = "name: {type: string, minLength: 1, maxLength: 20}";
const COUNT: &str = "count: {type: integer, minimum: 0, maximum: 100, default: 1}";
const RATIO: &str = "ratio: {type: number, minimum: 0, maximum: 1.5}";
const FLAG: &str = "flag: {type: boolean}";
const LEVEL: &str = "level: {type: integer, enum: [1, 2, 3]}";
const KIND: &str = "kind: {type: [string, \"null\"], enum: [RED, BLUE, null], x-disputed: [doubtful-null]}";
const TAGS: &str = "tags: {type: array, items: {type: string}}";

#[test]
fn bounds_that_leave_nothing() {
    check(
        "minLength: 1, maxLength: 20",
        "minLength: 21, maxLength: 20",
        &at("name"),
        &["`minLength` 21 is above `maxLength` 20", "correct one"],
    );
    check(
        "minimum: 0, maximum: 100",
        "minimum: 101, maximum: 100",
        &at("count"),
        &["`minimum` 101 is above `maximum` 100"],
    );
    check(
        "minimum: 0, maximum: 1.5",
        "minimum: 1.75, maximum: 1.5",
        &at("ratio"),
        &["`minimum` 1.75 is above `maximum` 1.5"],
    );
    check(
        "minimum: 1, maximum: 9}",
        "minimum: 10, maximum: 9}",
        "/components/schemas/Part/properties/size",
        &["is above"],
    );
}

#[test]
fn bounds_of_another_type() {
    for (bound, shown) in [
        ("twenty", "\"twenty\""),
        ("-1", "-1"),
        ("2.5", "2.5"),
        ("null", "null"),
        ("true", "true"),
        ("[20]", "a list"),
        ("1e-3", "0.001"),
    ] {
        let to = format!("minLength: 0, maxLength: {bound}");
        check(
            "minLength: 1, maxLength: 20",
            &to,
            &at("name/maxLength"),
            &["must be a whole number from 0 up", &format!("not {shown}")],
        );
    }
    for (bound, shown) in [
        ("many", "\"many\""),
        ("0.5", "0.5"),
        ("100.5", "100.5"),
        ("null", "null"),
        ("{a: 1}", "a mapping"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("9223372036854775807.0", "9.223372036854776e+18"),
    ] {
        check(
            "maximum: 100,",
            &format!("maximum: {bound},"),
            &at("count/maximum"),
            &["must be a whole number", &format!("not {shown}")],
        );
    }
    for (bound, shown) in [("'1.5'", "\"1.5\""), ("null", "null"), ("false", "false")] {
        check(
            "maximum: 1.5",
            &format!("maximum: {bound}"),
            &at("ratio/maximum"),
            &["must be a number", &format!("not {shown}")],
        );
    }
    for (bound, nearest) in [("9007199254740993", "9007199254740992"), ("-9223372036854775807", "-9223372036854775808")]
    {
        check(
            "minimum: 0, maximum: 1.5",
            &format!("minimum: {bound}"),
            &at("ratio/minimum"),
            &[bound, "lies between two doubles", &format!("write {nearest}")],
        );
    }
    for bound in ["99999999999999999999", "1e300", "-9223372036854775809"] {
        check("maxLength: 20", &format!("maxLength: {bound}"), &at("name/maxLength"), &["must be a whole number"]);
    }
}

#[test]
fn keywords_that_are_not_modelled() {
    for keyword in ["pattern: a", "const: a", "minItems: 1", "minimum: 1", "nullable: true", "contentEncoding: base64"]
    {
        let name = keyword.split(':').next().unwrap_or_default();
        let to = format!("name: {{type: string, {keyword}}}");
        check(
            NAME,
            &to,
            &at(&format!("name/{name}")),
            &[&format!("`{name}` is not modelled for a string"), "remove it"],
        );
    }
    for keyword in ["multipleOf: 5", "exclusiveMinimum: 0", "exclusiveMaximum: 9", "maxLength: 3"] {
        let name = keyword.split(':').next().unwrap_or_default();
        let to = format!("count: {{type: integer, {keyword}}}");
        check(COUNT, &to, &at(&format!("count/{name}")), &[&format!("`{name}` is not modelled for an integer")]);
    }
    for keyword in ["multipleOf: 0.5", "enum: [1.5]", "exclusiveMaximum: 9"] {
        let name = keyword.split(':').next().unwrap_or_default();
        let to = format!("ratio: {{type: number, {keyword}}}");
        check(RATIO, &to, &at(&format!("ratio/{name}")), &[&format!("`{name}` is not modelled for a number")]);
    }
    for keyword in ["enum: [true]", "const: true"] {
        let name = keyword.split(':').next().unwrap_or_default();
        check(
            FLAG,
            &format!("flag: {{type: boolean, {keyword}}}"),
            &at(&format!("flag/{name}")),
            &["is not modelled for a boolean"],
        );
    }
    for keyword in ["minItems: 1", "maxItems: 9", "uniqueItems: true", "prefixItems: []", "contains: {}"] {
        let name = keyword.split(':').next().unwrap_or_default();
        let to = format!("tags: {{type: array, items: {{type: string}}, {keyword}}}");
        check(TAGS, &to, &at(&format!("tags/{name}")), &["is not modelled for an array"]);
    }
    for keyword in [
        "allOf: []",
        "oneOf: []",
        "anyOf: []",
        "not: {}",
        "if: {}",
        "additionalProperties: false",
        "patternProperties: {}",
        "minProperties: 1",
        "dependentRequired: {}",
        "unevaluatedProperties: false",
        "$defs: {}",
        "$id: a",
        "discriminator: {propertyName: a}",
    ] {
        let name = keyword.split(':').next().unwrap_or_default();
        let from = "    Part:\n      type: object\n";
        let to = format!("{from}      {keyword}\n");
        check(
            from,
            &to,
            &format!("/components/schemas/Part/{name}"),
            &[&format!("`{name}` is not modelled for an object"), "remove it"],
        );
    }
}

#[test]
fn types_that_are_not_modelled() {
    let shown = "write one of object, array, string, integer, number, boolean";
    for kind in [
        "text",
        "'null'",
        "String",
        "[string, integer]",
        "['null']",
        "[]",
        "7",
        "null",
        "[string, string]",
        "{a: string}",
    ] {
        check(FLAG, &format!("flag: {{type: {kind}}}"), &at("flag/type"), &["is not modelled", shown]);
    }
    check(FLAG, "flag: {}", &at("flag"), &["`type` is missing; add it"]);
    check(FLAG, "flag: true", &at("flag"), &["must be a mapping, not a boolean"]);
    check(TAGS, "tags: {type: array}", &at("tags"), &["`items` is missing; add it"]);
    check(TAGS, "tags: {type: array, items: false}", &at("tags/items"), &["must be a mapping, not a boolean"]);
    check(
        "    Part:\n      type: object\n",
        "    Part:\n      type: array\n",
        "/components/schemas/Part/required",
        &["is not modelled for an array"],
    );
}

#[test]
fn a_body_that_is_no_object() {
    let thing = "    Thing:\n      type: object\n";
    for kind in ["array", "string", "[object, 'null']"] {
        check(
            thing,
            &format!("    Thing:\n      type: {kind}\n"),
            "/components/schemas/Thing/type",
            &["only an object is modelled as a body", "make this a member of one"],
        );
    }
}

#[test]
fn values_that_cannot_be_listed() {
    let values = "must be a whole number within the bounds, and listed once";
    for (list, shown) in
        [("[1, two]", "\"two\""), ("[1, 2.5]", "2.5"), ("[1, 2, 1]", "1 "), ("[true]", "true"), ("[[1]]", "a list")]
    {
        check(LEVEL, &format!("level: {{type: integer, enum: {list}}}"), &at("level/enum"), &[shown, values]);
    }
    check(LEVEL, "level: {type: integer, maximum: 2, enum: [1, 3]}", &at("level/enum"), &["3 ", values]);
    check(LEVEL, "level: {type: integer, enum: []}", &at("level/enum"), &["lists no value", "add one"]);
    check(LEVEL, "level: {type: integer, enum: 1}", &at("level/enum"), &["must be a list, not a number"]);
    check(KIND, "kind: {type: string, enum: [RED, 7]}", &at("kind/enum"), &["7 must be text within the bounds"]);
    check(
        KIND,
        "kind: {type: string, enum: [RED, RED]}",
        &at("kind/enum"),
        &["\"RED\" must be text within the bounds, and listed once"],
    );
    check(
        KIND,
        "kind: {type: string, maxLength: 3, enum: [RED, BLUE]}",
        &at("kind/enum"),
        &["\"BLUE\" must be text within the bounds"],
    );
    check(
        KIND,
        "kind: {type: string, enum: [RED, null]}",
        &at("kind/enum"),
        &["null must stand both among the types and among the values"],
    );
    check(
        KIND,
        "kind: {type: [string, 'null'], enum: [RED]}",
        &at("kind/enum"),
        &["null must stand both among the types and among the values"],
    );
    check(KIND, "kind: {type: [string, 'null'], enum: [null]}", &at("kind/enum"), &["lists no value"]);
}

#[test]
fn members_that_are_none() {
    let required = "      required: [size]\n";
    let at = "/components/schemas/Part/required";
    check(required, "      required: [size, weight]\n", at, &["\"weight\" is no member", "define it or drop it"]);
    check(required, "      required: [7]\n", at, &["7 is no member"]);
    check(required, "      required: size\n", at, &["must be a list, not text"]);
    check(required, "      required: true\n", at, &["must be a list, not a boolean"]);
    let members = "      properties:\n        size: {type: integer, minimum: 1, maximum: 9}\n";
    check(members, "", at, &["\"size\" is no member"]);
    check(
        members,
        "      properties: [size]\n",
        "/components/schemas/Part/properties",
        &["must be a mapping, not a list"],
    );
}

#[test]
fn doubts_that_are_undefined_or_misplaced() {
    check(
        "x-disputed: [doubtful-null]",
        "x-disputed: [doubtfull]",
        &at("kind/x-disputed"),
        &["\"doubtfull\" is not among `x-disputes`", "define it there"],
    );
    check("x-disputed: [doubtful-null]", "x-disputed: [7]", &at("kind/x-disputed"), &["7 is not among `x-disputes`"]);
    check(
        "x-disputed: [doubtful-null]",
        "x-disputed: doubtful-null",
        &at("kind/x-disputed"),
        &["must be a list, not text"],
    );
    check(
        NAME,
        "name: {type: string, x-disputed: [doubtful-null]}",
        &at("name/x-disputed"),
        &["a `null` dispute needs `null` among the types"],
    );
    let disputes = "  doubtful-null: {keyword: \"null\", reason: Nobody says.}\n";
    let at = "/x-disputes/doubtful-null";
    check(disputes, "  doubtful-null: {reason: Nobody says.}\n", at, &["`keyword` is missing"]);
    check(disputes, "  doubtful-null: {keyword: 'null'}\n", at, &["`reason` is missing"]);
    check(disputes, "  doubtful-null: 'null'\n", at, &["must be a mapping, not text"]);
    check(
        disputes,
        "  doubtful-null: {keyword: null, reason: Nobody says.}\n",
        &format!("{at}/keyword"),
        &["must be text, not null"],
    );
    check_shipped(
        "        x-disputed: [body-size]\n",
        "        x-disputed: [body-sise]\n",
        "/paths/~1v3~1tasks~1{task_id}/put/requestBody/x-disputed",
        &["\"body-sise\" is not among `x-disputes`"],
    );
    check_shipped("    value: 10240\n", "", "/x-disputes/body-size", &["needs a `value`"]);
    check_shipped("value: 10240", "value: -1", "/x-disputes/body-size/value", &["must be a whole number from 0 up"]);
}

#[test]
fn defaults_that_are_not_legal() {
    for default in ["-1", "101", "0.5", "one", "[1]"] {
        check(
            "default: 1}",
            &format!("default: {default}}}"),
            &at("count"),
            &["the default", "is not legal there", "correct it"],
        );
    }
    check(FLAG, "flag: {type: boolean, default: 'yes'}", &at("flag"), &["the default \"yes\" is not legal there"]);
}
