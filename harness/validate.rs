//! Judges bodies: the `jsonschema` crate over the contract's own schema, its errors told as places and keywords.
//!
//! The probes never ask it, and it knows nothing of them; tests hold the two against each other.

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::contract::Operation;
use crate::rule::Keyword;
use crate::text::pointer;

/// One rule that a body breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `body.sub_tasks[].progress`.
    pub place: String,
    /// What about.
    pub keyword: Keyword,
    /// The numbers of the elements on the way there, outermost first.
    pub indices: Vec<usize>,
    /// The validator's own words.
    pub message: String,
}

/// A compiled judge of bodies.
#[derive(Debug)]
pub struct Judge {
    validator: Validator,
}

impl Judge {
    /// A judge by the contract as it stands.
    pub fn new(operation: &Operation) -> Self {
        Self::by(&operation.body.schema)
    }

    /// A judge by another schema of the same shape.
    ///
    /// # Panics
    ///
    /// When the schema does not compile; a contract's own was compiled when it was loaded.
    pub fn by(schema: &Value) -> Self {
        match jsonschema::draft202012::new(schema) {
            Ok(validator) => Self { validator },
            Err(error) => panic!("a schema derived from a loaded contract does not compile: {error}"),
        }
    }

    /// Whether the body breaks nothing.
    pub fn accepts(&self, body: &Value) -> bool {
        self.validator.is_valid(body)
    }

    /// Every rule that the body breaks.
    ///
    /// A value of the wrong type breaks its place's type alone, and a value outside an `enum` the `enum` alone: what else
    /// the validator says of the same value cannot be broken by itself.
    pub fn violations(&self, body: &Value) -> Vec<Violation> {
        let mut found = self.every_error(body);
        let overruled = |violation: &Violation| {
            let keyword = violation.keyword;
            found.iter().any(|other| {
                other.place == violation.place
                    && other.indices == violation.indices
                    && match other.keyword {
                        Keyword::Type | Keyword::Null => !matches!(keyword, Keyword::Type | Keyword::Null),
                        Keyword::Enum => matches!(
                            keyword,
                            Keyword::Minimum | Keyword::Maximum | Keyword::MinLength | Keyword::MaxLength
                        ),
                        _ => false,
                    }
            })
        };
        let kept: Vec<bool> = found.iter().map(|violation| !overruled(violation)).collect();
        let mut kept = kept.into_iter();
        found.retain(|_| kept.next().unwrap_or(true));
        found
    }

    fn every_error(&self, body: &Value) -> Vec<Violation> {
        self.validator
            .iter_errors(body)
            .map(|error| {
                let (mut place, indices, is_member) = place_of(error.instance_path().as_str(), body);
                let keyword = match error.kind() {
                    ValidationErrorKind::Required { property } => {
                        place = format!("{place}.{}", property.as_str().unwrap_or_default());
                        Keyword::Required
                    }
                    // A member's null is a rule of its own; an element's, or the body's, is of the wrong type.
                    ValidationErrorKind::Type { .. } if error.instance().is_null() && is_member => Keyword::Null,
                    ValidationErrorKind::AdditionalProperties { .. } => Keyword::UnknownMember,
                    kind => kind.keyword().parse().unwrap_or(Keyword::Type),
                };
                Violation { place, keyword, indices, message: error.masked().to_string() }
            })
            .collect()
    }
}

/// The place that a JSON pointer leads to in a body, the numbers of the elements on the way, and whether it is a member of
/// an object. Only the body tells a member called `7` from the eighth element.
fn place_of(pointer: &str, body: &Value) -> (String, Vec<usize>, bool) {
    let mut place = "body".to_owned();
    let mut indices = Vec::new();
    let mut is_member = false;
    let mut value = body;
    for step in pointer.split('/').skip(1) {
        is_member = value.is_object();
        if let (Value::Array(elements), Ok(index)) = (value, step.parse::<usize>()) {
            place.push_str("[]");
            indices.push(index);
            value = elements.get(index).unwrap_or(&Value::Null);
        } else {
            let name = pointer::unescaped(step);
            place.push('.');
            place.push_str(&name);
            value = &value[name];
        }
    }
    (place, indices, is_member)
}
