//! Reads JSON that others wrote: whatever RFC 8259 allows is read, also where `serde_json::Value` cannot hold it.
//!
//! A number beyond a double, half a surrogate pair, a value too deep for a stack: something like it stands in its place, and
//! the place is remembered, so that nobody is blamed for what is only ours.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::identity::Keyword;

/// Deeper values are not looked into.
const MOST_DEPTH: usize = 100;

/// A JSON text, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its value, as far as it can be held.
    pub value: Value,
    /// Where something else stands for what it holds.
    pub gaps: Vec<Gap>,
}

/// A place where something else stands for what the text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The JSON pointer to it.
    pub pointer: String,
    /// What could not be held.
    pub kind: GapKind,
}

/// What could not be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapKind {
    /// A number; the greatest double, or the least, stands for it.
    Number,
    /// Half a surrogate pair; U+FFFD stands for it.
    Text,
    /// An array or an object; an empty one stands for it.
    Depth,
}

impl GapKind {
    /// What it is, in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "a number beyond the range of a double",
            Self::Text => "half a surrogate pair",
            Self::Depth => "values nested more than 100 deep",
        }
    }

    /// Whether what a schema says of the value there, or of anything around it, holds for the real one too.
    fn is_sure(self, keyword: &str) -> bool {
        use Keyword::{ExclusiveMaximum, ExclusiveMinimum, MaxLength, Maximum, MinLength, Minimum, Type};
        let sure: &[Keyword] = match self {
            Self::Number => &[Type, Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum],
            Self::Text => &[Type, MinLength, MaxLength],
            Self::Depth => &[Type],
        };
        is_one_of(sure, keyword)
    }
}

/// What is said of a container as such, whatever its members hold.
const SIZES: [Keyword; 6] = [
    Keyword::Required,
    Keyword::MinItems,
    Keyword::MaxItems,
    Keyword::MinProperties,
    Keyword::MaxProperties,
    Keyword::Type,
];

fn is_one_of(keywords: &[Keyword], written: &str) -> bool {
    keywords.iter().any(|keyword| keyword.as_str() == written)
}

impl Document {
    /// What makes it uncertain that the value at `pointer` breaks a keyword of its schema; nothing where that is certain.
    pub fn doubt(&self, pointer: &str, keyword: &str) -> Option<GapKind> {
        self.gaps.iter().find_map(|gap| {
            let below = gap.pointer.strip_prefix(pointer)?;
            let doubtful = if below.is_empty() {
                !gap.kind.is_sure(keyword)
            } else {
                below.starts_with('/') && !is_one_of(&SIZES, keyword)
            };
            doubtful.then_some(gap.kind)
        })
    }
}

/// Whether it holds more values than that, if it is JSON. A tree of values takes many times the memory of its text.
pub fn has_more_values_than(most: usize, bytes: &[u8]) -> bool {
    let (mut values, mut in_text, mut is_escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if in_text => {
                in_text = is_escaped || *byte != b'"';
                is_escaped = !is_escaped && *byte == b'\\';
            }
            b'"' => in_text = true,
            // Each value but the first in each container has one before it.
            b'[' | b'{' | b',' => values += 1,
            _ => {}
        }
    }
    values > most
}

/// Whether it is JSON, whatever it holds.
pub fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// The text's value; nothing where it is no JSON. A byte-order mark before it is left out, as RFC 8259 lets readers do.
pub fn read(bytes: &[u8]) -> Option<Document> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Some(Document { value, gaps: Vec::new() });
    }
    let text = std::str::from_utf8(bytes).ok()?;
    // This looks at the grammar alone, and needs no stack.
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let text = shallow(text);
    let mut reader = Reader { path: Vec::new(), gaps: Vec::new() };
    let value = match serde_json::from_str(&text) {
        Ok(value) => {
            reader.note_depths(&value);
            value
        }
        Err(_) => reader.value(text.trim_matches([' ', '\t', '\n', '\r']))?,
    };
    Some(Document { value, gaps: reader.gaps })
}

/// The same JSON, but for what stands in containers that are too deep: each level is read anew, so that a text that is nothing
/// but levels would be read a hundred times.
fn shallow(text: &str) -> String {
    let mut kept = String::new();
    let (mut depth, mut in_text, mut is_escaped, mut from) = (0_usize, false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if in_text => {
                in_text = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
            }
            b'"' => in_text = true,
            b'[' | b'{' => {
                if depth == MOST_DEPTH {
                    kept.push_str(&text[from..=at]);
                }
                depth += 1;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == MOST_DEPTH {
                    from = at;
                }
            }
            _ => {}
        }
    }
    kept.push_str(&text[from..]);
    kept
}

