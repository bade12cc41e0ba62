//! Swagger 2.0: what it says stands in the places of OpenAPI 3.1 then, and references lead there.

use serde_json::{Value, json};

use super::{part, read, remark};

const POST: &str = "/paths/~1a/post";

/// A document of Swagger 2.0 with one operation.
fn with(operation: &Value) -> Value {
    json!({
        "swagger": "2.0",
        "paths": {"/a": {"post": operation}},
        "definitions": {"It": {"type": "object", "properties": {"a/b": {"type": "string"}}}},
        "parameters": {
            "Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 9},
            "Whole": {"name": "whole", "in": "body", "required": true, "schema": {"type": "array"}},
            "Field": {"name": "field", "in": "formData", "type": "string"},
        },
        "responses": {"Gone": {"description": "gone", "schema": {"$ref": "#/definitions/It"}}},
        "produces": ["application/json"],
    })
}

#[test]
fn parameters_say_what_their_values_are_by_a_schema() {
    for (before, after) in [
        (
            json!({"name": "a", "in": "query", "required": true, "type": "string", "maxLength": 3, "description": "d", "x-y": 1}),
            json!({"name": "a", "in": "query", "required": true, "description": "d", "x-y": 1, "schema": {"type": "string", "maxLength": 3}}),
        ),
        (
            json!({"name": "a", "in": "header", "type": "integer", "x-nullable": true, "minimum": 1, "exclusiveMinimum": true}),
            json!({"name": "a", "in": "header", "schema": {"type": ["integer", "null"], "exclusiveMinimum": 1}}),
        ),
        (
            json!({"name": "a", "in": "query", "type": "array", "items": {"type": "string"}}),
            json!({"name": "a", "in": "query", "style": "form", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}}),
        ),
        (
            json!({"name": "a", "in": "query", "type": "array", "collectionFormat": "multi"}),
            json!({"name": "a", "in": "query", "style": "form", "explode": true, "schema": {"type": "array"}}),
        ),
        (
            json!({"name": "a", "in": "query", "type": "array", "collectionFormat": "ssv"}),
            json!({"name": "a", "in": "query", "style": "spaceDelimited", "explode": false, "schema": {"type": "array"}}),
        ),
        (
            json!({"name": "a", "in": "query", "type": "array", "collectionFormat": "pipes"}),
            json!({"name": "a", "in": "query", "style": "pipeDelimited", "explode": false, "schema": {"type": "array"}}),
        ),
        (
            json!({"name": "a", "in": "query", "type": "array", "collectionFormat": "tsv"}),
            json!({"name": "a", "in": "query", "style": "tabDelimited", "explode": false, "schema": {"type": "array"}}),
        ),
        (
            json!({"name": "a", "in": "path", "type": "array", "collectionFormat": "csv"}),
            json!({"name": "a", "in": "path", "style": "simple", "explode": false, "schema": {"type": "array"}}),
        ),
        (json!({"$ref": "#/parameters/Limit"}), json!({"$ref": "#/components/parameters/Limit"})),
    ] {
        let document = read(&with(&json!({"parameters": [before]})).to_string());
        assert_eq!(part(&document, &format!("{POST}/parameters")), &json!([after]), "{before}");
        assert!(document.remarks().is_empty(), "{:?}", document.remarks());
    }
    let document = read(&with(&json!({})).to_string());
    assert_eq!(part(&document, "/components/parameters/Limit/schema"), &json!({"type": "integer", "maximum": 9}));
}

