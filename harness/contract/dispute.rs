//! What the document doubts of itself: the catalogue `x-disputes`, and the places that name its entries in `x-disputed`.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::model::Standing;
use super::reader::{Reader, shown};
use crate::document::error::Flaw;

/// What can be in doubt.
const KEYWORDS: [&str; 5] = ["required", "null", "enum", "unknownMember", "size"];

/// Bodies of a disputed size are held in memory.
const MOST_BYTES: usize = 16_777_216;

/// A doubt of the catalogue.
#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) name: String,
    pub(super) keyword: String,
    /// Of an `enum` dispute the value, of a `size` dispute the number of bytes.
    pub(super) value: Option<Value>,
    pub(super) reason: String,
}

/// The document's `x-disputes`, by name.
pub(super) struct Disputes(BTreeMap<String, Dispute>);

impl Disputes {
    pub(super) fn of(document: &Reader<'_>) -> Result<Self, Flaw> {
        if document.get("x-disputes").is_none() {
            return Ok(Self(BTreeMap::new()));
        }
        let catalogue = document.object("x-disputes")?;
        let entries = catalogue.names().map(|name| Ok((name.to_owned(), dispute(name, &catalogue.object(name)?)?)));
        entries.collect::<Result<_, _>>().map(Self)
    }

    /// The doubts that are named at one place of the document.
    pub(super) fn named_at<'a>(&'a self, here: &Reader<'_>) -> Result<Vec<&'a Dispute>, Flaw> {
        let mut found: Vec<&Dispute> = Vec::new();
        let mut matters = HashSet::new();
        for name in here.list("x-disputed")? {
            let dispute = name.as_str().and_then(|name| self.0.get(name)).ok_or_else(|| {
                here.fault_at("x-disputed", format!("{} is not among `x-disputes`; define it there", shown(name)))
            })?;
            if !matters.insert((&dispute.keyword, &dispute.value)) {
                return Err(misplaced(here, dispute, "its matter is disputed here already; name one dispute of it"));
            }
            found.push(dispute);
        }
        Ok(found)
    }
}

fn dispute(name: &str, here: &Reader<'_>) -> Result<Dispute, Flaw> {
    here.only(&["keyword", "value", "reason"], "a dispute")?;
    let keyword = here.need_text("keyword")?;
    if !KEYWORDS.contains(&keyword) {
        let known = KEYWORDS.join(", ");
        return Err(here.fault_at("keyword", format!("`{keyword}` cannot be in dispute; write one of {known}")));
    }
    let value = here.get("value");
    match keyword {
        "size" => match here.count("value")? {
            None => return Err(here.fault("a `size` dispute needs a `value`: the number of bytes")),
            Some(bytes) if bytes > MOST_BYTES => {
                let problem = format!("{bytes} is more than the {MOST_BYTES} bytes that can be probed");
                return Err(here.fault_at("value", problem));
            }
            Some(_) => {}
        },
        "enum" if value.is_none() => return Err(here.fault("an `enum` dispute needs the `value` that is in doubt")),
        "enum" => {}
        _ if value.is_some() => {
            return Err(here.fault_at("value", format!("a `{keyword}` dispute has none; remove it")));
        }
        _ => {}
    }
    let reason = here.need_text("reason")?.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Dispute { name: name.to_owned(), keyword: keyword.to_owned(), value: value.cloned(), reason })
}

/// The standing that a keyword has among these doubts; nothing where none is about it.
pub(super) fn standing(doubts: &[&Dispute], keyword: &str) -> Option<Standing> {
    let doubt = doubts.iter().find(|doubt| doubt.keyword == keyword)?;
    Some(Standing::Disputed(doubt.reason.clone()))
}

/// A dispute that has no meaning where it is named.
pub(super) fn misplaced(here: &Reader<'_>, dispute: &Dispute, problem: &str) -> Flaw {
    here.fault_at("x-disputed", format!("`{}`: {problem}", dispute.name))
}
