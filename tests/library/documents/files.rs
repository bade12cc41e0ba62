//! Documents of several files: what they refer to beside themselves becomes their own, and what is not there costs what it
//! touches.

use std::collections::BTreeMap;

use super::*;

/// A document among other files, and the paths that were asked for.
fn among(files: &[(&str, &str)], text: &str) -> (Document, Vec<String>) {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let mut asked = Vec::new();
    let mut read = |path: &str| {
        asked.push(path.to_owned());
        files.get(path).map(|text| (*text).to_owned()).ok_or_else(|| "it is not there".to_owned())
    };
    let document = Document::read_with("folder/main.yaml", text, &mut read).unwrap_or_else(|error| panic!("{error}"));
    (document, asked)
}

const MAIN: &str = "openapi: 3.0.3
info: { title: a, version: '1' }
paths:
  /pets:
    $ref: ./paths/pets.yaml
    post: { responses: { '201': { $ref: 'common.yaml#/components/responses/Made' } } }
  /own:
    get:
      parameters: [{ $ref: 'common.yaml#/parameters/Limit' }]
      responses:
        '200':
          description: it
          content: { application/json: { schema: { $ref: 'schemas/Pet%20of%20mine.json#/definitions/Pet' } } }
components:
  schemas:
    Pet: { type: string, maxLength: 3 }
    Cat: { type: object }
";

const FILES: [(&str, &str); 4] = [
    (
        "paths/pets.yaml",
        "get:
  operationId: listPets
  responses:
    '200':
      description: them
      content: { application/json: { schema: { type: array, items: { $ref: '../schemas/Pet of mine.json#/definitions/Pet' } } } }
post: { description: another is nearer }
put:
  requestBody: { $ref: '../common.yaml#/bodies/Pet' }
  responses: { '204': { description: done } }
",
    ),
    (
        "common.yaml",
        "components: { responses: { Made: { description: made, content: { application/json: { schema: { $ref: '#/Node' } } } } } }
parameters: { Limit: { name: limit, in: query, schema: { $ref: 'main.yaml#/components/schemas/Pet' } } }
bodies: { Pet: { content: { application/json: { schema: { $ref: '#/Chain' } } } } }
Chain: { $ref: '#/Link' }
Link: { $ref: 'schemas/Pet of mine.json#/definitions/Pet' }
Node:
  type: object
  properties: { next: { $ref: '#/Node' }, pet: { $ref: 'schemas/Pet of mine.json#/definitions/Pet' } }
",
    ),
    (
        "schemas/Pet of mine.json",
        r##"{"definitions": {"Pet": {
  "type": "object", "nullable": true, "required": ["name"],
  "properties": {"name": {"type": "string", "maxLength": "many"}, "friend": {"$ref": "#/definitions/Pet"},
                 "owner": {"$ref": "../common.yaml#/Node"}, "$ref": {"type": "string"}},
  "example": {"$ref": "nothing.yaml"}}}}"##,
    ),
    ("unread.yaml", ""),
];

#[test]
fn what_stands_in_other_files_becomes_the_documents_own() {
    let (document, asked) = among(&FILES, MAIN);
    assert_eq!(document.remarks().len(), 1, "{:#}", document.tree());
    assert_eq!(asked, ["paths/pets.yaml", "schemas/Pet of mine.json", "common.yaml"]);
    let operations: Vec<String> =
        document.operations().iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    assert_eq!(operations, ["POST /pets", "GET /pets", "PUT /pets", "GET /own"]);
    // What stands beside a reference is nearer.
    assert!(part(&document, "/paths/~1pets/post").get("description").is_none());
    let schemas = part(&document, "/components/schemas").as_object().expect("a mapping");
    let names: Vec<&String> = schemas.keys().collect();
    assert_eq!(names, ["Pet", "Cat", "Node", "Chain", "Link", "Pet_2"], "{:#}", document.tree());
    let again = json!({ "$ref": "#/components/schemas/Pet_2" });
    assert_eq!(part(&document, "/components/schemas/Pet_2/properties/friend"), &again);
    assert_eq!(part(&document, "/components/schemas/Pet_2/type"), &json!(["object", "null"]));
    assert_eq!(document.follow(&json!({ "$ref": "#/components/schemas/Chain" })), Some(&schemas["Pet_2"]));
    let own = json!({ "$ref": "#/components/schemas/Pet" });
    assert_eq!(part(&document, "/components/parameters/Limit/schema"), &own);
    // Data is no reference, and neither is a member of that name.
    assert_eq!(part(&document, "/components/schemas/Pet_2/example"), &json!({ "$ref": "nothing.yaml" }));
}

