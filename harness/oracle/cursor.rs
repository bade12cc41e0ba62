//! A way through the schema of an answer: where a value stands, and where what is said of it stands in the document.
//!
//! What stands in itself is followed one level deep: further down it is called as it is there.

use serde_json::Value;

use crate::contract::{CALLED_ONE_OF, LazySchema};
use crate::rule::Step;
use crate::text::pointer;

/// A place in an answer, and the schema that is about it.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'s> {
    root: &'s LazySchema,
    /// The schema.
    pub(super) here: &'s Value,
    /// Where it stands in the document.
    pub(super) source: String,
    /// The steps from the whole to the value.
    pub(super) node: Vec<Step>,
    /// The schemas that were referred to on the way, and how many steps had been taken by then.
    entered: Vec<(&'s str, usize)>,
}

impl<'s> Cursor<'s> {
    pub(super) fn of(root: &'s LazySchema, node: Vec<Step>) -> Self {
        Self { root, here: root.schema(), source: root.source().to_owned(), node, entered: Vec::new() }
    }

    /// What a keyword of the schema says.
    pub(super) fn says(&self, keyword: &str) -> Option<&'s Value> {
        self.here.get(keyword)
    }

    /// Goes on to what the schema refers to; false where it refers to nothing.
    pub(super) fn follow(&mut self) -> bool {
        let reference = self.says("$ref").and_then(Value::as_str);
        let Some(number) = reference.and_then(|reference| reference.strip_prefix("#/$defs/")) else { return false };
        let Some((schema, source)) = self.root.referred(number) else { return false };
        let mut before = self.entered.iter().enumerate().filter(|(_, (other, _))| *other == number);
        match before.nth(1).map(|(at, (_, length))| (at, *length)) {
            Some((at, length)) => {
                self.entered.truncate(at + 1);
                self.node.truncate(length);
            }
            None => self.entered.push((number, self.node.len())),
        }
        source.clone_into(&mut self.source);
        self.here = schema;
        true
    }

    /// Goes on to a schema that stands in this one, which is about the value that these steps lead to.
    pub(super) fn enter(&mut self, keyword: &str, name: Option<&str>, step: Option<Step>) -> bool {
        let Some(mut inner) = self.says(keyword) else { return false };
        let mut source = pointer::below(&self.source, keyword);
        if let Some(name) = name {
            let part = match inner {
                Value::Array(listed) => name.parse::<usize>().ok().and_then(|number| listed.get(number)),
                inner => inner.get(name),
            };
            let Some(part) = part else { return false };
            inner = part;
            source = pointer::below(&source, name);
        }
        self.here = inner;
        self.source = source;
        self.node.extend(step);
        true
    }

    /// The step into a branch, as the document calls it.
    pub(super) fn branch(&self, keyword: &str, number: &str) -> Step {
        Step::Branch(format!("{}/{number}", self.called(keyword)).into())
    }

    /// What the document calls a keyword.
    pub(super) fn called<'k>(&self, keyword: &'k str) -> &'k str {
        if keyword == "anyOf" && self.says(CALLED_ONE_OF).is_some() { "oneOf" } else { keyword }
    }

    /// The same one step further; nothing where there is no such schema.
    pub(super) fn below(&self, keyword: &str, name: Option<&str>, step: Option<Step>) -> Option<Self> {
        let mut inner = self.clone();
        inner.enter(keyword, name, step).then_some(inner)
    }

    /// The way to the schema to which a validator's path leads, and what of the path is left: the keyword, if it ends with one.
    pub(super) fn along(mut self, path: &str) -> Option<(Self, Vec<&str>)> {
        let steps: Vec<&str> = path.split('/').skip(1).collect();
        let mut at = 0;
        while let Some(keyword) = steps.get(at) {
            let next = steps.get(at + 1).map(|step| pointer::unescaped(step));
            let is_entered = match (*keyword, next.as_deref()) {
                ("$ref", _) => self.follow(),
                ("properties", Some(name)) => self.enter(keyword, Some(name), Some(Step::member(name))),
                ("patternProperties", Some(name)) => self.enter(keyword, Some(name), Some(Step::Pattern(name.into()))),
                ("prefixItems", Some(name)) => {
                    let step = name.parse().map_or(Step::Element, Step::Index);
                    self.enter(keyword, Some(name), Some(step))
                }
                ("allOf" | "dependentSchemas", Some(name)) => self.enter(keyword, Some(name), None),
                ("oneOf" | "anyOf", Some(name)) => {
                    let branch = self.branch(keyword, name);
                    self.enter(keyword, Some(name), Some(branch))
                }
                ("additionalProperties" | "unevaluatedProperties", Some(_)) => {
                    self.enter(keyword, None, Some(Step::Value))
                }
                ("items" | "unevaluatedItems" | "contains", Some(_)) => self.enter(keyword, None, Some(Step::Element)),
                ("if" | "then" | "else" | "not", Some(_)) => self.enter(keyword, None, None),
                _ => return Some((self, steps[at..].to_vec())),
            };
            if !is_entered {
                return None;
            }
            let is_named = matches!(
                *keyword,
                "properties" | "patternProperties" | "prefixItems" | "allOf" | "dependentSchemas" | "oneOf" | "anyOf"
            );
            at += if is_named { 2 } else { 1 };
        }
        Some((self, Vec::new()))
    }
}
