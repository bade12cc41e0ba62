//! The file of a regression case: TOML, in whose literal strings JSON stands as it is sent, read by people first.
//!
//! A text stands as itself where it can be seen as it is. Where it cannot (control characters, bytes that are no UTF-8,
//! characters that turn the reading direction), it stands in a member whose name ends in `_escaped`, with `\xNN` for a byte
//! and `\\` for a backslash. What is too long for a line is a list of pieces, with nothing between them.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{Expectation, Input, Regression};
use crate::exchange::{Body, Request};
use crate::rule::{Breach, OperationName};
use crate::text::visible::is_plain;

/// A file that is no regression case, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: is no regression case ({why}); restore it, or remove it and promote the input again")]
pub struct RegressionError {
    file: String,
    why: String,
}

/// A longer line is cut into pieces of so many characters, or fewer: a reviewer's screen is wider.
const WIDTH: usize = 110;

const HEAD: &str = "# Replayed by `cargo test --test library regressions`; written by `fencepost promote`.\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    from: String,
    expect: Expectation,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    breaks: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract_escaped: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_escaped: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    choices: Option<Text>,
    /// A table, and so the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestHead>,
}

/// A text that may be long.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Pieces(Vec<String>),
}

/// A request without its body.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestHead {
    method: String,
    path: String,
    /// Each as `Name: value`.
    headers: Vec<String>,
}

impl Regression {
    /// The case in a file's text; `file` stands for the file in messages, and `operation` is the one that there is.
    pub fn from_text(file: &str, text: &str, operation: &OperationName) -> Result<Self, RegressionError> {
        let error = |why: String| RegressionError { file: file.to_owned(), why };
        let read: File = toml::from_str(text).map_err(|other| error(other.message().replace('\n', " ")))?;
        read.case(operation).map_err(error)
    }

    /// The text of its file.
    ///
    /// # Panics
    ///
    /// Never: what a case holds can be written as TOML.
    pub fn to_text(&self) -> String {
        match toml::to_string_pretty(&File::of(self)) {
            Ok(toml) => format!("{HEAD}{toml}"),
            Err(error) => panic!("a regression case that cannot be written as TOML: {error}"),
        }
    }
}

impl File {
    fn of(case: &Regression) -> Self {
        let mut file = Self {
            from: case.from.clone(),
            expect: case.expect,
            breaks: case.breaks.iter().map(Breach::to_string).collect(),
            request: None,
            contract: None,
            contract_escaped: None,
            body: None,
            body_escaped: None,
            choices: None,
        };
        match &case.input {
            Input::Contract(text) => (file.contract, file.contract_escaped) = shown(text.as_bytes()),
            Input::Choices(numbers) => file.choices = Some(written(numbers)),
            Input::Body { bytes, choices } => {
                (file.body, file.body_escaped) = shown(bytes);
                file.choices = choices.as_deref().map(written);
            }
            Input::Request(request) => {
                file.request = Some(RequestHead {
                    method: request.method.clone(),
                    path: request.path.clone(),
                    headers: request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect(),
                });
                if let Some(body) = &request.body {
                    (file.body, file.body_escaped) = shown(body);
                }
            }
        }
        file
    }

    fn case(self, operation: &OperationName) -> Result<Regression, String> {
        let breach = |text: &String| {
            Breach::read(text, operation).map_err(|why| format!("`{text}` in its `breaks` names no rule: {why}"))
        };
        let breaks = self.breaks.iter().map(breach).collect::<Result<_, _>>()?;
        let contract = bytes(self.contract, self.contract_escaped, "contract")?;
        let body = bytes(self.body, self.body_escaped, "body")?;
        let choices = self.choices.map(|text| read(&String::from(text))).transpose()?;
        let input = match (contract, self.request, body, choices) {
            (Some(text), None, None, None) => {
                Input::Contract(String::from_utf8(text).map_err(|_| "its contract is no UTF-8")?)
            }
            (None, None, Some(bytes), choices) => Input::Body { bytes, choices },
            (None, None, None, Some(numbers)) => Input::Choices(numbers),
            (None, Some(head), body, None) => Input::Request(head.with(body)?),
            _ => {
                return Err("give one of `contract`, `body`, `choices` and `request`, or a body with one of the last"
                    .to_owned());
            }
        };
        Ok(Regression { from: self.from, expect: self.expect, breaks, input })
    }
}

