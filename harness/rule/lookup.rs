//! What people write, and what earlier versions wrote, looked up among the sites that a contract has.
//!
//! Earlier versions wrote the names of members as they are: `body.dc:title`. Where that names a site it is understood.

use std::collections::HashSet;

use super::{FindingId, Keyword, OperationName, Part, Rule, Site, Unreadable, Written};
use crate::identity::{TOGETHER, unquoted};
use crate::names;

/// The sites of a contract's rules.
#[derive(Debug, Clone)]
pub struct SiteIndex {
    /// Each site with its place as earlier versions wrote it.
    sites: Vec<(Site, String)>,
}

impl SiteIndex {
    /// The sites of these rules, each once and in their order.
    pub fn of<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Self {
        let mut met = HashSet::new();
        let sites = rules.into_iter().map(|rule| &rule.place).filter(|site| met.insert(*site));
        Self { sites: sites.map(|site| (site.clone(), unquoted(site))).collect() }
    }

    /// Every site.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.iter().map(|(site, _)| site)
    }

    /// The finding of this id: as it is told, without its operation, or as earlier versions told it.
    pub fn finding(&self, text: &str) -> Result<FindingId, Unreadable> {
        let read = FindingId::read(text, self.operation().ok_or_else(|| Unreadable::new("there is no rule"))?);
        match read {
            Ok(id) if id.sites.iter().all(|site| self.has(site)) => Ok(id),
            read => self.old_finding(text).ok_or_else(|| match read {
                Ok(id) => Unreadable::new(format!("no rule stands at {}", id.places())),
                Err(why) => why,
            }),
        }
    }

    /// The sites that are meant: by the place as it is told, as earlier versions wrote it, or with `*` for any characters;
    /// each with the operation before it or without.
    pub fn meant(&self, text: &str) -> Vec<Site> {
        if let (Ok(Written { operation, places, keyword: None, .. }), Some(one)) =
            (text.parse::<Written>(), self.operation())
        {
            let operation = operation.as_ref().unwrap_or(one);
            let sites: Vec<Site> = places.into_iter().map(|(part, node)| Site::new(operation, part, node)).collect();
            if sites.iter().all(|site| self.has(site)) {
                return sites;
            }
        }
        let matching = |matches: &dyn Fn(&str) -> bool| -> Vec<Site> {
            let is_meant = |(site, old): &&(Site, String)| {
                matches(site.as_str()) || matches(old) || matches(&format!("{} {site}", site.operation()))
            };
            self.sites.iter().filter(is_meant).map(|(site, _)| site.clone()).collect()
        };
        // `body.*` is rather a pattern than a member that is called `*`.
        let exact = if text.contains('*') { Vec::new() } else { matching(&|name| name == text) };
        if exact.is_empty() { matching(&|name| names::matches(text, name)) } else { exact }
    }

    /// The site of a place, as it is told or as earlier versions wrote it; also one at which no rule stands any more.
    #[cfg(feature = "cli")]
    pub(crate) fn site(&self, text: &str) -> Result<Site, Unreadable> {
        if let Some((site, _)) = self.sites.iter().find(|(site, old)| site.as_str() == text || old == text) {
            return Ok(site.clone());
        }
        let one = self.operation().ok_or_else(|| Unreadable::new("there is no rule"))?;
        match text.parse()? {
            Written { operation: None, mut places, keyword: None, .. } if places.len() == 1 => {
                let (part, node) = places.remove(0);
                Ok(Site::new(one, part, node))
            }
            _ => Err(Unreadable::new(format!("`{text}` is no place"))),
        }
    }

    /// ` (did you mean ...?)` with the place nearest to what was written, or nothing.
    pub fn nearest(&self, text: &str) -> String {
        names::nearest_spelling(
            text,
            self.sites.iter().flat_map(|(site, old)| [(site.as_str(), site.as_str()), (old.as_str(), site.as_str())]),
        )
    }

    /// Whether a rule stands there, or one of a documented answer may once answers have come.
    fn has(&self, site: &Site) -> bool {
        let is_documented = matches!(site.part(), Part::Answer(..));
        self.sites().any(|other| other == site || (is_documented && other.is(site.part())))
    }

    fn operation(&self) -> Option<&OperationName> {
        self.sites().next().map(Site::operation)
    }

    fn old_finding(&self, text: &str) -> Option<FindingId> {
        let mut parts = text.rsplitn(3, ':');
        let side = parts.next()?.parse().ok()?;
        let keyword: Keyword = parts.next()?.parse().ok()?;
        Some(FindingId { sites: self.old_sites(parts.next()?)?, keyword, bound: None, side })
    }

    /// The sites of an old id: a name may itself hold what stands between two of them.
    fn old_sites(&self, text: &str) -> Option<Vec<Site>> {
        let named = |text: &str| self.sites.iter().find(|(_, old)| old == text).map(|(site, _)| site.clone());
        if let Some(site) = named(text) {
            return Some(vec![site]);
        }
        text.match_indices(TOGETHER).find_map(|(at, between)| {
            let first = named(&text[..at])?;
            let rest = self.old_sites(&text[at + between.len()..])?;
            Some([vec![first], rest].concat())
        })
    }
}
