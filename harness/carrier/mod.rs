//! Carriers: what turns a value into the part of a request that is no JSON body, and back.
//!
//! A style has one row in the table. The writer makes texts by it, the reader says what they may mean; what is sent, and
//! whether that is legal, others decide: nothing here knows a schema or a rule.

mod body;
mod multipart;
mod path;
mod read;
mod table;
mod write;

pub(crate) use body::{bytes, has_form, is_sure, lenient, members, reads_back, whole};
pub(crate) use multipart::BOUNDARY;
pub use path::path_names;
pub(crate) use path::{holes, specificity};
pub(crate) use read::{Sent, delimited};
pub(crate) use table::{fits, usual};
pub(crate) use write::{Place, Written, is_sendable};

use crate::contract::Parameter;

impl<'a> Place<'a> {
    /// Where a parameter stands.
    pub(crate) fn of(parameter: &'a Parameter) -> Self {
        Self { location: parameter.location, name: &parameter.name, style: parameter.style }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::contract::{Holds, ParameterIn, Style, StyleName};

    fn place(location: ParameterIn, name: StyleName, explode: bool, value: &Value) -> Place<'static> {
        let holds = match value {
            Value::Array(_) => Holds::Array,
            Value::Object(_) => Holds::Object,
            _ => Holds::One,
        };
        Place { location, name: "color", style: Style { name, explode, holds } }
    }

    /// The table of the specification, as RFC 6570 has it.
    #[test]
    fn values_are_written_as_the_specification_has_them_and_read_back() {
        use ParameterIn::{Cookie, Header, Path, Query};
        let one = json!("blue");
        let list = json!(["blue", "black", "brown"]);
        let object = json!({"R": 100, "G": 200, "B": 150});
        for (location, style, explode, value, wanted, is_sure) in [
            (Path, StyleName::Simple, false, &one, "blue", true),
            (Path, StyleName::Simple, false, &list, "blue,black,brown", true),
            (Path, StyleName::Simple, true, &list, "blue,black,brown", true),
            (Path, StyleName::Simple, false, &object, "R,100,G,200,B,150", true),
            (Path, StyleName::Simple, true, &object, "R=100,G=200,B=150", true),
            (Path, StyleName::Label, false, &one, ".blue", true),
            (Path, StyleName::Label, false, &list, ".blue,black,brown", false),
            (Path, StyleName::Label, true, &list, ".blue.black.brown", true),
            (Path, StyleName::Label, false, &object, ".R,100,G,200,B,150", false),
            (Path, StyleName::Label, true, &object, ".R=100.G=200.B=150", true),
            (Path, StyleName::Matrix, false, &one, ";color=blue", true),
            (Path, StyleName::Matrix, false, &list, ";color=blue,black,brown", true),
            (Path, StyleName::Matrix, true, &list, ";color=blue;color=black;color=brown", true),
            (Path, StyleName::Matrix, false, &object, ";color=R,100,G,200,B,150", true),
            (Path, StyleName::Matrix, true, &object, ";R=100;G=200;B=150", true),
            (Query, StyleName::Form, false, &one, "color=blue", true),
            (Query, StyleName::Form, false, &list, "color=blue,black,brown", true),
            (Query, StyleName::Form, true, &list, "color=blue&color=black&color=brown", true),
            (Query, StyleName::Form, false, &object, "color=R,100,G,200,B,150", true),
            (Query, StyleName::Form, true, &object, "R=100&G=200&B=150", true),
            (Query, StyleName::SpaceDelimited, false, &list, "color=blue%20black%20brown", true),
            (Query, StyleName::SpaceDelimited, false, &object, "color=R%20100%20G%20200%20B%20150", true),
            (Query, StyleName::SpaceDelimited, true, &list, "color=blue&color=black&color=brown", false),
            (Query, StyleName::PipeDelimited, false, &list, "color=blue%7Cblack%7Cbrown", true),
            (Query, StyleName::PipeDelimited, false, &object, "color=R%7C100%7CG%7C200%7CB%7C150", true),
            (Query, StyleName::DeepObject, true, &object, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150", true),
            (Query, StyleName::DeepObject, false, &object, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150", true),
            (Header, StyleName::Simple, false, &one, "blue", true),
            (Header, StyleName::Simple, false, &list, "blue,black,brown", true),
            (Header, StyleName::Simple, true, &object, "R=100,G=200,B=150", true),
            (Cookie, StyleName::Form, true, &one, "color=blue", true),
            (Cookie, StyleName::Form, true, &list, "color=blue; color=black; color=brown", false),
            (Cookie, StyleName::Form, false, &list, "color=blue,black,brown", false),
            (Cookie, StyleName::Form, false, &object, "color=R,100,G,200,B,150", false),
        ] {
            let place = place(location, style, explode, value);
            let written = place.write(value).unwrap_or_else(|| panic!("{location} {style} {explode} {value}"));
            let placed = place.placed(&written.text);
            assert_eq!((placed.as_str(), written.is_sure), (wanted, is_sure), "{location} {style} {explode} {value}");
            assert!(place.readings(&written.text).contains(value), "{location} {style} {explode} {value}");
        }
    }

    #[test]
    fn what_has_no_form_is_not_written_and_what_has_a_doubtful_one_is_called_so() {
        use ParameterIn::{Cookie, Query};
        let written = |location, style, explode, value: &Value| {
            place(location, style, explode, value).write(value).map(|written| (written.text, written.is_sure))
        };
        let unsure = |text: &str| Some((text.to_owned(), false));
        assert_eq!(written(Query, StyleName::Form, true, &json!([])), None);
        assert_eq!(written(Query, StyleName::Form, true, &json!([[1]])), None);
        assert_eq!(written(Query, StyleName::Form, true, &json!([null])), None);
        assert_eq!(
            written(Query, StyleName::DeepObject, true, &json!([1, 2])),
            unsure("color%5B0%5D=1&color%5B1%5D=2")
        );
        assert_eq!(written(Query, StyleName::Simple, true, &json!("a")).map(|(text, _)| text), Some("a".to_owned()));
        // Many servers decode before they split.
        assert_eq!(written(Query, StyleName::Form, false, &json!(["a,b", "c"])), unsure("color=a%2Cb,c"));
        assert_eq!(written(Query, StyleName::Form, true, &json!(["a,b"])), Some(("color=a%2Cb".to_owned(), true)));
        assert_eq!(written(Query, StyleName::SpaceDelimited, false, &json!(["a b", "c"])), unsure("color=a%20b%20c"));
        assert_eq!(written(Query, StyleName::Form, true, &json!(["", "c"])), unsure("color=&color=c"));
        assert_eq!(
            written(Query, StyleName::DeepObject, true, &json!({"a": {"b": [1]}})),
            unsure("color%5Ba%5D%5Bb%5D%5B0%5D=1")
        );
        assert_eq!(written(Cookie, StyleName::Form, true, &json!([1])), Some(("color=1".to_owned(), true)));
    }
}