impl RequestHead {
    fn with(self, body: Option<Vec<u8>>) -> Result<Request, String> {
        let split = |line: &String| {
            let (name, value) = line.split_once(':').ok_or(format!("`{line}` is no header"))?;
            Ok((name.to_owned(), value.strip_prefix(' ').unwrap_or(value).to_owned()))
        };
        let headers = self.headers.iter().map(split).collect::<Result<_, String>>()?;
        Ok(Request { method: self.method, path: self.path, headers, body: body.map(Body::from) })
    }
}

impl From<String> for Text {
    /// Cut after a comma or a space where there is one, and anywhere else where there is none.
    fn from(text: String) -> Self {
        // Lines have a block of their own.
        if text.contains('\n') || text.chars().count() <= WIDTH {
            return Self::Whole(text);
        }
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((width, _)) = rest.char_indices().nth(WIDTH) {
            let end = rest[..width].rfind([',', ' ']).map_or(width, |last| last + 1);
            pieces.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        pieces.push(rest.to_owned());
        Self::Pieces(pieces)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text {
            Text::Whole(text) => text,
            Text::Pieces(pieces) => pieces.concat(),
        }
    }
}

fn written(numbers: &[u16]) -> Text {
    numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(" ").into()
}

fn read(numbers: &str) -> Result<Vec<u16>, String> {
    numbers.split_whitespace().map(|number| number.parse().map_err(|_| format!("`{number}` is no choice"))).collect()
}

/// A text as itself, or escaped.
fn shown(bytes: &[u8]) -> (Option<Text>, Option<Text>) {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(|character| character == '\n' || is_plain(character)) => {
            (Some(text.to_owned().into()), None)
        }
        _ => (None, Some(escaped(bytes).into())),
    }
}

fn bytes(plain: Option<Text>, escaped: Option<Text>, name: &str) -> Result<Option<Vec<u8>>, String> {
    match (plain.map(String::from), escaped.map(String::from)) {
        (Some(_), Some(_)) => Err(format!("it has both `{name}` and `{name}_escaped`")),
        (Some(text), None) => Ok(Some(text.into_bytes())),
        (None, Some(text)) => unescaped(&text).map(Some).ok_or(format!("`{name}_escaped` has an escape that is none")),
        (None, None) => Ok(None),
    }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => out.push_str("\\\\"),
                plain if is_plain(plain) => out.push(plain),
                hidden => push_escaped(&mut out, hidden.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        push_escaped(&mut out, chunk.invalid());
    }
    out
}

