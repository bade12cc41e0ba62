//! What a document says against itself is told where it stands, and costs no more than that.

use super::*;

/// The remarks on a document with these paths and schemas.
fn remarks(paths: &str, schemas: &str) -> Vec<(usize, String)> {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{ title: a, version: '1' }}\npaths:\n{paths}components:\n  schemas:\n    A:\n{schemas}"
    );
    let document = read(&text);
    document.remarks().iter().map(|remark| (remark.line.expect("a line"), remark.what.clone())).collect()
}

const PATHS: &str = "  /a: { get: { responses: {} } }\n";

#[test]
fn values_that_break_their_own_type_are_told() {
    for (schema, what) in [
        ("{ type: integer, enum: [1, '2'] }", Some("the listed value \"2\" is no integer")),
        ("{ type: string, enum: [yes, true] }", Some("the listed value true is no string")),
        ("{ type: string, enum: [a, null] }", Some("the listed value null is no string")),
        ("{ type: boolean, default: 'false' }", Some("the default \"false\" is no boolean")),
        ("{ type: string, enum: [a], default: b }", Some("the default \"b\" is not among the listed values")),
        ("{ type: array, items: { type: number, example: '1' } }", Some("the example \"1\" is no number")),
        ("{ type: string, nullable: true, enum: [a, null], default: null }", None),
        ("{ type: integer, default: 1.0, example: 2 }", None),
        ("{ type: file, example: 2 }", Some("`type` is \"file\", which is not what JSON Schema knows by it")),
        ("{ properties: { default: { type: string }, enum: { type: integer } } }", None),
    ] {
        let found = remarks(PATHS, &format!("      {schema}\n"));
        let wanted: Vec<(usize, String)> = what.into_iter().map(|what| (8, what.to_owned())).collect();
        assert_eq!(found, wanted, "{schema}");
    }
}

#[test]
fn what_nobody_can_tell_apart_is_told() {
    let paths = "  /a/{id}/b: { get: { operationId: one, responses: {} } }
  /a/{name}/b: { get: { operationId: two, responses: {} }, put: { operationId: one, responses: {} } }
  /a/{id}/c: { get: { operationId: three, responses: {} } }
";
    let wanted = [
        (5, "the path differs from /a/{id}/b only in the names of its parameters".to_owned()),
        (5, "the operationId `one` is that of GET /a/{id}/b as well".to_owned()),
    ];
    assert_eq!(remarks(paths, "      type: string\n"), wanted);
}
