//! What a loader passes over that looks only for what it needs: slips that change nothing at once, and show much later, as
//! a target that seems to refuse everything, or as a rule that is never tested.

use fencepost::Contract;

use super::{BASE, check, check_text, edited};

const OPERATION: &str = "/paths/~1things~1{id}/post";
const BODY: &str = "/paths/~1things~1{id}/post/requestBody/content/application~1json";
const EXAMPLES: &str = "            examples:
              first:
                value: {name: a, part: {size: 1}}
                x-text: '{\"name\": \"a\", \"part\": {\"size\": 1}}'
";

fn at(member: &str) -> String {
    format!("/components/schemas/Thing/properties/{member}")
}

#[test]
fn a_slash_within_a_name_is_escaped_in_a_pointer() {
    check(
        "'#/components/schemas/Made'}, example",
        "'#/components/schemas/Gone'}, example",
        &format!("{OPERATION}/responses/201/content/application~1json/schema"),
        &["names nothing"],
    );
    let part = "        part: {$ref: '#/components/schemas/Part'}\n";
    check(
        part,
        "        part: {$ref: '#'}\n",
        &at("part"),
        &["# names the whole document", "write `#/components/...`"],
    );
}

#[test]
fn a_bare_example_is_held_to_the_schema() {
    for wrong in ["{name: a}", "{name: '', part: {size: 1}}", "[]", "null"] {
        let to = format!("            example: {wrong}\n");
        check(EXAMPLES, &to, &format!("{BODY}/example"), &["breaks the schema", "correct one of them"]);
    }
}

#[test]
fn every_example_is_held_to_the_schema() {
    let second = format!("{EXAMPLES}              second:\n                value: {{name: ''}}\n");
    check(EXAMPLES, &second, &format!("{BODY}/examples/second/value"), &["breaks the schema", "correct one of them"]);
}

#[test]
fn the_example_of_a_parameter_is_held_to_its_schema() {
    let pointer = format!("{OPERATION}/parameters/0/example");
    for wrong in ["\"\"", "\"123456789\""] {
        check("example: \"1\"}\n        - ", &format!("example: {wrong}}}\n        - "), &pointer, &["correct"]);
    }
}

#[test]
fn a_parameter_needs_a_name() {
    check("name: X-Key", "name: ''", &format!("{OPERATION}/parameters/1/name"), &["must be a header's name"]);
}

#[test]
fn a_parameter_is_described_once() {
    let key = "        - {name: X-Key, in: header, x-credential: true, schema: {type: string, maxLength: 99}}\n";
    for name in ["X-Key", "x-key"] {
        let again = format!("{key}        - {{name: {name}, in: header, schema: {{type: string, maxLength: 9}}}}\n");
        check(key, &again, &format!("{OPERATION}/parameters/2"), &[name]);
    }
}

#[test]
fn an_operation_describes_a_parameter_of_its_path_anew() {
    let shared = "    parameters:
      - {name: id, in: path, required: true, schema: {type: string, minLength: 2, maxLength: 4}}
      - {name: x-key, in: header, schema: {type: string, maxLength: 5}}
      - {name: X-Other, in: header, schema: {type: string, maxLength: 6}}
";
    let text = edited(BASE, "  /things/{id}:\n", &format!("  /things/{{id}}:\n{shared}"));
    let contract = Contract::from_text("mine.yaml", &text).expect("that is what OpenAPI says");
    let read: Vec<_> =
        contract.operation().parameters.iter().map(|one| (one.site.to_string(), one.min, one.max)).collect();
    let wanted = [
        ("header.X-Other".to_owned(), None, Some(6)),
        ("path.id".to_owned(), Some(1), Some(8)),
        ("header.X-Key".to_owned(), None, Some(99)),
    ];
    assert_eq!(read, wanted);
}

#[test]
fn a_parameter_of_the_path_is_always_there() {
    for (to, pointer) in
        [("", ""), ("required: false, ", ""), ("required: true, x-credential: true, ", "/x-credential")]
    {
        let pointer = format!("{OPERATION}/parameters/0{pointer}");
        check("required: true, schema", &format!("{to}schema"), &pointer, &[]);
    }
}