#[test]
fn parameters_of_the_body_become_one() {
    let it = json!({"$ref": "#/definitions/It"});
    let new_it = json!({"$ref": "#/components/schemas/It"});
    for (operation, body) in [
        (
            json!({"parameters": [{"name": "b", "in": "body", "required": true, "description": "d", "schema": it}]}),
            json!({"description": "d", "required": true, "content": {"application/json": {"schema": new_it}}}),
        ),
        (
            json!({"consumes": ["text/xml", "multipart/form-data"], "parameters": [{"name": "b", "in": "body", "schema": it}]}),
            json!({"required": false, "content": {"text/xml": {"schema": new_it}}}),
        ),
        (
            json!({"parameters": [{"$ref": "#/parameters/Whole"}]}),
            json!({"required": true, "content": {"application/json": {
                "schema": {"$ref": "#/components/requestBodies/Whole/content/application~1json/schema"}}}}),
        ),
        (
            json!({"parameters": [
                {"name": "a", "in": "formData", "type": "integer", "required": true, "description": "d"},
                {"name": "b", "in": "formData", "type": "array", "collectionFormat": "multi", "items": {"type": "string"}},
                {"$ref": "#/parameters/Field"},
            ]}),
            json!({"required": true, "content": {"application/x-www-form-urlencoded": {
                "schema": {"type": "object", "required": ["a"], "properties": {
                    "a": {"type": "integer", "description": "d"},
                    "b": {"type": "array", "items": {"type": "string"}},
                    "field": {"type": "string"}}},
                "encoding": {"b": {"style": "form", "explode": true}}}}}),
        ),
        (
            json!({"consumes": ["application/json"], "parameters": [{"name": "a", "in": "formData", "type": "file"}]}),
            json!({"required": false, "content": {"multipart/form-data": {
                "schema": {"type": "object", "properties": {"a": {"type": "string", "format": "binary"}}}}}}),
        ),
    ] {
        let document = read(&with(&operation).to_string());
        assert_eq!(part(&document, &format!("{POST}/requestBody")), &body, "{operation}");
        assert!(document.remarks().is_empty(), "{:?}", document.remarks());
        let schema =
            body["content"].as_object().and_then(|content| content.values().next()).map(|media| &media["schema"]);
        assert!(schema.is_some_and(|schema| document.follow(schema).is_some()), "{body}");
    }
    let two = json!({"parameters": [{"name": "a", "in": "body", "schema": it}, {"name": "b", "in": "formData", "type": "string"}]});
    assert_eq!(remark(&read(&with(&two).to_string()), "`b` is of a second").pointer, format!("{POST}/requestBody"));
}

#[test]
fn a_paths_parameters_are_every_operations_unless_it_has_its_own() {
    let mut document = with(&json!({}));
    let body = |name: &str, kind: &str| json!({"name": name, "in": "body", "schema": {"type": kind}});
    document["paths"]["/a"] = json!({
        "parameters": [body("shared", "object"), {"name": "q", "in": "query", "type": "string"}],
        "post": {},
        "put": {"parameters": [body("own", "array")]},
    });
    let document = read(&document.to_string());
    let schema = "requestBody/content/application~1json/schema";
    assert_eq!(part(&document, &format!("{POST}/{schema}")), &json!({"type": "object"}));
    assert_eq!(part(&document, &format!("/paths/~1a/put/{schema}")), &json!({"type": "array"}));
    assert_eq!(
        part(&document, "/paths/~1a/parameters"),
        &json!([{"name": "q", "in": "query", "schema": {"type": "string"}}])
    );
    assert!(document.remarks().is_empty(), "{:?}", document.remarks());
}

