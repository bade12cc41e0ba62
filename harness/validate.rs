//! Judges bodies: the `jsonschema` crate over the contract's own schema, its errors told as places and keywords.
//!
//! The probes never ask it, and it knows nothing of them; tests hold the two against each other.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::contract::Operation;
pub use crate::rule::Broken;
use crate::rule::{Keyword, OperationName, Part, Site, Step};
use crate::text::pointer;

/// One thing that a body breaks, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `body.sub_tasks[].progress`.
    pub place: Site,
    /// What about.
    pub broken: Broken,
    /// The numbers of the elements on the way there, outermost first.
    pub indices: Vec<usize>,
    /// Whether it keeps several branches of which one must be kept, rather than none.
    pub keeps_several: bool,
    /// The validator's own words.
    pub message: String,
}

/// A compiled judge of bodies.
#[derive(Debug)]
pub struct Judge {
    operation: OperationName,
    validator: Validator,
    /// The same without formats, where these are looked at: not all readers think alike of them.
    lenient: Option<Validator>,
}

impl Judge {
    /// A judge by the contract as it stands.
    pub fn new(operation: &Operation) -> Self {
        if operation.is_open {
            // What an open contract says of formats is respected, too.
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            if let Ok(validator) = options.build(&operation.body.schema) {
                let lenient = jsonschema::draft202012::new(&operation.body.schema).ok();
                return Self { operation: operation.name().clone(), validator, lenient };
            }
        }
        Self::by(operation.name(), &operation.body.schema)
    }

    /// A judge by another schema of the same shape.
    ///
    /// # Panics
    ///
    /// When the schema does not compile; a contract's own was compiled when it was loaded.
    pub fn by(operation: &OperationName, schema: &Value) -> Self {
        match jsonschema::draft202012::new(schema) {
            Ok(validator) => Self { operation: operation.clone(), validator, lenient: None },
            Err(error) => panic!("a schema derived from a loaded contract does not compile: {error}"),
        }
    }

    /// The operation whose bodies are judged.
    pub fn operation(&self) -> &OperationName {
        &self.operation
    }

    /// Whether the body breaks nothing.
    pub fn accepts(&self, body: &Value) -> bool {
        self.validator.is_valid(body)
    }

    /// Whether the body breaks something whatever formats mean.
    pub(crate) fn surely_refuses(&self, body: &Value) -> bool {
        !self.lenient.as_ref().unwrap_or(&self.validator).is_valid(body)
    }