fn push_escaped(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

/// The bytes; nothing where a backslash begins no escape.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend(plain.as_bytes());
        if let Some(after) = escape.strip_prefix('\\') {
            bytes.push(b'\\');
            rest = after;
        } else {
            let digits = escape.strip_prefix('x')?.get(..2)?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &escape[3..];
        }
    }
    bytes.extend(rest.as_bytes());
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation() -> OperationName {
        OperationName::new("PUT", "/things/{id}")
    }

    /// Written and read again, and what a line of the file is.
    #[track_caller]
    fn check(input: Input, line: &str) {
        let breaks = ["body.a[].b maxLength", r#"body["a b"] + query.c interaction"#, "body pattern"];
        let breaks = breaks.map(|text| Breach::read(text, &operation()).expect("it names a rule")).to_vec();
        let case = Regression { from: "a: file\nof #mine".to_owned(), expect: Expectation::Refused, breaks, input };
        let text = case.to_text();
        assert_eq!(Regression::from_text("a.toml", &text, &operation()), Ok(case), "{text}");
        assert!(text.lines().any(|other| other == line), "no line `{line}`: {text}");
    }

    fn body(bytes: &[u8]) -> Input {
        Input::Body { bytes: bytes.to_vec(), choices: None }
    }

    #[test]
    fn a_file_reads_back_as_what_it_was_written_from() {
        check(body(br#"{"a":[{"b":"c"}]}"#), r#"body = '{"a":[{"b":"c"}]}'"#);
        check(body(b"{\n  \"a\": 1\n}\n"), "body = \"\"\"");
        check(body(b""), r#"body = """#);
        check(body("\u{1f600}\u{6f22} it's".as_bytes()), "body = \"\u{1f600}\u{6f22} it's\"");
        check(body(b"{\"a\":\"\xff\\u0000\"}"), r#"body_escaped = '{"a":"\xff\\u0000"}'"#);
        check(body("a\r\n\u{feff}\u{202e}\0".as_bytes()), r"body_escaped = 'a\x0d\x0a\xef\xbb\xbf\xe2\x80\xae\x00'");
        check(body(b"'''\"\"\"\\ "), r#"body = "'''\"\"\"\\ ""#);
        check(Input::Body { bytes: b"{}".to_vec(), choices: Some(vec![1, 65_535]) }, r#"choices = "1 65535""#);
        let long = format!(r#"{{"a":"{}","b":{}1}}"#, "x".repeat(300), " ".repeat(120));
        check(body(long.as_bytes()), &format!("    \"{}\",", "x".repeat(110)));
        check(body(long.replace("xx", "\\").as_bytes()), "body = [");
        check(body(long.replace("xx", "\0").as_bytes()), "body_escaped = [");
        check(Input::Choices(vec![]), r#"choices = """#);
        check(Input::Contract("openapi: 3.1.0\n# end  ".to_owned()), "openapi: 3.1.0");
        let headers = vec![("A".to_owned(), "b: c".to_owned()), ("Empty".to_owned(), String::new())];
        let request = Request { method: "PUT".to_owned(), path: "/a%20b?c".to_owned(), headers, body: None };
        check(Input::Request(request.clone()), r#"path = "/a%20b?c""#);
        check(Input::Request(Request { body: Some(b"[".to_vec().into()), ..request }), r#"body = "[""#);
    }

    #[track_caller]
    fn check_refused(text: &str, why: &str) {
        let error = Regression::from_text("a.toml", text, &operation()).expect_err(text).to_string();
        assert!(error.starts_with("a.toml: is no regression case (") && error.lines().count() == 1, "{error}");
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn what_is_no_case_is_told_in_one_line() {
        check_refused("", "missing field `from`");
        check_refused("from = 'x\n", "invalid");
        check_refused("from = 'x'\nexpect = 'refused'\n", "give one of `contract`");
        check_refused("from = 'x'\nexpect = 'maybe'\nbody = ''\n", "maybe");
        check_refused("from = 'x'\nexpect = 'either'\nbody = ''\nbodi = ''\n", "bodi");
        check_refused(
            "from = 'x'\nexpect = 'refused'\nbreaks = ['nowhere type']\nbody = ''\n",
            "`nowhere type` in its `breaks`",
        );
        check_refused("from = 'x'\nexpect = 'refused'\nbreaks = ['body.a']\nbody = ''\n", "it ends too early");
        let doubled = "from = 'x'\nexpect = 'either'\nbody = ''\nbody_escaped = ''\n";
        check_refused(doubled, "both `body` and `body_escaped`");
        check_refused("from = 'x'\nexpect = 'either'\nbody_escaped = '\\q'\n", "an escape that is none");
        check_refused("from = 'x'\nexpect = 'either'\nbody_escaped = '\\x\u{e9}'\n", "an escape that is none");
        check_refused("from = 'x'\nexpect = 'either'\nchoices = '1 70000'\n", "`70000` is no choice");
        check_refused("from = 'x'\nexpect = 'either'\ncontract = ''\nbody = ''\n", "give one of `contract`");
    }
}
