//! What is wrong with the document: its paths, its parameters, its references, its answers, its examples.

use std::fmt::Write as _;

use super::{BASE, check, check_shipped, check_text, edited};

const OPERATION: &str = "/paths/~1things~1{id}/post";
const BODY: &str = "/paths/~1things~1{id}/post/requestBody/content/application~1json";

#[test]
fn another_version() {
    check("openapi: 3.1.0", "openapi: 3.0.3", "/openapi", &["3.0.3 is not modelled", "write an OpenAPI 3.1 document"]);
    check("openapi: 3.1.0", "openapi: 3.2.0", "/openapi", &["3.2.0 is not modelled"]);
    check("openapi: 3.1.0", "openapi: 3.1", "/openapi", &["must be text, not a number"]);
    check("openapi: 3.1.0", "swagger: '2.0'", "", &["`openapi` is missing; add it"]);
    check("openapi: 3.1.0", "openapi: 3.1.0\nwebhooks: {}", "/webhooks", &["`webhooks` is not modelled", "remove it"]);
}

#[test]
fn paths_other_than_one() {
    let operation =
        &BASE[BASE.find("  /things/{id}:").expect("the path")..BASE.find("components:").expect("the end of it")];
    check_text(&BASE.replace(operation, "").replace("paths:\n", "paths: {}\n"), "/paths", &["there is no path"]);
    check_text(&BASE.replace(operation, "").replace("paths:\n", ""), "", &["`paths` is missing; add it"]);
    check_text(&BASE.replace(operation, ""), "/paths", &["must be a mapping, not null"]);
    let two = format!("{operation}{}", operation.replace("/things/{id}:", "/a~b/{id}:"));
    check_text(&BASE.replace(operation, &two), "/paths/~1a~0b~1{id}", &["a second path is not modelled"]);
}

#[test]
fn paths_that_no_client_sends_as_they_are() {
    for (path, words) in [
        ("things/{id}", "must be written with a `/` before it"),
        ("/things/{id}.json", "`{id}.json` is not modelled"),
        ("/things/{id}-{id}", "only a whole segment"),
        ("/things/{id", "only a whole segment"),
        ("/things/{}/{id}", "must be a name"),
        ("/things/{id}/{id}", "stand in the path once"),
        ("/things/../{id}", "write the path without it"),
        ("/the things/{id}", "' ' cannot stand in a path"),
        ("/things?a=b/{id}", "'?' cannot stand in a path"),
        ("/d\u{fc}ng/{id}", "percent-encoded"),
    ] {
        let pointer = format!("/paths/{}", path.replace('/', "~1"));
        check("  /things/{id}:\n", &format!("  '{path}':\n"), &pointer, &[words]);
    }
    let encoded = edited(BASE, "  /things/{id}:\n", "  /th%20ings/~me:a,b/{id}/:\n");
    fencepost::Contract::from_text("mine.yaml", &encoded).expect("such a path can be sent");
}

#[test]
fn operations_other_than_one() {
    let second = "  /things/{id}:\n    get: {responses: {}}\n";
    check(
        "  /things/{id}:\n",
        second,
        "/paths/~1things~1{id}/post",
        &["a second operation is not modelled", "document of its own"],
    );
    check_text(&edited(BASE, "    post:\n", "    x-post:\n"), "/paths/~1things~1{id}", &["there is no operation"]);
    check("    post:\n", "    POST:\n", "/paths/~1things~1{id}", &["there is no operation"]);
    let callbacks = "    post:\n      callbacks: {}\n";
    check(
        "    post:\n",
        callbacks,
        &format!("{OPERATION}/callbacks"),
        &["`callbacks` is not modelled for an operation"],
    );
    let secured = "    post:\n      security: []\n";
    check("    post:\n", secured, &format!("{OPERATION}/security"), &["`security` is not modelled for an operation"]);
}

