//! `format`: for each known one, texts that every reader takes, and texts that no reader takes. What lies between is never sent.

use serde_json::Value;

use super::decimal::Decimal;
use super::{Domain, Edge, Family, Node, Proposal, Said};
use crate::contract::Standing;
use crate::identity::Keyword;
use crate::text::plain::text_of_length;

/// What an edition of OpenAPI makes of formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// They are notes unless the document says otherwise.
    Notes,
    /// Those that the edition itself defines are part of the type.
    Defined,
    /// All that are known are part of the type: who tests says so.
    Asserted,
}

/// A format of texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    names: &'static [&'static str],
    /// Whether editions that define formats leave no doubt about it.
    is_sure: bool,
    /// Texts that every reader takes.
    pub(super) accepted: &'static [&'static str],
    /// Texts that no reader takes; none where every text may be meant.
    refused: &'static [&'static str],
    /// What a longer one is made of: before and after what fills it.
    frame: Option<(&'static str, &'static str)>,
    /// Its length is a multiple of this.
    step: usize,
}

const fn format(
    names: &'static [&'static str],
    is_sure: bool,
    accepted: &'static [&'static str],
    refused: &'static [&'static str],
) -> Format {
    Format { names, is_sure, accepted, refused, frame: None, step: 1 }
}

const fn framed(format: Format, before: &'static str, after: &'static str) -> Format {
    Format { frame: Some((before, after)), ..format }
}

#[rustfmt::skip]
const FORMATS: [Format; 20] = [
    format(&["date-time"], true, &["2026-01-15T10:30:00Z", "2024-02-29T23:59:59Z"], &["not a time", "2026-13-45T99:99:99Z", "2023-02-29T10:30:00Z"]),
    format(&["date"], true, &["2026-01-15", "2024-02-29"], &["not a date", "2026-13-45", "2023-02-29"]),
    format(&["time"], false, &["10:30:00Z"], &["not a time", "99:99:99Z"]),
    format(&["duration"], false, &["P1DT2H", "PT30M"], &["no duration", "P"]),
    format(&["uuid", "guid"], true, &["3fa85f64-5717-4562-b3fc-2c963f66afa6", "0b1f6c1e-8a43-4c52-9d3e-5f0e7a2b4c6d"], &["no uuid", "3fa85f64-5717-4562-b3fc-2c963f66afaz"]),
    framed(format(&["uri", "url", "iri"], false, &["https://example.com/sample", "https://a.co"], &["not a uri", "://"]), "https://example.com/", ""),
    framed(format(&["uri-reference", "iri-reference"], false, &["/sample", "https://example.com/sample"], &["<not a reference>"]), "/", ""),
    format(&["uri-template"], false, &["/sample/{id}"], &["/sample/{id"]),
    framed(format(&["email", "idn-email"], false, &["sample@example.com", "a@b.co"], &["no address", "sample@"]), "", "@example.com"),
    format(&["hostname", "idn-hostname"], false, &["example.com", "a.co"], &["not a host name", "exa mple.com"]),
    format(&["ipv4", "ip"], true, &["192.0.2.1"], &["no address", "999.999.999.999"]),
    format(&["ipv6"], true, &["2001:db8::1"], &["no address", "2001:db8:::::1"]),
    Format { step: 4, ..framed(format(&["byte", "base64"], false, &["c2FtcGxl", "c2FtcGxlMQ=="], &[]), "", "") },
    format(&["binary"], false, &["sample"], &[]),
    format(&["json-pointer"], false, &["/sample"], &["sample"]),
    format(&["relative-json-pointer"], false, &["0/sample"], &["/sample"]),
    format(&["regex"], false, &["^sample$"], &["("]),
    format(&["decimal"], false, &["1.5"], &["no number"]),
    format(&["int64"], false, &["7"], &["no number"]),
    format(&["int32"], false, &["7"], &["no number"]),
];

impl Format {
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.names.contains(&name))
    }

    /// Texts of this length; none where the format has no such.
    pub(super) fn of_length(&self, length: usize) -> Vec<String> {
        let ready = self.accepted.iter().filter(|text| text.chars().count() == length).map(|text| (*text).to_owned());
        let frame = self.frame.filter(|_| length.is_multiple_of(self.step));
        let framed = frame.and_then(|(before, after)| {
            let rest = length.checked_sub(before.len() + after.len()).filter(|rest| *rest > 0)?;
            Some(format!("{before}{}{after}", text_of_length(rest)))
        });
        ready.chain(framed).collect()
    }
}

/// `format` of texts.
pub(super) struct Formats;

impl Family for Formats {
    fn keywords(&self) -> &'static [Keyword] {
        &[Keyword::Format]
    }

    fn narrow(&self, said: &Said<'_>, domain: &mut Domain) {
        domain.texts.format = said.get(Keyword::Format).and_then(Value::as_str).and_then(Format::of);
    }

    fn propose(&self, node: &Node<'_>) -> Vec<Proposal> {
        let Some(name) = node.get(Keyword::Format) else { return Vec::new() };
        let integers = name.as_str().and_then(super::integers_of).filter(|_| !node.allows("string"));
        if let Some((_, most)) = integers {
            return vec![integer(node, name, most)];
        }
        let Some(format) = name.as_str().and_then(Format::of).filter(|_| node.allows("string")) else {
            return Vec::new();
        };
        let mut proposal = Proposal::of(Keyword::Format, name);
        proposal.standing = match node.formats {
            Certainty::Asserted => Standing::Firm,
            Certainty::Defined if format.is_sure => Standing::Firm,
            Certainty::Defined => unsure("its edition of OpenAPI does not say what keeps this format"),
            Certainty::Notes => unsure(NOTE),
        };
        for text in node.domain.texts.drawn().into_iter().take(super::MOST_SAMPLES) {
            proposal.inside(Edge::Fitting, format!("{text:?}"), text);
        }
        for text in format.refused {
            proposal.outside(Edge::Unfitting, format!("{text:?}"), *text);
        }
        vec![proposal]
    }
}

/// An integer of so many bits: what is past its ends, where no bound of its own is nearer. What is just inside them is large,
/// and a service may have its reasons against it.
fn integer(node: &Node<'_>, name: &Value, most: i64) -> Proposal {
    let mut proposal = Proposal::of(Keyword::Format, name);
    proposal.broken = &["minimum", "maximum"];
    proposal.standing = match node.formats {
        Certainty::Asserted => Standing::Firm,
        // That it fits so many bits says how it is held, and not that a larger one is a mistake.
        Certainty::Defined | Certainty::Notes => unsure(NOTE_OF_SIZE),
    };
    let numbers = &node.domain.numbers;
    let past = [(numbers.is_bounded(true), i128::from(most) + 1), (numbers.is_bounded(false), -i128::from(most) - 2)];
    for (_, number) in past.into_iter().filter(|(is_bounded, _)| !is_bounded) {
        if let Some(value) = Decimal::whole(number).value() {
            proposal.outside(Edge::PastBound, value.to_string(), value);
        }
    }
    proposal
}

/// Why the size of an integer may mean nothing.
const NOTE_OF_SIZE: &str = "the format of an integer says how it may be held, and not that a larger one is a mistake";
/// Why a format may mean nothing.
const NOTE: &str = "OpenAPI 3.1 takes a format for a note unless the document says more";

fn unsure(why: &str) -> Standing {
    Standing::Disputed(why.to_owned())
}
