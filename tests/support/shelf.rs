//! The shelf: small contracts that together hold every kind of rule, each legal and each at some edge of what can be written.
//!
//! Those that show something to a reader are files in `tests/contracts/`; the others vary one schema at a time.

use fencepost::Contract;

/// The contracts that are files, by name.
pub(crate) const FILES: [(&str, &str); 8] = [
    ("arrays", include_str!("../contracts/arrays.yaml")),
    ("bounds", include_str!("../contracts/bounds.yaml")),
    ("choices", include_str!("../contracts/choices.yaml")),
    ("deep", include_str!("../contracts/deep.yaml")),
    ("doubts", include_str!("../contracts/doubts.yaml")),
    ("names", include_str!("../contracts/names.yaml")),
    ("parameters", include_str!("../contracts/parameters.yaml")),
    ("small", include_str!("../contracts/small.yaml")),
];

/// Makes the contracts of a kind.
pub(crate) type Kind = fn() -> Vec<String>;

/// The kinds of contracts that are made, by name.
pub(crate) const MADE: [(&str, Kind); 7] = [
    ("bodies", bodies),
    ("parameters", parameters),
    ("answers", answers),
    ("texts", texts),
    ("integers", integers),
    ("numbers", numbers),
    ("containers", containers),
];

/// A contract of the shelf.
#[track_caller]
pub(crate) fn loaded(name: &str, text: &str) -> Contract {
    Contract::from_text(name, text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A parameter of the path.
pub(crate) const ID: &str = "{name: id, in: path, required: true, schema: {type: string}}";

/// A contract with these parameters and this schema of the body, and nothing that it can do without.
pub(crate) fn contract(path: &str, parameters: &str, body: &str) -> String {
    format!(
        "openapi: 3.1.0
paths:
  {path}:
    put:
      parameters: [{parameters}]
      requestBody: {{required: true, content: {{application/json: {{schema: {body}}}}}}}
      responses:
        '200': {{content: {{application/json: {{schema: {{type: object}}}}}}}}
        4XX: {{content: {{application/json: {{schema: {{type: object}}}}}}}}
"
    )
}

/// Bodies with one member of this schema, optional and mandatory, alone and in arrays.
fn with_member(schema: &str) -> [String; 4] {
    [
        format!("{{type: object, properties: {{a: {schema}}}}}"),
        format!("{{type: object, required: [a], properties: {{a: {schema}}}}}"),
        format!("{{type: object, required: [a], properties: {{a: {{type: array, items: {schema}}}, b: {schema}}}}}"),
        format!("{{type: object, properties: {{a: {{type: array, items: {{type: array, items: {schema}}}}}}}}}"),
    ]
    .map(|body| contract("/things/{id}", ID, &body))
}

/// Texts of every length and with every kind of list.
pub(crate) fn texts() -> Vec<String> {
    let schemas = [
        "{type: string}",
        "{type: string, minLength: 0, maxLength: 0}",
        "{type: string, maxLength: 1}",
        "{type: string, maxLength: 3}",
        "{type: string, minLength: 10}",
        "{type: string, minLength: 100}",
        "{type: string, minLength: 5, maxLength: 5}",
        "{type: string, minLength: 300, maxLength: 70000}",
        "{type: [string, 'null'], maxLength: 3}",
        "{type: string, enum: [ONE]}",
        "{type: string, enum: ['']}",
        "{type: string, enum: [a, A, ' a', 'a ', aX, '', NO_SUCH_VALUE]}",
        "{type: string, enum: ['1', 'true', \"\\n\", '\u{1f600}', 'quote\"d']}",
        "{type: string, minLength: 3, maxLength: 3, enum: [ONE, TWO]}",
        "{type: [string, 'null'], enum: [ONE, null]}",
    ];
    schemas.into_iter().flat_map(with_member).collect()
}

/// Integers up to the ends of 64 bits.
pub(crate) fn integers() -> Vec<String> {
    let schemas = [
        "{type: integer}",
        "{type: integer, minimum: -9223372036854775808}",
        "{type: integer, minimum: -9223372036854775808, maximum: 9223372036854775807}",
        "{type: integer, maximum: 18446744073709551615}",
        "{type: integer, minimum: 0, maximum: 18446744073709551615}",
        "{type: integer, minimum: 18446744073709551615}",
        "{type: integer, minimum: 10000000000000000000}",
        "{type: integer, maximum: -9223372036854775808}",
        "{type: integer, minimum: 9007199254740993}",
        "{type: integer, minimum: -9223372036854775808, maximum: 3}",
        "{type: integer, minimum: 9223372036854775807, maximum: 9223372036854775807}",
        "{type: integer, minimum: 0, maximum: 0}",
        "{type: integer, minimum: 7, maximum: 7}",
        "{type: integer, minimum: 7, maximum: 8}",
        "{type: integer, maximum: -5}",
        "{type: [integer, 'null'], minimum: 5}",
        "{type: integer, enum: [3]}",
        "{type: integer, enum: [0, 1, 2]}",
        "{type: integer, enum: [-9223372036854775808, 9223372036854775807]}",
        "{type: integer, enum: [18446744073709551615, 18446744073709551614]}",
        "{type: integer, minimum: 1, maximum: 9, enum: [1, 9]}",
    ];
    schemas.into_iter().flat_map(with_member).collect()
}

/// Numbers up to the ends of doubles.
pub(crate) fn numbers() -> Vec<String> {
    let schemas = [
        "{type: number}",
        "{type: number, minimum: 0.5}",
        "{type: number, maximum: 0.25}",
        "{type: number, minimum: 0.7, maximum: 0.9}",
        "{type: number, minimum: 0.1, maximum: 0.2}",
        "{type: number, minimum: 0.5, maximum: 0.5}",
        "{type: number, minimum: 3, maximum: 3}",
        "{type: number, minimum: 7, maximum: 7.25}",
        "{type: number, minimum: -0.0}",
        "{type: number, minimum: 1e-320, maximum: 5e-320}",
        "{type: number, minimum: 1e15, maximum: 1e16}",
        "{type: number, maximum: 9007199254740992}",
        "{type: number, minimum: 9007199254740994}",
        "{type: number, maximum: 100000000000000000000}",
        "{type: number, minimum: -1e21, maximum: 1e21}",
        "{type: number, maximum: 1e308}",
        "{type: number, minimum: 1e308}",
        "{type: number, minimum: -1e308, maximum: 1e308}",
        "{type: number, maximum: 1.7976931348623157e308}",
        "{type: number, minimum: -1.7976931348623157e308, maximum: 1.7976931348623157e308}",
        "{type: number, minimum: 1.7976931348623157e308}",
        "{type: number, maximum: -1e12}",
        "{type: [number, 'null'], minimum: 2.5}",
    ];
    schemas.into_iter().flat_map(with_member).collect()
}

/// Objects and arrays in each other.
pub(crate) fn containers() -> Vec<String> {
    let schemas = [
        "{type: boolean}",
        "{type: object}",
        "{type: object, properties: {}}",
        "{type: [object, 'null'], properties: {x: {type: boolean}}}",
        "{type: object, required: [x], properties: {x: {type: integer, minimum: 1}}}",
        "{type: object, required: [x], properties: {x: {type: object, required: [y], properties: {y: {type: object}}}}}",
        "{type: array, items: {type: object}}",
        "{type: [array, 'null'], items: {type: [string, 'null'], maxLength: 2}}",
        "{type: array, items: {type: array, items: {type: object, required: [x], properties: {x: {type: string}}}}}",
        "{type: array, items: {type: array, items: {type: array, items: {type: integer, maximum: 3}}}}",
        "{type: object, properties: {' ': {type: string}, '0': {type: array, items: {type: boolean}}, '007': {type: string}, 'a/b~c': {type: integer}, 'a.b': {type: boolean}, 'c[]': {type: object}, '\u{e9} \"x\"': {type: string}}}",
        "{type: object, properties: {x: {type: string, format: uuid}, y: {type: string, format: date-time, maxLength: 9}}}",
    ];
    schemas.into_iter().flat_map(with_member).collect()
}

/// Bodies with next to nothing in them.
pub(crate) fn bodies() -> Vec<String> {
    let bodies = [
        "{type: object}",
        "{type: object, properties: {a: {type: boolean}}}",
        "{type: object, required: [a], properties: {a: {type: boolean}}}",
        "{type: object, required: [a], properties: {a: {type: string, enum: [ONE]}}}",
        "{type: object, required: [a, b], properties: {a: {type: string}, b: {type: integer}}}",
        "{type: object, required: [a, b], properties: {a: {type: object}, b: {type: array, items: {type: boolean}}}}",
    ];
    bodies.map(|body| contract("/things", "", body)).into()
}

/// Parameters of the path and in headers.
pub(crate) fn parameters() -> Vec<String> {
    let body = "{type: object, properties: {a: {type: string}}}";
    let path = |schema: &str| format!("{{name: id, in: path, required: true, schema: {schema}}}");
    let header = |rest: &str| format!("{ID}, {{name: X-Key, in: header, {rest}}}");
    let mut contracts: Vec<String> = [
        path("{type: string, minLength: 0, maxLength: 1}"),
        path("{type: string, minLength: 1, maxLength: 1}"),
        path("{type: string, minLength: 2, maxLength: 2}"),
        path("{type: string, minLength: 40}"),
        path("{type: string, maxLength: 8000}"),
        header("schema: {type: string}"),
        header("schema: {type: string, minLength: 0, maxLength: 1}"),
        header("schema: {type: string, minLength: 2, maxLength: 2}"),
        header("required: true, schema: {type: string, minLength: 1}"),
        header("required: true, x-credential: true, schema: {type: string, maxLength: 3}"),
        header("example: abc, schema: {type: string, maxLength: 3}"),
        header("schema: {type: string, maxLength: 60000}"),
    ]
    .map(|parameters| contract("/things/{id}", &parameters, body))
    .into();
    let named = |name: &str| {
        format!("{{name: {name}, in: path, required: true, schema: {{type: string, minLength: 2, maxLength: 5}}}}")
    };
    contracts.push(contract("/a/{one}/b/{two}/{three}", &["one", "two", "three"].map(named).join(", "), body));
    contracts.push(contract("/", "", body));
    contracts
}

/// Answers of every kind, to every method.
pub(crate) fn answers() -> Vec<String> {
    let text = contract("/things", "", "{type: object, properties: {a: {type: string}}}");
    let (success, refusal) = (
        "'200': {content: {application/json: {schema: {type: object}}}}",
        "4XX: {content: {application/json: {schema: {type: object}}}}",
    );
    let schemas = [
        "{type: object, required: [id, n], properties: {id: {type: string, minLength: 9}, n: {type: integer, minimum: 4}}}",
        "{type: array, items: {type: string}}",
        "{type: string, enum: [done]}",
        "{type: object, required: [code], properties: {code: {type: string, maxLength: 6}}}",
        "{type: object, required: [code], properties: {code: {enum: [E1, E2]}, text: {type: string}}}",
        "{type: object, additionalProperties: false, properties: {title: {type: string}}}",
        "{type: object, required: [code], properties: {code: {type: integer}, text: {type: string, maxLength: 1}}}",
        "{type: object, required: [errors], properties: {errors: {type: array, minItems: 1, items: {type: string}}}}, example: {errors: [wrong]}",
        "{}",
    ];
    let answered = schemas.map(|schema| {
        let answer = |status: &str| format!("{status}: {{content: {{application/json: {{schema: {schema}}}}}}}");
        text.replace(success, &answer("'201'")).replace(refusal, &answer("4XX"))
    });
    let methods = ["get", "post", "delete", "patch", "options"];
    answered.into_iter().chain(methods.map(|method| text.replace("    put:", &format!("    {method}:")))).collect()
}
