//! Names as people write them: with wildcards, and mistyped.

use strsim::jaro_winkler;

/// A name is proposed where it is at least so much like what was written, by the measure of Jaro and Winkler: a name is more
/// often cut off, or mistyped in the middle, than begun wrongly.
const LEAST_LIKENESS: f64 = 0.8;

/// Whether a name matches a pattern in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    let (between, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The first occurrence of each piece leaves the most for those that follow.
    for piece in between.split('*') {
        match left.find(piece) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(end)
}

/// ` (did you mean ...?)` with the known name that is most like what was written, or nothing.
pub(crate) fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest_spelling(written, known.map(|name| (name, name)))
}

/// The same, where a name may be spelt in several ways: each way stands with the name that is told.
pub(crate) fn nearest_spelling<'a>(written: &str, known: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let near = known.map(|(spelling, name)| (jaro_winkler(written, spelling), name));
    match near.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.len().cmp(&one.1.len()))) {
        Some((likeness, name)) if likeness >= LEAST_LIKENESS => format!(" (did you mean `{name}`?)"),
        _ => String::new(),
    }
}
