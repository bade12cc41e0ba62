//! Editions: what each says in its own words is said in those of 3.1.

use fencepost::document::Edition;
use serde_json::{Value, json};

use super::{part, read, refusal, remark};

/// A document of this edition with the schema `It`.
fn schema(edition: &str, schema: &Value) -> String {
    let components =
        json!({"schemas": {"It": schema, "Other": {"type": "object", "properties": {"a": {"type": "string"}}}}});
    json!({"openapi": edition, "paths": {"/a": {"get": {}}}, "components": components}).to_string()
}

#[test]
fn an_edition_is_told_by_its_number() {
    for (version, edition) in [
        ("openapi: 3.0.3", Edition::V30),
        ("openapi: 3.0", Edition::V30),
        ("openapi: '3.0.0-rc2'", Edition::V30),
        ("openapi: 3.1.1", Edition::V31),
        ("swagger: 2.0", Edition::V2),
        ("swagger: '2.0'", Edition::V2),
    ] {
        let document = read(&format!("{version}\npaths: {{/a: {{get: {{}}}}}}"));
        assert_eq!(document.edition(), edition, "{version}");
        assert!(document.remarks().is_empty(), "{version}: {:?}", document.remarks());
        assert!(part(&document, "/openapi").as_str().is_some_and(|version| version.starts_with("3.1")));
    }
    let document = read("openapi: 3.2.0\npaths: {/a: {get: {}}}");
    assert_eq!(document.edition(), Edition::V31);
    assert_eq!(remark(&document, "the edition `3.2.0` is not known").pointer, "/openapi");
    assert!(refusal("swagger: 1.2\nresourcePath: /a\n").contains("has no operation"));
}