#[test]
fn parameters_that_are_not_modelled() {
    let at = |rest: &str| format!("{OPERATION}/parameters/{rest}");
    for location in ["query", "cookie"] {
        check(
            "in: header",
            &format!("in: {location}"),
            &at("1/in"),
            &[&format!("`{location}` is not modelled"), "only path and header"],
        );
    }
    check("X-Key, in: header", "X Key, in: header", &at("1/name"), &["must be a header's name"]);
    check("{name: id, in: path", "{name: other, in: path", &at("0/name"), &["`{other}` does not stand in the path"]);
    check(
        "/things/{id}:",
        "/things/{id}/{part}:",
        "/paths/~1things~1{id}~1{part}/post",
        &["`{part}` is not among the parameters"],
    );
    check(
        "schema: {type: string, maxLength: 99}",
        "schema: {type: integer}",
        &at("1/schema/type"),
        &["only string parameters"],
    );
    check(
        "schema: {type: string, maxLength: 99}",
        "style: simple",
        &at("1/style"),
        &["`style` is not modelled", "remove it"],
    );
    check("schema: {type: string, maxLength: 99}", "required: false", &at("1"), &["`schema` is missing; add it"]);
    check("maxLength: 99", "pattern: a", &at("1/schema/pattern"), &["`pattern` is not modelled for a parameter"]);
    check(
        "minLength: 1, maxLength: 8",
        "minLength: 9, maxLength: 8",
        &at("0/schema"),
        &["`minLength` 9 is above `maxLength` 8"],
    );
    check("maxLength: 99", "maxLength: -1", &at("1/schema/maxLength"), &["must be a whole number from 0 up, not -1"]);
    check(
        "in: path, required: true",
        "in: path, required: 'yes'",
        &at("0/required"),
        &["must be true or false, not text"],
    );
}

#[test]
fn references_that_lead_nowhere_or_in_a_circle() {
    let part = "        part: {$ref: '#/components/schemas/Part'}\n";
    let properties = "/components/schemas/Thing/properties";
    let at = format!("{properties}/part");
    let to = |reference: &str| format!("        part: {{$ref: '{reference}'}}\n");
    check(part, &to("#/components/schemas/None"), &at, &["#/components/schemas/None names nothing", "define it"]);
    check(part, &to("other.yaml#/Part"), &at, &["other.yaml#/Part", "points outside the document"]);
    check(part, &to("http://127.0.0.1/part"), &at, &["points outside the document", "write `#/components/...`"]);
    check(part, "        part: {$ref: 7}\n", &at, &["points outside the document"]);
    check(
        part,
        &to("#/components/schemas/Thing"),
        &at,
        &["#/components/schemas/Thing leads back to itself", "unroll it"],
    );
    check(part, &to("#/components/schemas/Thing/properties/part"), &at, &["leads back to itself"]);
    check(
        part,
        "        part: {$ref: '#/components/schemas/Part', minLength: 1}\n",
        &at,
        &["`minLength` beside `$ref`"],
    );
    check(
        "        size: {type: integer, minimum: 1, maximum: 9}\n",
        "        size: {$ref: '#/components/schemas/Part'}\n",
        "/components/schemas/Part/properties/size",
        &["leads back to itself"],
    );
    check(
        "    Made: {",
        "    Made: {items: {$ref: '#/components/schemas/Made'}, ",
        "/components/schemas/Made/items",
        &["leads back to itself"],
    );
}

#[test]
fn references_that_multiply() {
    let mut schemas = String::new();
    for level in 0..40 {
        let below = level + 1;
        let _ = writeln!(
            schemas,
            "    L{level}: {{type: object, properties: {{a: {{$ref: '#/components/schemas/L{below}'}}, \
             b: {{$ref: '#/components/schemas/L{below}'}}}}}}"
        );
    }
    schemas.push_str("    L40: {type: boolean}\n");
    let text = edited(BASE, "    Part:\n", &format!("{schemas}    Part:\n"));
    let text =
        edited(&text, "schema: {$ref: '#/components/schemas/Thing'}", "schema: {$ref: '#/components/schemas/L0'}");
    let error = super::refusal(&text);
    assert!(error.contains("the references expand to more than"), "{error}");
    assert!(!error.contains('\n') && error.starts_with("mine.yaml: at /components/schemas/L"), "{error}");
}