struct Reader {
    path: Vec<String>,
    gaps: Vec<Gap>,
}

impl Reader {
    fn value(&mut self, text: &str) -> Option<Value> {
        match text.as_bytes().first()? {
            b'{' if self.path.len() >= MOST_DEPTH => Some(self.gap(GapKind::Depth, Value::Object(Map::new()))),
            b'[' if self.path.len() >= MOST_DEPTH => Some(self.gap(GapKind::Depth, Value::Array(Vec::new()))),
            b'{' => self.object(text),
            b'[' => self.array(text),
            b'"' => self.text(text),
            b'-' | b'0'..=b'9' => Some(self.number(text)),
            _ => serde_json::from_str(text).ok(),
        }
    }

    /// Notes the containers of a value that are too deep to be looked into.
    fn note_depths(&mut self, value: &Value) {
        let is_container = value.is_array() || value.is_object();
        if is_container && self.path.len() >= MOST_DEPTH {
            self.gap(GapKind::Depth, Value::Null);
            return;
        }
        let (elements, members) = (value.as_array(), value.as_object());
        let elements = elements.into_iter().flatten().enumerate().map(|(index, element)| (index.to_string(), element));
        let members = members.into_iter().flatten().map(|(name, member)| (escaped(name), member));
        for (step, value) in elements.chain(members) {
            self.path.push(step);
            self.note_depths(value);
            self.path.pop();
        }
    }

    fn gap(&mut self, kind: GapKind, value: Value) -> Value {
        let pointer = self.path.iter().flat_map(|step| ["/", step.as_str()]).collect();
        self.gaps.push(Gap { pointer, kind });
        value
    }

    fn below(&mut self, step: String, text: &str) -> Option<Value> {
        self.path.push(step);
        let value = self.value(text);
        self.path.pop();
        value
    }

    fn object(&mut self, text: &str) -> Option<Value> {
        let Members(members) = serde_json::from_str(text).ok()?;
        let mut object = Map::new();
        for (name, text) in members {
            let (name, is_whole) = name.into_text()?;
            if !is_whole {
                self.gap(GapKind::Text, Value::Null);
            }
            let value = self.below(escaped(&name), text.get())?;
            object.insert(name, value);
        }
        Some(Value::Object(object))
    }

