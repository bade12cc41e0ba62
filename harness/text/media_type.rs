//! Media types as headers and documents write them: with parameters, in any case, or as a range of them.

/// A media type without its parameters.
pub(crate) fn essence(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether a media type is JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type).to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json") || essence == "text/json"
}

/// Whether a media type is the one that is wanted, which may be a range and have parameters.
pub(crate) fn fits(wanted: &str, value: &str) -> bool {
    let wanted = essence(wanted).to_ascii_lowercase();
    let value = essence(value).to_ascii_lowercase();
    match wanted.split_once('/') {
        Some(("*", "*")) => true,
        Some((main, "*")) => value.split('/').next() == Some(main),
        // `application/*+json`.
        Some((main, suffix)) if suffix.starts_with("*+") => {
            value.split('/').next() == Some(main) && value.ends_with(&suffix[1..])
        }
        _ => value == wanted,
    }
}