#[test]
fn an_example_of_a_parameter_can_be_sent() {
    let at = |number: usize| format!("{OPERATION}/parameters/{number}/example");
    for wrong in ["'.'", "'..'"] {
        let to = format!("example: {wrong}}}\n        - ");
        check("example: \"1\"}\n        - ", &to, &at(0), &["cannot be sent in a path"]);
    }
    for wrong in ["' padded'", "\"two\\nlines\"", "'\u{e9}'"] {
        let to = format!("maxLength: 99}}, example: {wrong}}}");
        check("maxLength: 99}}", &to, &at(1), &["cannot be sent in a header"]);
    }
    check("maxLength: 99}}", "maxLength: 99}, example: 7}", &at(1), &["must be text, not a number"]);
}

#[test]
fn a_default_is_held_to_its_schema_wherever_it_stands() {
    let tags = "tags: {type: array, items: {type: string}}";
    let words = ["the default \"x\" is not legal there"];
    check(tags, "tags: {type: array, items: {type: integer, default: x}}", &at("tags/items"), &words);
    let inner = "tags: {type: object, properties: {a: {type: integer, default: x}}}";
    check(tags, inner, &at("tags/properties/a"), &words);
    check(
        "    Made: {type: object",
        "    Size: {type: integer, default: x}\n    Made: {type: object",
        "/components/schemas/Size",
        &words,
    );
}

#[test]
fn a_type_list_holds_names_only() {
    let pointer = at("flag/type");
    check("flag: {type: boolean}", "flag: {type: [7, boolean]}", &pointer, &["is not modelled", "write one of"]);
    check("flag: {type: boolean}", "flag: {type: ['null', 'null', boolean]}", &pointer, &["null"]);
}

#[test]
fn a_value_or_a_member_is_listed_once() {
    let kind = "enum: [RED, BLUE, null]";
    check(kind, "enum: [RED, null, null]", &at("kind/enum"), &["listed once"]);
    let required = "      required: [size]\n";
    check(required, "      required: [size, size]\n", "/components/schemas/Part/required", &["size"]);
}

#[test]
fn a_doubt_is_about_a_keyword_that_can_be_in_doubt() {
    let keyword = "{keyword: \"null\", reason";
    for wrong in ["nul", "maxLength", ""] {
        check(keyword, &format!("{{keyword: '{wrong}', reason"), "/x-disputes/doubtful-null/keyword", &[wrong]);
    }
}

#[test]
fn a_doubt_is_about_something_that_is_there() {
    let disputes = "  doubtful-null: {keyword: \"null\", reason: Nobody says.}\n";
    for (dispute, from, to, member) in [
        (
            "{keyword: enum, value: GREEN, reason: r}",
            "enum: [RED, BLUE, null], x-disputed: [doubtful-null]",
            "enum: [RED, BLUE, null], x-disputed: [doubt]",
            "kind",
        ),
        (
            "{keyword: enum, value: RED, reason: r}",
            "flag: {type: boolean}",
            "flag: {type: boolean, x-disputed: [doubt]}",
            "flag",
        ),
        (
            "{keyword: unknownMember, reason: r}",
            "flag: {type: boolean}",
            "flag: {type: boolean, x-disputed: [doubt]}",
            "flag",
        ),
        (
            "{keyword: size, value: 9, reason: r}",
            "flag: {type: boolean}",
            "flag: {type: boolean, x-disputed: [doubt]}",
            "flag",
        ),
    ] {
        let text = edited(BASE, disputes, &format!("{disputes}  doubt: {dispute}\n"));
        check_text(&edited(&text, from, to), &at(&format!("{member}/x-disputed")), &["doubt"]);
    }
}

