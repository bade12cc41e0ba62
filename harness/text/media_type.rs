//! Media types as headers and documents write them: with parameters, in any case, or as a range of them.

/// A media type without its parameters.
pub(crate) fn essence(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether a media type is the one that is wanted, which may be a range and have parameters.
pub(crate) fn fits(wanted: &str, value: &str) -> bool {
    let wanted = essence(wanted).to_ascii_lowercase();
    let value = essence(value).to_ascii_lowercase();
    match wanted.split_once('/') {
        Some(("*", "*")) => true,
        Some((main, "*")) => value.split('/').next() == Some(main),
        _ => value == wanted,
    }
}