    /// Everything that the body breaks; nothing exactly where the body is accepted.
    ///
    /// A value of the wrong type breaks its place's type alone, and a value outside an `enum` the `enum` alone: what else
    /// the validator says of the same value cannot be broken by itself.
    pub fn violations(&self, body: &Value) -> Vec<Violation> {
        let mut found = self.every_error(body);
        let overruled = |violation: &Violation| {
            let keyword = violation.broken.rule();
            found.iter().any(|other| {
                other.place == violation.place
                    && other.indices == violation.indices
                    && match other.broken.rule() {
                        Some(Keyword::Type | Keyword::Null) => !matches!(keyword, Some(Keyword::Type | Keyword::Null)),
                        Some(Keyword::Enum) => matches!(
                            keyword,
                            Some(Keyword::Minimum | Keyword::Maximum | Keyword::MinLength | Keyword::MaxLength)
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

    /// Where the first thing that is broken stands; nothing where nothing is.
    pub(crate) fn first_error(&self, body: &Value) -> Option<Vec<Step>> {
        let error = self.validator.iter_errors(body).next()?;
        let mut node = node_of(error.instance_path().as_str(), body).0;
        Way::of(error.evaluation_path().as_str()).name_steps(&mut node);
        Some(node)
    }

    /// The first thing that a body breaks and that does not pass. What breaks no branch but by what passes does not break the
    /// branches.
    pub(crate) fn objection(&self, body: &Value, passes: &dyn Fn(&Violation) -> bool) -> Option<Violation> {
        self.errors(body).find_map(|error| self.not_passing(&error, body, passes))
    }

    fn not_passing(
        &self,
        error: &ValidationError<'_>,
        body: &Value,
        passes: &dyn Fn(&Violation) -> bool,
    ) -> Option<Violation> {
        let violation = self.violation(error, body);
        let branches = branches_of(error);
        let passes_in = |errors: &Vec<ValidationError<'static>>| {
            errors.iter().all(|error| self.not_passing(error, body, passes).is_none())
        };
        (!passes(&violation) && !branches.iter().any(passes_in)).then_some(violation)
    }

    /// Everything that the body breaks, and all that keeps it from each branch that it does not keep.
    pub(crate) fn all_violations(&self, body: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        for error in self.errors(body) {
            self.gather(&error, body, &mut found);
        }
        found
    }

    fn gather(&self, error: &ValidationError<'_>, body: &Value, found: &mut Vec<Violation>) {
        found.push(self.violation(error, body));
        for error in branches_of(error).iter().flatten() {
            self.gather(error, body, found);
        }
    }

    fn every_error(&self, body: &Value) -> Vec<Violation> {
        self.errors(body).map(|error| self.violation(&error, body)).collect()
    }

    /// What the validator says, but for what only follows from the rest: of a value that is wrong elsewhere nothing is known to
    /// be evaluated.
    fn errors<'b>(&'b self, body: &'b Value) -> impl Iterator<Item = ValidationError<'b>> {
        let is_elsewhere = |other: &ValidationError<'_>, path: &str| {
            let rest = other.instance_path().as_str().strip_prefix(path);
            !is_of_the_unevaluated(other) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let follows = move |error: &ValidationError<'_>| {
            let path = error.instance_path();
            is_of_the_unevaluated(error)
                && self.validator.iter_errors(body).any(|other| is_elsewhere(&other, path.as_str()))
        };
        self.validator.iter_errors(body).filter(move |error| !follows(error))
    }

    fn violation(&self, error: &ValidationError<'_>, body: &Value) -> Violation {
        let (mut node, indices, is_member) = node_of(error.instance_path().as_str(), body);
        let way = Way::of(error.evaluation_path().as_str());
        way.name_steps(&mut node);
        let mut steps = error.schema_path().as_str().rsplit('/');
        let (here, around) = (steps.next(), steps.next());
        let broken = match error.kind() {
            // A demand that another member makes, or a schema that holds where another does.
            ValidationErrorKind::Required { .. } if here == Some("dependentRequired") => {
                Broken::Rule(Keyword::DependentRequired)
            }
            _ if way.dependent.is_some() => {
                node.truncate(way.dependent.unwrap_or_default());
                Broken::Rule(Keyword::DependentSchemas)
            }
            ValidationErrorKind::Required { .. } if matches!(around, Some("then" | "else")) => {
                Broken::Rule(Keyword::If)
            }
            ValidationErrorKind::Required { property } => {
                node.push(Step::member(property.as_str().unwrap_or_default()));
                Broken::Rule(Keyword::Required)
            }
            // A member's null is a rule of its own; an element's, or the body's, is of the wrong type.
            ValidationErrorKind::Type { .. } if error.instance().is_null() && is_member => Broken::Rule(Keyword::Null),
            ValidationErrorKind::AdditionalProperties { .. } | ValidationErrorKind::UnevaluatedProperties { .. } => {
                Broken::Rule(Keyword::UnknownMember)
            }
            ValidationErrorKind::Contains => match here {
                Some("minContains") => Broken::Rule(Keyword::MinContains),
                Some("maxContains") => Broken::Rule(Keyword::MaxContains),
                _ => Broken::Rule(Keyword::Contains),
            },
            ValidationErrorKind::FalseSchema if here == Some("items") => {
                node.pop();
                Broken::Rule(Keyword::Items)
            }
            ValidationErrorKind::FalseSchema if matches!(around, Some("properties" | "patternProperties")) => {
                node.pop();
                Broken::Rule(Keyword::UnknownMember)
            }
            ValidationErrorKind::UnevaluatedItems { .. } => Broken::Rule(Keyword::Items),
            ValidationErrorKind::Not { .. } => Broken::Rule(Keyword::Not),
            kind => named(kind.keyword()),
        };
        let place = Site::new(&self.operation, Part::Body, node);
        let keeps_several = matches!(error.kind(), ValidationErrorKind::OneOfMultipleValid { .. });
        Violation { place, broken, indices, keeps_several, message: error.masked().to_string() }
    }
}

fn is_of_the_unevaluated(error: &ValidationError<'_>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::UnevaluatedProperties { .. } | ValidationErrorKind::UnevaluatedItems { .. }
    )
}

/// What keeps a value from each branch, where it keeps none.
fn branches_of<'e>(error: &'e ValidationError<'_>) -> &'e [Vec<ValidationError<'static>>] {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => context,
        _ => &[],
    }
}

/// What the way through a schema tells of the way through a value.
#[derive(Default)]
struct Way {
    /// Patterns of names and numbers of elements that have schemas of their own, and how deep in the value each stands.
    steps: Vec<(usize, Step)>,
    /// How deep the object stands of which one member makes a schema hold that is broken.
    dependent: Option<usize>,
}

impl Way {
    fn of(path: &str) -> Self {
        let (mut way, mut depth) = (Self::default(), 0);
        let mut steps = path.split('/').skip(1).peekable();
        while let Some(keyword) = steps.next() {
            // What is said at the end of the way is about the value where it ends.
            let Some(next) = steps.peek().copied() else { break };
            match keyword {
                "patternProperties" => {
                    way.steps.push((depth, Step::Pattern(pointer::unescaped(next).into())));
                    depth += 1;
                    steps.next();
                }
                "prefixItems" => {
                    way.steps.extend(next.parse().ok().map(|index| (depth, Step::Index(index))));
                    depth += 1;
                    steps.next();
                }
                "properties" => {
                    depth += 1;
                    steps.next();
                }
                "dependentSchemas" => {
                    way.dependent = way.dependent.or(Some(depth));
                    steps.next();
                }
                "allOf" | "oneOf" | "anyOf" => drop(steps.next()),
                "additionalProperties" | "unevaluatedProperties" | "items" | "unevaluatedItems" | "contains" => {
                    depth += 1;
                }
                _ => {}
            }
        }
        way
    }

    /// Writes them into the steps to a value.
    fn name_steps(&self, node: &mut [Step]) {
        for (depth, step) in &self.steps {
            if let Some(known) = node.get_mut(*depth) {
                known.clone_from(step);
            }
        }
    }
}

/// What a keyword of a schema is called among the rules; those that are called alike and mean something else are of none.
fn named(keyword: &str) -> Broken {
    // Those words of ours that look like a keyword mean something else.
    let is_ours = |rule: &Keyword| {
        matches!(
            rule,
            Keyword::Required | Keyword::Items | Keyword::Null | Keyword::Not | Keyword::If | Keyword::Example
        )
    };
    match keyword.parse::<Keyword>() {
        Ok(rule) if !is_ours(&rule) => Broken::Rule(rule),
        _ => Broken::Unmapped(keyword.to_owned()),
    }
}

/// The steps that a JSON pointer takes in a body, the numbers of the elements on the way, and whether it is a member of
/// an object. Only the body tells a member called `7` from the eighth element.
fn node_of(pointer: &str, body: &Value) -> (Vec<Step>, Vec<usize>, bool) {
    let mut node = Vec::new();
    let mut indices = Vec::new();
    let mut is_member = false;
    let mut value = body;
    for step in pointer.split('/').skip(1) {
        is_member = value.is_object();
        if let (Value::Array(elements), Ok(index)) = (value, step.parse::<usize>()) {
            node.push(Step::Element);
            indices.push(index);
            value = elements.get(index).unwrap_or(&Value::Null);
        } else {
            let name = pointer::unescaped(step);
            node.push(Step::member(&name));
            value = &value[name];
        }
    }
    (node, indices, is_member)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_has_the_name_of_its_rule_or_of_its_keyword() {
        for (schema, value, broken) in [
            (json!({"type": "string"}), json!(7), Broken::Rule(Keyword::Type)),
            (json!({"enum": [1]}), json!(7), Broken::Rule(Keyword::Enum)),
            (json!({"maximum": 1}), json!(7), Broken::Rule(Keyword::Maximum)),
            (json!({"pattern": "^a"}), json!("b"), Broken::Rule(Keyword::Pattern)),
            (json!({"const": 1}), json!(7), Broken::Rule(Keyword::Const)),
            (json!({"multipleOf": 2}), json!(7), Broken::Rule(Keyword::MultipleOf)),
            (json!({"exclusiveMaximum": 7}), json!(7), Broken::Rule(Keyword::ExclusiveMaximum)),
            (json!({"minItems": 1}), json!([]), Broken::Rule(Keyword::MinItems)),
            (json!({"uniqueItems": true}), json!([1, 1]), Broken::Rule(Keyword::UniqueItems)),
            (json!({"items": false}), json!([1]), Broken::Rule(Keyword::Items)),
            (json!({"minProperties": 1}), json!({}), Broken::Rule(Keyword::MinProperties)),
            (json!({"not": {}}), json!(7), Broken::Rule(Keyword::Not)),
            (json!({"anyOf": [{"type": "null"}]}), json!(7), Broken::Rule(Keyword::AnyOf)),
            (json!(false), json!(7), Broken::Rule(Keyword::UnknownMember)),
        ] {
            let operation = OperationName::new("PUT", "/things");
            let judge = Judge::by(&operation, &json!({"properties": {"a": schema}}));
            let found = judge.violations(&json!({"a": value}));
            assert_eq!(found.iter().map(|one| &one.broken).collect::<Vec<_>>(), [&broken], "{schema}");
            assert!(!found[0].message.is_empty(), "{schema}");
        }
    }
}