#[test]
fn answers_say_what_they_are_by_media_type() {
    let operation = json!({"responses": {
        "200": {"description": "ok", "schema": {"$ref": "#/definitions/It"}, "examples": {"application/json": {"a": 1}},
            "headers": {"X-Count": {"type": "integer", "description": "d"}}},
        "204": {"description": "none"},
        "404": {"$ref": "#/responses/Gone"},
        "x-y": {"schema": 1},
    }});
    let document = read(&with(&operation).to_string());
    assert_eq!(
        part(&document, &format!("{POST}/responses")),
        &json!({
            "200": {"description": "ok",
                "headers": {"X-Count": {"description": "d", "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/It"}, "example": {"a": 1}}}},
            "204": {"description": "none"},
            "404": {"$ref": "#/components/responses/Gone"},
            "x-y": {"schema": 1},
        })
    );
    let gone = json!({"description": "gone", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/It"}}}});
    assert_eq!(document.follow(part(&document, &format!("{POST}/responses/404"))), Some(&gone));
    let operation = json!({"produces": ["text/csv", "a/b"], "responses": {"200": {"schema": {"type": "file"}}}});
    let binary = json!({"schema": {"type": "string", "format": "binary"}});
    let document = read(&with(&operation).to_string());
    assert_eq!(part(&document, &format!("{POST}/responses/200/content")), &json!({"text/csv": binary, "a/b": binary}));
    let operation = json!({"produces": [], "responses": {"200": {"schema": {}}}});
    let document = read(&with(&operation).to_string());
    assert_eq!(part(&document, &format!("{POST}/responses/200/content")), &json!({"*/*": {"schema": {}}}));
}

#[test]
fn what_is_said_of_many_media_types_is_written_once() {
    let properties: serde_json::Map<_, _> =
        (0..100).map(|number| (format!("p{number}"), json!({"type": "string"}))).collect();
    let schema = json!({"type": "object", "properties": properties});
    let types: Vec<String> = (0..1000).map(|number| format!("a/{number}")).collect();
    let operation = json!({"produces": types, "responses": {"200": {"schema": schema}}});
    let document = read(&with(&operation).to_string());
    let content = part(&document, &format!("{POST}/responses/200/content"));
    assert_eq!(content.as_object().map(serde_json::Map::len), Some(16));
    for media in content.as_object().into_iter().flat_map(serde_json::Map::values) {
        assert_eq!(document.follow(&media["schema"]), Some(&schema));
    }
    assert_eq!(content.to_string().matches("p99").count(), 1);
    assert_eq!(remark(&document, "more than 16 media types").pointer, POST);
}

#[test]
fn schemas_servers_and_logins_of_2_0() {
    let mut document = with(&json!({"security": [{"key": []}]}));
    document["host"] = json!("a.example:8080");
    document["basePath"] = json!("v1/");
    document["schemes"] = json!(["http", "wss"]);
    document["definitions"]["Pet"] = json!({
        "discriminator": "kind",
        "x-nullable": true,
        "type": "object",
        "properties": {"kind": {"type": "string"}, "it": {"$ref": "#/definitions/It/properties/a~1b"}, "x": {"$ref": "#/parameters/Limit"}},
    });
    document["securityDefinitions"] = json!({
        "basic": {"type": "basic"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "code": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "u", "tokenUrl": "t", "scopes": {"s": "d"}},
    });
    let document = read(&document.to_string());
    assert_eq!(
        part(&document, "/servers"),
        &json!([{"url": "http://a.example:8080/v1"}, {"url": "wss://a.example:8080/v1"}])
    );
    assert_eq!(document.base_path(), Some("/v1"));
    let pet = part(&document, "/components/schemas/Pet");
    assert_eq!(pet["discriminator"], json!({"propertyName": "kind"}));
    assert_eq!(pet["type"], json!(["object", "null"]));
    assert_eq!(document.follow(&pet["properties"]["it"]), Some(&json!({"type": "string"})));
    assert_eq!(document.follow(&pet["properties"]["x"]).map(|it| &it["name"]), Some(&json!("limit")));
    assert_eq!(
        part(&document, "/components/securitySchemes"),
        &json!({
            "basic": {"type": "http", "scheme": "basic"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "code": {"type": "oauth2", "flows": {"authorizationCode": {"authorizationUrl": "u", "tokenUrl": "t", "scopes": {"s": "d"}}}},
        })
    );
    let members: Vec<_> = document.tree().as_object().expect("a mapping").keys().collect();
    assert_eq!(members, ["openapi", "servers", "paths", "components"]);
}

#[test]
fn a_line_is_that_of_where_it_stood_before() {
    let operation = json!({
        "parameters": [{"name": "b", "in": "body", "schema": {"type": "object"}}, {"name": "q", "in": "query", "maximum": 1}],
        "responses": {"200": {"schema": {"minimum": 2}}},
    });
    let document = read(&serde_json::to_string_pretty(&with(&operation)).expect("JSON"));
    let line_of = |text: &str| document.text().lines().position(|line| line.contains(text)).map(|line| line + 1);
    for (pointer, text) in [
        ("/openapi", "\"swagger\""),
        ("/components/schemas/It/properties/a~1b", "\"a/b\": {"),
        ("/components/parameters/Limit/schema/maximum", "\"maximum\": 9"),
        (&format!("{POST}/requestBody/content/application~1json/schema/type"), "\"type\": \"object\""),
        (&format!("{POST}/parameters/0/schema/maximum"), "\"maximum\": 1"),
        (&format!("{POST}/parameters/0/name"), "\"name\": \"q\""),
        (&format!("{POST}/responses/200/content/application~1json/schema/minimum"), "\"minimum\": 2"),
    ] {
        assert!(document.tree().pointer(pointer).is_some(), "{pointer}");
        assert_eq!(document.line(pointer), line_of(text), "{pointer}");
    }
}