#[test]
fn null_and_exclusive_bounds_of_3_0() {
    for (before, after) in [
        (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
        (json!({"type": "string", "nullable": false}), json!({"type": "string"})),
        (json!({"nullable": true}), json!({})),
        (
            json!({"type": ["string", "null"], "nullable": true}),
            json!({"type": ["string", "null"], "x-fencepost-foreign": ["type"]}),
        ),
        (
            json!({"type": "string", "enum": ["a", null], "nullable": true}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
        ),
        (
            json!({"allOf": [{"type": "object"}], "nullable": true, "description": "d", "readOnly": true}),
            json!({"anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}], "description": "d", "readOnly": true}),
        ),
        (json!({"minimum": 1, "exclusiveMinimum": true}), json!({"exclusiveMinimum": 1})),
        (json!({"minimum": 1, "exclusiveMinimum": false}), json!({"minimum": 1})),
        (json!({"maximum": 1.5, "exclusiveMaximum": true}), json!({"exclusiveMaximum": 1.5})),
        (json!({"exclusiveMaximum": 3}), json!({"exclusiveMaximum": 3, "x-fencepost-foreign": ["exclusiveMaximum"]})),
        (
            json!({"$ref": "#/components/schemas/Other", "description": "d"}),
            json!({"$ref": "#/components/schemas/Other", "description": "d"}),
        ),
        // What stands beside it says nothing new.
        (
            json!({"$ref": "#/components/schemas/Other", "type": "object"}),
            json!({"$ref": "#/components/schemas/Other"}),
        ),
        // Names and data are no keywords.
        (
            json!({"properties": {"nullable": {"type": "string"}, "$ref": {"type": "string"}}, "example": {"nullable": true}, "default": {"$ref": 1}}),
            json!({"properties": {"nullable": {"type": "string"}, "$ref": {"type": "string"}}, "example": {"nullable": true}, "default": {"$ref": 1}}),
        ),
    ] {
        let document = read(&schema("3.0.1", &before));
        assert_eq!(part(&document, "/components/schemas/It"), &after, "{before}");
        assert!(document.remarks().is_empty(), "{before}: {:?}", document.remarks());
        let document = read(&schema("3.1.0", &before));
        // There a flag is no bound.
        if !["exclusiveMinimum", "exclusiveMaximum"]
            .iter()
            .any(|bound| before.get(bound).is_some_and(Value::is_boolean))
        {
            assert_eq!(part(&document, "/components/schemas/It"), &before, "3.1 is left as it is");
        }
    }
}

#[test]
fn what_3_0_does_not_read_is_remarked_on() {
    let it = "/components/schemas/It";
    for (before, after, words) in [
        (
            json!({"$ref": "#/components/schemas/Other", "maxLength": 3}),
            json!({"$ref": "#/components/schemas/Other"}),
            "stands beside maxLength",
        ),
        (
            json!({"$ref": "#/components/schemas/Other", "nullable": true}),
            json!({"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]}),
            "`nullable` stands beside `$ref`",
        ),
        (
            json!({"type": "string", "enum": ["a"], "nullable": true}),
            json!({"type": ["string", "null"], "enum": ["a"]}),
            "does not list null",
        ),
        (json!({"exclusiveMinimum": true}), json!({}), "`exclusiveMinimum` stands without `minimum`"),
        (
            json!({"type": "string", "nullable": "yes"}),
            json!({"type": "string", "x-fencepost-foreign": ["type"]}),
            "`nullable` is neither true nor false",
        ),
    ] {
        let document = read(&schema("3.0.1", &before));
        assert_eq!(part(&document, it), &after, "{before}");
        assert_eq!(remark(&document, words).pointer, it);
        assert_eq!(document.remarks().len(), 1, "{before}: {:?}", document.remarks());
    }
}

#[test]
fn a_reference_into_a_schema_that_allows_null_still_leads_there() {
    let inner = json!({"type": "object", "nullable": true, "allOf": [{"maxProperties": 3}], "properties": {"b": {"type": "integer"}}});
    let it = json!({
        "allOf": [{"type": "object"}],
        "nullable": true,
        "properties": {"a": inner, "c": {"$ref": "#/components/schemas/It/properties/a/properties/b"}},
    });
    let text: Value = serde_json::from_str(&schema("3.0.1", &it)).expect("JSON");
    let document = read(&serde_json::to_string_pretty(&text).expect("JSON"));
    let reference = part(&document, "/components/schemas/It/anyOf/0/properties/c");
    assert_eq!(document.follow(reference), Some(&json!({"type": "integer"})));
    let now = "/components/schemas/It/anyOf/0/properties/a/anyOf/0/properties/b";
    assert_eq!(part(&document, now), &json!({"type": "integer"}));
    let line = document.text().lines().position(|line| line.contains("\"b\": {")).map(|line| line + 1);
    assert_eq!(document.line(now), line);
}

#[test]
fn references_are_followed_within_the_document_alone() {
    let document = read(
        &json!({
            "openapi": "3.1.0",
            "paths": {"/a": {"get": {}}},
            "x": {
                "a/b ~c": {"$ref": "#/x/end"}, "end": 1,
                "one": {"$ref": "#/x/a~1b%20~0c"},
                "circle": {"$ref": "#/x/circle"},
                "nowhere": {"$ref": "#/x/nothing"},
                "file": {"$ref": "other.yaml#/x"},
                "odd": {"$ref": 7},
            },
        })
        .to_string(),
    );
    for (name, target) in [
        ("one", Some(json!(1))),
        ("end", Some(json!(1))),
        ("circle", None),
        ("nowhere", None),
        ("file", None),
        ("odd", None),
    ] {
        assert_eq!(document.follow(part(&document, &format!("/x/{name}"))), target.as_ref(), "{name}");
    }
}

#[test]
fn operations_stand_in_the_documents_order() {
    let document = read(
        "openapi: 3.0.0
paths:
  /z: {post: {operationId: two, tags: [x, y, 7]}, get: {}, parameters: [], x-a: 1, mine: {}}
  a: {get: {}}
  /shared: {$ref: '#/components/pathItems/It', delete: {operationId: own}}
  /nowhere: {$ref: '#/components/pathItems/None'}
  /odd: 7
  /odder: {get: 7}
components:
  pathItems: {It: {delete: {}, put: {}}}
",
    );
    let seen: Vec<_> = document
        .operations()
        .iter()
        .map(|operation| {
            assert!(part(&document, &operation.pointer).is_object());
            format!(
                "{} {} {} {:?} {:?}",
                operation.method, operation.path, operation.pointer, operation.id, operation.tags
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "POST /z /paths/~1z/post Some(\"two\") [\"x\", \"y\"]",
            "GET /z /paths/~1z/get None []",
            "GET /a /paths/a/get None []",
            "DELETE /shared /paths/~1shared/delete Some(\"own\") []",
            "PUT /shared /components/pathItems/It/put None []",
        ]
    );
    for (words, line) in [
        ("`mine` is no member of a path", 3),
        ("does not begin with a slash", 4),
        ("leads nowhere", 6),
        ("the path is no mapping", 7),
        ("the operation is no mapping", 8),
    ] {
        assert_eq!(remark(&document, words).line, Some(line), "{words}");
    }
}

#[test]
fn paths_begin_where_the_first_server_says() {
    for (server, base) in [
        ("{url: 'https://a.example/v1/'}", Some("/v1")),
        ("{url: 'https://a.example'}", Some("")),
        ("{url: /}", Some("")),
        ("{url: v2}", Some("/v2")),
        ("{url: ./v2}", Some("/v2")),
        ("{url: '//a.example/x/y?z#w'}", Some("/x/y")),
        (
            "{url: 'https://{host}/{v}/{n}', variables: {host: {default: a.example/b}, v: {default: v3}, n: {enum: [7]}}}",
            Some("/b/v3/7"),
        ),
        ("{}", None),
    ] {
        let document = read(&format!("openapi: 3.1.0\nservers: [{server}]\npaths: {{/a: {{get: {{}}}}}}\n"));
        assert_eq!(document.base_path(), base, "{server}");
        assert!(document.remarks().is_empty());
    }
    assert_eq!(read("openapi: 3.1.0\npaths: {/a: {get: {}}}\n").base_path(), None);
    let document = read("openapi: 3.1.0\nservers: [{url: '/{v}/b'}]\npaths: {/a: {get: {}}}\n");
    assert_eq!(document.base_path(), Some("/b"));
    assert_eq!(remark(&document, "the variable `v`").line, Some(2));
}
