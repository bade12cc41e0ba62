//! Who says which keyword of one place a value breaks: the validator's errors, read by where they are and what they are about.

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use crate::identity::Keyword;
use crate::text::pointer;

/// A judge of the values of one place.
#[derive(Debug)]
pub(crate) struct NodeJudge {
    strict: Validator,
    /// The same without formats, of which not all readers think alike.
    lenient: Validator,
}

impl NodeJudge {
    /// A judge by a schema that stands by itself; nothing where the validator cannot use it.
    pub(crate) fn by(schema: &Value) -> Option<Self> {
        let strict = jsonschema::draft202012::options().should_validate_formats(true).build(schema).ok()?;
        let lenient = jsonschema::draft202012::new(schema).ok()?;
        Some(Self { strict, lenient })
    }

    /// Whether a value breaks nothing.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.strict.is_valid(value)
    }

    /// The keyword that a value breaks first, as the validator calls it, and its words for that.
    pub(crate) fn objection(&self, value: &Value) -> Option<(String, String)> {
        let error = self.strict.iter_errors(value).next()?;
        Some((error.kind().keyword().to_owned(), error.masked().to_string()))
    }

    /// Whether a value breaks something whatever formats mean.
    pub(crate) fn surely_refuses(&self, value: &Value) -> bool {
        !self.lenient.is_valid(value)
    }

    /// What a value breaks, by the last step to each keyword in the schema; nothing where it breaks something in its parts.
    pub(crate) fn broken_of_the_whole(&self, value: &Value) -> Option<Vec<String>> {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let errors = self.strict.iter_errors(value);
        let broken = |error: jsonschema::ValidationError<'_>| {
            error.instance_path().as_str().is_empty().then(|| name(error.schema_path().as_str()))
        };
        errors.map(broken).collect()
    }

    /// Whether a value breaks nothing but that it keeps more than one of several branches.
    pub(crate) fn keeps_several(&self, value: &Value) -> bool {
        let mut errors = self.strict.iter_errors(value).peekable();
        errors.peek().is_some()
            && errors.all(|error| matches!(error.kind(), ValidationErrorKind::OneOfMultipleValid { .. }))
    }

    /// Whether a value breaks something, and a function says of all that it breaks, by where and what that is, that it is it. A
    /// member that is missing is broken where it would be.
    pub(crate) fn breaks_only_where(&self, value: &Value, is_it: &dyn Fn(&str, &str) -> bool) -> bool {
        let mut errors = self.strict.iter_errors(value).peekable();
        errors.peek().is_some()
            && errors.all(|error| {
                let keyword = error.kind().keyword();
                let at = error.instance_path().as_str();
                match error.kind() {
                    ValidationErrorKind::Required { property } => {
                        is_it(&pointer::below(at, property.as_str().unwrap_or_default()), keyword)
                    }
                    _ => is_it(at, keyword),
                }
            })
    }

    /// Whether a value breaks what goes by these names, and nothing else.
    pub(crate) fn breaks_only(&self, value: &Value, names: &[&str]) -> bool {
        let mut is_broken = false;
        for error in self.strict.iter_errors(value) {
            // What `then` or `dependentRequired` demands is told as a keyword of its own.
            let is_named = names.contains(&error.kind().keyword())
                || error.schema_path().as_str().split('/').any(|step| names.contains(&step));
            // What is demanded in parts of the value is still said by this keyword.
            let is_deep = [
                Keyword::PrefixItems.as_str(),
                Keyword::Items.as_str(),
                Keyword::DependentSchemas.as_str(),
                "then",
                "patternProperties",
            ];
            let is_deep = is_deep.iter().any(|name| names.contains(name));
            let is_here = error.instance_path().as_str().is_empty() || is_deep;
            if !is_here || !is_named {
                return false;
            }
            is_broken = true;
        }
        is_broken
    }
}
