//! Texts that surely have not the format that is said of them: what any reader would stumble over. What some readers take is left.

use core::net::Ipv6Addr;

/// A format that is looked at in answers: its names, and whether a text is surely none of it.
type Check = (&'static [&'static str], fn(&str) -> bool);

const CHECKS: [Check; 11] = [
    (&["date-time"], |text| !begins_with_date(text) || text.len() < "2026-01-15T10".len()),
    (&["date"], |text| !begins_with_date(text)),
    (&["time"], |text| !begins_with_time(text)),
    (&["duration"], |text| !text.trim_start_matches(['-', '+']).starts_with('P') || text.len() < 3),
    (&["uuid", "guid"], |text| !is_uuid(text)),
    (&["uri", "url", "iri"], |text| !text.contains(':') || text.contains(char::is_whitespace)),
    (&["uri-reference", "iri-reference"], |text| text.contains(['<', '>', '"', '\n'])),
    (&["email", "idn-email"], |text| !is_address(text)),
    (&["hostname", "idn-hostname"], |text| text.is_empty() || text.contains([' ', '/', '@', '_', ':'])),
    (&["ipv4"], |text| !is_ipv4(text)),
    (&["ipv6"], |text| !is_ipv6(text)),
];

/// The formats that are looked at: the name of each, and whether a text may have it.
pub(crate) fn checks() -> impl Iterator<Item = (&'static str, impl Fn(&str) -> bool + Send + Sync + 'static)> {
    let named = |(names, is_none): Check| names.iter().map(move |name| (*name, move |text: &str| !is_none(text)));
    CHECKS.into_iter().flat_map(named)
}

/// Whether texts can be told that surely have not this format.
pub(crate) fn is_checked(name: &str) -> bool {
    CHECKS.iter().any(|(names, _)| names.contains(&name))
}

fn number(text: Option<&str>) -> Option<u32> {
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

fn begins_with_date(text: &str) -> bool {
    let is_separated = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (Some(_), Some(month), Some(day)) = (number(text.get(..4)), number(text.get(5..7)), number(text.get(8..10)))
    else {
        return false;
    };
    is_separated && (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn begins_with_time(text: &str) -> bool {
    let parts = (number(text.get(..2)), text.get(2..3), number(text.get(3..5)));
    matches!(parts, (Some(0..=24), Some(":"), Some(0..=59)))
}

fn is_uuid(text: &str) -> bool {
    let digits = text.strip_prefix("urn:uuid:").unwrap_or(text).trim_matches(['{', '}']).replace('-', "");
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(before, after)| !before.is_empty() && !after.is_empty() && !after.contains(' '))
}

fn is_ipv4(text: &str) -> bool {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    let parts: Vec<&str> = address.split('.').collect();
    parts.len() == 4 && parts.iter().all(|part| part.len() <= 3 && number(Some(part)).is_some_and(|one| one <= 255))
}

fn is_ipv6(text: &str) -> bool {
    let address = text.split(['/', '%']).next().unwrap_or_default().trim_matches(['[', ']']);
    address.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_reader_takes_is_none() {
        let takes =
            |name: &str, text: &str| checks().filter(|(other, _)| *other == name).all(|(_, may_have)| may_have(text));
        for (name, texts) in [
            ("date-time", &["2026-01-15T10:30:00Z", "2026-01-15 10:30:00", "2026-01-15T10:30:00.123456+02:00"][..]),
            ("date", &["2026-01-15", "2026-01-15T00:00:00Z"]),
            ("time", &["10:30:00Z", "10:30"]),
            ("uuid", &["3fa85f64-5717-4562-b3fc-2c963f66afa6", "{3FA85F6457174562B3FC2C963F66AFA6}"]),
            ("uri", &["https://example.com/a?b", "mailto:a@b"]),
            ("email", &["a@b", "\"a b\"@example.com"]),
            ("ipv4", &["192.0.2.1", "192.0.2.0/24"]),
            ("ipv6", &["::1", "fe80::1%eth0", "2001:db8::/32"]),
            ("password", &["", "anything"]),
        ] {
            assert!(texts.iter().all(|text| takes(name, text)), "{name}");
        }
        for (name, texts) in [
            ("date-time", &["", "yesterday", "2026-13-45T99:99:99Z", "2026-01-15", "1768473000"][..]),
            ("date", &["15.01.2026", "2026-1-5"]),
            ("time", &["noon", "99:99:99Z"]),
            ("duration", &["3 days", "P"]),
            ("uuid", &["7", "3fa85f64-5717-4562-b3fc-2c963f66afaz"]),
            ("uri", &["not a uri", "/sample"]),
            ("email", &["nobody", "a@"]),
            ("hostname", &["exa mple.com"]),
            ("ipv4", &["999.0.2.1", "::1"]),
            ("ipv6", &["192.0.2.1", "2001:db8:::::1"]),
        ] {
            assert!(texts.iter().all(|text| !takes(name, text) && is_checked(name)), "{name}");
        }
    }
}
