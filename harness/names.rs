//! Names as people write them: with wildcards, and mistyped.

/// Whether a name matches a pattern in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, rest)) => name.strip_prefix(before).is_some_and(|name| {
            (0..=name.len()).filter(|at| name.is_char_boundary(*at)).any(|at| matches(rest, &name[at..]))
        }),
    }
}

/// ` (did you mean ...?)` with the known names nearest to what was written, or nothing.
#[cfg(feature = "cli")]
pub(crate) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest_spelling(written, known.map(|name| (name, name)))
}

/// The same, where a name may be spelt in several ways: each way stands with the name that is told.
pub(crate) fn nearest_spelling<'a>(written: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let near = known.map(|(spelling, name)| (common(written, spelling), name));
    match near.max_by_key(|(common, name)| (*common, usize::MAX - name.len())) {
        Some((common, name)) if common * 2 > written.len() => format!(" (did you mean `{name}`?)"),
        _ => String::new(),
    }
}

/// How many characters two names share at their beginning and at their end.
fn common(one: &str, other: &str) -> usize {
    let shared = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let room = one.len().min(other.len()) - shared;
    let ending = one.bytes().rev().zip(other.bytes().rev()).take_while(|(one, other)| one == other).count();
    shared + ending.min(room)
}