#[test]
fn a_remark_names_the_file_that_it_is_about() {
    let (document, _) = among(&FILES, MAIN);
    let found: Vec<String> = document
        .remarks()
        .iter()
        .map(|one| format!("{} {:?} {}", one.file.as_deref().unwrap_or_default(), one.line, one.pointer))
        .collect();
    let wanted = "schemas/Pet of mine.json Some(3) /definitions/Pet/properties/name/maxLength";
    assert_eq!(found, [wanted], "{:#?}", document.remarks());
    let document = std::sync::Arc::new(document);
    let operation = document.operations().iter().find(|one| one.method == "PUT").expect("it is there");
    let opened = fencepost::open::open(&document, operation);
    assert!(opened.contract.is_ok(), "{opened:?}");
}

#[test]
fn what_is_not_there_costs_what_it_touches() {
    for (reference, why) in [
        ("nothing.yaml", "nothing.yaml cannot be read (it is not there)"),
        ("common.yaml#/Nothing", "nothing stands at /Nothing of common.yaml"),
        ("common.yaml#Node", "it names an anchor"),
        ("https://example.com/pet.yaml", "it is a URL, and nothing is ever fetched"),
        ("//example.com/pet.yaml", "it is a URL"),
        ("/etc/passwd", "its path is not relative"),
        ("unread.yaml", "is empty"),
    ] {
        let text = MAIN.replace("schemas/Pet%20of%20mine.json#/definitions/Pet", reference);
        let text = text.replace("    $ref: ./paths/pets.yaml\n", "");
        let (document, _) = among(&FILES, &text);
        let found = remark(&document, why);
        assert_eq!((found.line, found.file.as_deref()), (Some(12), None), "{reference}");
        assert_eq!(found.cost, "nothing is demanded of this value", "{reference}");
        let document = std::sync::Arc::new(document);
        for operation in document.operations() {
            let opened = fencepost::open::open(&document, operation);
            assert!(opened.contract.is_ok() && opened.remarks.is_empty(), "{reference} {opened:?}");
        }
    }
    // Each reason is told once, with how often.
    let text = MAIN.replace("common.yaml", "nothing.yaml");
    let (document, _) = among(&FILES, &text);
    let found = remark(&document, "nothing.yaml cannot be read");
    assert!(found.cost.ends_with("; so it is with 1 more references"), "{found:?}");
    // Nothing is read by whoever hands in no reader.
    let document = Document::read("main.yaml", MAIN).expect("it is a document");
    remark(&document, "other files are not read here");
}

#[test]
fn circles_end() {
    let files = [
        ("a.yaml", "get: { responses: {} }\n$ref: b.yaml\n"),
        ("b.yaml", "$ref: a.yaml\n"),
        ("c.yaml", "S: { $ref: 'd.yaml#/S' }\n"),
        ("d.yaml", "S: { $ref: 'c.yaml#/S' }\n"),
    ];
    let text = "openapi: 3.1.0
info: { title: a, version: '1' }
paths:
  /a: { $ref: a.yaml }
  /c: { get: { responses: { '200': { description: a, content: { application/json: { schema: { $ref: 'c.yaml#/S' } } } } } } }
";
    let (document, _) = among(&files, text);
    assert_eq!(document.operations().len(), 2);
    remark(&document, "it leads to no mapping, or in a circle");
}

#[test]
fn documents_of_2_0_have_other_files_too() {
    let files = [(
        "more.yaml",
        "definitions: { Pet: { type: object, properties: { id: { type: integer } } } }
parameters: { Body: { name: body, in: body, schema: { $ref: '#/definitions/Pet' } }, Id: { name: id, in: path, required: true, type: string } }
responses: { Done: { description: done, schema: { $ref: '#/definitions/Pet' } } }
",
    )];
    let text = "swagger: '2.0'
info: { title: a, version: '1' }
paths:
  /pets/{id}:
    put:
      parameters: [{ $ref: 'more.yaml#/parameters/Id' }, { $ref: 'more.yaml#/parameters/Body' }]
      responses: { 200: { $ref: 'more.yaml#/responses/Done' } }
";
    let (document, _) = among(&files, text);
    assert_eq!(document.remarks(), [], "{:#}", document.tree());
    let document = std::sync::Arc::new(document);
    let contract = fencepost::open::open(&document, &document.operations()[0]).contract.expect("it can be tested");
    let places: Vec<&str> = contract.operation().places().map(|(_, place)| place.site.as_str()).collect();
    assert_eq!(places, ["body", "body.id"], "{:#}", document.tree());
}
