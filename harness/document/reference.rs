//! Where a reference within the document leads.

use serde_json::Value;

use crate::text::percent;

/// References that lead to references: more are a circle, or nothing that somebody wrote.
const MOST_HOPS: usize = 32;

/// The pointer that a reference within the document stands for.
pub(super) fn target(reference: &str) -> Option<String> {
    let target = percent::decoded_text(reference.strip_prefix('#')?);
    (target.is_empty() || target.starts_with('/')).then_some(target)
}

/// The same where something stands there, whether its signs are escaped or not.
pub(super) fn existing(tree: &Value, reference: &str) -> Option<String> {
    let plain = reference.strip_prefix('#').filter(|target| !target.is_empty())?;
    let decoded = percent::decoded_text(plain);
    [decoded.as_str(), plain].into_iter().find(|target| tree.pointer(target).is_some()).map(str::to_owned)
}

/// The reference that stands for a pointer.
pub(super) fn to(pointer: &str) -> String {
    format!("#{}", pointer.replace('%', "%25"))
}

/// What a value refers to in the end, and where that stands; itself, without a place, where it is no reference.
pub(super) fn followed<'a>(tree: &'a Value, value: &'a Value) -> Option<(&'a Value, Option<String>)> {
    let mut at = (value, None);
    for _ in 0..=MOST_HOPS {
        let Some(reference) = at.0.get("$ref") else { return Some(at) };
        let target = target(reference.as_str()?)?;
        at = (tree.pointer(&target)?, Some(target));
    }
    None
}