    fn array(&mut self, text: &str) -> Option<Value> {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        let values = elements.into_iter().enumerate().map(|(index, text)| self.below(index.to_string(), text.get()));
        values.collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn text(&mut self, text: &str) -> Option<Value> {
        let (text, is_whole) = serde_json::from_str::<Spelt>(text).ok()?.into_text()?;
        let value = Value::String(text);
        Some(if is_whole { value } else { self.gap(GapKind::Text, value) })
    }

    fn number(&mut self, text: &str) -> Value {
        match serde_json::from_str::<Number>(text) {
            Ok(number) => Value::Number(number),
            Err(_) => self.gap(GapKind::Number, Value::from(if text.starts_with('-') { f64::MIN } else { f64::MAX })),
        }
    }
}

/// A name as a step of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The members of an object as they are written.
struct Members<'a>(Vec<(Spelt, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// A string in UTF-8, but for half surrogate pairs, which stand in it as if they were characters.
struct Spelt(Vec<u8>);

impl Spelt {
    /// The text with U+FFFD for each half, and whether there was none.
    fn into_text(self) -> Option<(String, bool)> {
        let mut bytes = self.0;
        let mut is_whole = true;
        for start in 0..bytes.len().saturating_sub(2) {
            if bytes[start] == 0xed && bytes[start + 1] >= 0xa0 {
                bytes[start..start + 3].copy_from_slice("\u{fffd}".as_bytes());
                is_whole = false;
            }
        }
        Some((String::from_utf8(bytes).ok()?, is_whole))
    }
}

impl<'de> Deserialize<'de> for Spelt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Spelt;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Spelt, E> {
                Ok(Spelt(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, value: &Value, gaps: &[(&str, GapKind)]) {
        let document = read(text.as_bytes()).unwrap_or_else(|| panic!("{text} is JSON"));
        assert_eq!(document.value, *value, "{text}");
        let found: Vec<(&str, GapKind)> = document.gaps.iter().map(|gap| (gap.pointer.as_str(), gap.kind)).collect();
        assert_eq!(found, gaps, "{text}");
    }

    #[test]
    fn whatever_the_standard_allows_is_read() {
        check(" {\"a\" : [1, 2.5, null]} \n", &json!({"a": [1, 2.5, null]}), &[]);
        check("\u{feff}{}", &json!({}), &[]);
        check("{\"a\":1,\"a\":2}", &json!({"a": 2}), &[]);
        check(
            &format!(" {{\"a/b\" : {} , \"c\":[ -1e999 , 1E400, 3]}} ", "9".repeat(400)),
            &json!({"a/b": f64::MAX, "c": [f64::MIN, f64::MAX, 3]}),
            &[("/a~1b", GapKind::Number), ("/c/0", GapKind::Number), ("/c/1", GapKind::Number)],
        );
        check(
            r#"["\ud800", "a\udfffb\ud83d\ude00\u00e9", "\ud800\n\ud83d", "é\ue000"]"#,
            &json!(["\u{fffd}", "a\u{fffd}b\u{1f600}é", "\u{fffd}\n\u{fffd}", "é\u{e000}"]),
            &[("/0", GapKind::Text), ("/1", GapKind::Text), ("/2", GapKind::Text)],
        );
        check(
            r#"{"x":{"\udc00":true,"y":1e999}}"#,
            &json!({"x": {"\u{fffd}": true, "y": f64::MAX}}),
            &[("/x", GapKind::Text), ("/x/y", GapKind::Number)],
        );
    }

    #[test]
    fn any_depth_is_read_and_none_overflows_the_stack() {
        for depth in [127, 128, 500, 100_000] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let text = format!("{{\"deep\":{}1{},\"id\":7}}", open.repeat(depth), close.repeat(depth));
                let document = read(text.as_bytes()).unwrap_or_else(|| panic!("{depth} times {open}"));
                assert_eq!(document.value["id"], 7, "{depth}");
                let is_deep = document.gaps.iter().all(|gap| gap.kind == GapKind::Depth);
                assert!(is_deep && document.gaps.len() == usize::from(depth > 126), "{depth}: {:?}", document.gaps);
            }
        }
    }

    #[test]
    fn what_stands_deep_is_left_out_and_what_stands_beside_it_is_kept() {
        let nested = |count: usize, inner: &str| format!("{}{inner}{}", "[".repeat(count), "]".repeat(count));
        let text = format!("[{},{},\"]\\\"[\",{{\"a\":1e999}}]", nested(99, "[[1,\"]\"],{}],[2]"), nested(300, ""));
        let document = read(text.as_bytes()).expect("JSON");
        assert_eq!(document.value[2], json!("]\"["));
        assert_eq!(document.value[3]["a"], json!(f64::MAX));
        let gaps: Vec<(usize, GapKind)> =
            document.gaps.iter().map(|gap| (gap.pointer.matches('/').count(), gap.kind)).collect();
        let deep = (100, GapKind::Depth);
        assert_eq!(gaps, [deep, deep, deep, (2, GapKind::Number)]);
    }

    #[test]
    fn what_is_no_json_is_not_read() {
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(4_999));
        for text in
            ["", " ", "{", "{\"a\":1,}", "NaN", "1e", "01", "'a'", "\"\n\"", "\"\\x\"", "[1] 2", "1e999,", &deep]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert_eq!(read(b"\"\xff\""), None);
        assert_eq!(read(b"[1e999,\"\xff\"]"), None);
        assert_eq!(read(b"\xfe\xff\0{\0}"), None);
    }

    #[test]
    fn what_a_stand_in_cannot_show_is_doubtful() {
        let text = format!("{{\"n\":[1e999],\"t\":\"\\ud800\",\"d\":{}1{}}}", "[".repeat(200), "]".repeat(200));
        let document = read(text.as_bytes()).expect("JSON");
        for (pointer, keyword, doubt) in [
            ("/n/0", "maximum", None),
            ("/n/0", "multipleOf", Some(GapKind::Number)),
            ("/n", "uniqueItems", Some(GapKind::Number)),
            ("/n", "maxItems", None),
            ("/t", "pattern", Some(GapKind::Text)),
            ("/t", "maxLength", None),
            ("", "oneOf", Some(GapKind::Number)),
            ("", "required", None),
            ("/d", "oneOf", Some(GapKind::Depth)),
            ("/x", "pattern", None),
        ] {
            assert_eq!(document.doubt(pointer, keyword), doubt, "{pointer} {keyword}");
        }
    }
}