#[test]
fn a_dispute_holds_what_it_needs_and_is_named_once() {
    let entry = "{keyword: \"null\", reason: Nobody says.}";
    let at = "/x-disputes/doubtful-null";
    check(entry, "{keyword: enum, reason: r}", at, &["needs the `value`"]);
    check(entry, "{keyword: size, reason: r}", at, &["needs a `value`"]);
    check(entry, "{keyword: 'null', value: 1, reason: r}", &format!("{at}/value"), &["remove it"]);
    check(entry, "{keyword: 'null', reason: r, place: body}", &format!("{at}/place"), &["`place` is not modelled"]);
    let disputes = "  doubtful-null: {keyword: \"null\", reason: Nobody says.}\n";
    let text = edited(BASE, disputes, &format!("{disputes}  other: {{keyword: 'null', reason: r}}\n"));
    for twice in ["[doubtful-null, doubtful-null]", "[doubtful-null, other]"] {
        let text = edited(&text, "x-disputed: [doubtful-null]", &format!("x-disputed: {twice}"));
        check_text(&text, &self::at("kind/x-disputed"), &["disputed here already", "name one"]);
    }
}

#[test]
fn an_extension_of_ours_stands_where_it_is_read() {
    let operation = "    post:\n      parameters:\n";
    for (from, to, pointer) in [
        ("info: {title: Small", "x-disputed: [doubtful-null]\ninfo: {title: Small", "/x-disputed"),
        (operation, "    post:\n      x-disputed: []\n      parameters:\n", "/paths/~1things~1{id}/post/x-disputed"),
        (operation, "    post:\n      x-disputes: {}\n      parameters:\n", "/paths/~1things~1{id}/post/x-disputes"),
        ("x-credential: true, ", "x-disputed: [], ", "/paths/~1things~1{id}/post/parameters/1/x-disputed"),
        (
            "maxLength: 99}",
            "maxLength: 99, x-credential: true}",
            "/paths/~1things~1{id}/post/parameters/1/schema/x-credential",
        ),
        (
            "flag: {type: boolean}",
            "flag: {type: boolean, x-credential: true}",
            "/components/schemas/Thing/properties/flag/x-credential",
        ),
        (
            "          description: Made.\n",
            "          x-disputed: []\n",
            "/paths/~1things~1{id}/post/responses/201/x-disputed",
        ),
        (
            "            examples:\n",
            "            x-text: ''\n            examples:\n",
            "/paths/~1things~1{id}/post/requestBody/content/application~1json/x-text",
        ),
    ] {
        check(from, to, pointer, &["is not modelled", "remove it"]);
    }
    let text = edited(BASE, "flag: {type: boolean}", "flag: {type: boolean, x-mine: [1], x-notes: [n]}");
    Contract::from_text("mine.yaml", &text).expect("what others made up is left alone");
    let body = "        required: true\n        content:";
    let disputed = "        required: true\n        x-disputed: [doubtful-null]\n        content:";
    check(body, disputed, &format!("{OPERATION}/requestBody/x-disputed"), &["only a `size` dispute", "move it"]);
}

#[test]
fn the_code_of_an_error_is_a_text_in_the_body_of_a_refusal() {
    let schema = |status: &str, rest: &str| {
        format!("{OPERATION}/responses/{status}/content/application~1json/schema/properties/{rest}/x-error-code")
    };
    let code = "error_code: {type: string";
    check(code, "error_code: {x-error-code: 1, type: string", &schema("4XX", "error_code"), &["must be true or false"]);
    check(
        code,
        "error_code: {x-error-code: true, type: [string, \"null\"]",
        &schema("4XX", "error_code"),
        &["of type `string`", "move it"],
    );
    let element = "others: {type: array, items: {type: string, x-error-code: true}}, error_code: {type: string";
    check(code, element, &schema("4XX", "others/items"), &["move it into `properties`"]);
    let twice = "other: {x-error-code: true, type: string}, error_code: {x-error-code: true, type: string";
    check(code, twice, &schema("4XX", "error_code"), &["a second error code", "mark one"]);
    let text = edited(BASE, code, "error_code: {x-error-code: true, type: string");
    let contract = Contract::from_text("mine.yaml", &text).expect("it is sound");
    assert_eq!(contract.operation().responses.error_code.as_deref(), Some("/error_code"));
}