#[test]
fn a_request_body_that_is_not_modelled() {
    let text = |name: &str| edited(BASE, "      requestBody:\n", &format!("      {name}:\n"));
    check_text(&text("x-requestBody"), OPERATION, &["`requestBody` is missing; add it"]);
    let body = format!("{OPERATION}/requestBody");
    check(
        "        required: true\n",
        "        required: false\n",
        &body,
        &["an optional request body is not modelled"],
    );
    check(
        "          application/json:\n            schema",
        "          text/plain:\n            schema",
        &format!("{body}/content/text~1plain"),
        &["`text/plain` is not modelled for a request body"],
    );
    check(
        "            examples:\n",
        "            encoding:\n",
        &format!("{BODY}/encoding"),
        &["`encoding` is not modelled"],
    );
}

#[test]
fn answers_that_are_not_modelled() {
    let at = |rest: &str| format!("{OPERATION}/responses{rest}");
    check("        '4XX':\n", "        x-4XX:\n", &at(""), &["`4XX` is missing; add it"]);
    check("        '201':\n", "        x-201:\n", &at(""), &["there is no success answer"]);
    check("        '4XX':\n", "        '404':\n", &at("/404"), &["is not modelled", "'4XX' for refusals"]);
    check("        '4XX':\n", "        default:\n", &at("/default"), &["is not modelled", "'4XX' for refusals"]);
    for wrong in ["2XX", "'20'", "'2000'"] {
        let pointer = at(&format!("/{}", wrong.trim_matches('\'')));
        check("        '201':\n", &format!("        {wrong}:\n"), &pointer, &["must be one status", "'200'"]);
    }
    check("        '201':\n", "        '204':\n", &at("/204"), &["has no body by its nature", "describe an answer"]);
    for method in ["head", "trace"] {
        let pointer = format!("/paths/~1things~1{{id}}/{method}");
        check("    post:\n", &format!("    {method}:\n"), &pointer, &["is not modelled", "use another"]);
    }
    for text in ["pattern: '^[A-Z]{3}$'", "minLength: 5, maxLength: 3", "minLength: 1000000000000"] {
        check(
            "{error_code: {type: string}}",
            &format!("{{error_code: {{type: string, {text}}}}}"),
            &at("/4XX/content/application~1json"),
            &["cannot be made up from the schema", "add an `example`"],
        );
    }
}

#[test]
fn examples_that_disagree() {
    let at = |rest: &str| format!("{BODY}/examples/first/{rest}");
    check(
        "value: {name: a, part: {size: 1}}",
        "value: {name: '', part: {size: 1}}",
        &at("x-text"),
        &["is not the same JSON as `value`"],
    );
    check("{\"size\": 1}}'", "{\"size\": 2}}'", &at("x-text"), &["is not the same JSON as `value`", "make them agree"]);
    check("{\"size\": 1}}'", "{\"size\": 1}'", &at("x-text"), &["is not the same JSON as `value`"]);
    let text = edited(BASE, "                x-text: '{\"name\": \"a\", \"part\": {\"size\": 1}}'\n", "");
    let value = "value: {name: a, part: {size: 1}}";
    for (wrong, place) in [
        ("{name: a, part: {size: 10}}", "/part/size"),
        ("{name: '', part: {size: 1}}", "/name"),
        ("{name: a, part: {}}", "/part"),
    ] {
        check_text(
            &edited(&text, value, &format!("value: {wrong}")),
            &at("value"),
            &["breaks the schema at", place, "correct one of them"],
        );
    }
    check_text(&edited(&text, value, "summary: x"), &format!("{BODY}/examples/first"), &["`value` is missing"]);
}

#[test]
fn the_shipped_example_is_held_to_its_text_and_its_schema() {
    let at = "/paths/~1v3~1tasks~1{task_id}/put/requestBody/content/application~1json/examples/page";
    check_shipped(
        "    \"name\" : \"MigrationTask\",",
        "    \"name\" : \"Task\",",
        &format!("{at}/x-text"),
        &["is not the same JSON"],
    );
    check_shipped(
        "        maximum: 100\n",
        "        maximum: -1\n",
        "/components/schemas/SubTask/properties/progress",
        &["is above"],
    );
    check_shipped("        maximum: 100\n", "        minimum: 1\n        maximum: 100\n", "", &["duplicate"]);
}
