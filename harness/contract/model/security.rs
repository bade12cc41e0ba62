//! How an operation wants to know its caller: the security schemes of the document, and what of them a request carries.

use super::ParameterIn;
use crate::exchange::Request;
use crate::identity::{OperationName, Site, Step};
use crate::text::percent::{RESERVED, encoded};

/// The header of all schemes of HTTP.
const AUTHORIZATION: &str = "Authorization";
/// `made-up:made-up` and `fencepost:made-up` in base 64: credentials that nobody gave.
const WRONG_PAIR: &str = "bWFkZS11cDptYWRlLXVw";
const MADE_UP_PAIR: &str = "ZmVuY2Vwb3N0Om1hZGUtdXA=";

/// What an operation demands of its caller, and what it gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// The alternatives, as the document lists them, each with the schemes that go together; without any nothing is demanded.
    pub requirements: Vec<Vec<SecurityScheme>>,
    /// The schemes of the first alternative of which every credential was given, one for each place of a request.
    pub given: Vec<SecurityScheme>,
}

/// One way in which a caller is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityScheme {
    /// Its name in the document.
    pub name: String,
    /// How a request carries it.
    pub carriage: Carriage,
}

/// How a request carries a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carriage {
    /// As it is, in a query, a header or a cookie of this name.
    Key(ParameterIn, String),
    /// In `Authorization`: a user and a password.
    Basic,
    /// In `Authorization`: a token, also one of `oauth2` or `openIdConnect`.
    Bearer,
    /// In `Authorization`: all of its value, as it was given.
    Whole,
    /// Not at all: the connection tells who calls (`mutualTLS`).
    Connection,
    /// In a way that is not known here, or that the document does not tell.
    Unknown,
}

/// What is wrong on purpose with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// It is missing.
    Absent,
    /// It is nobody's.
    Wrong,
}

/// A credential as it stands in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) location: ParameterIn,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Security {
    /// Takes the first alternative of which every scheme is given.
    pub(crate) fn meet(&mut self, is_given: impl Fn(&SecurityScheme) -> bool) {
        let is_met = |scheme: &SecurityScheme| scheme.carriage != Carriage::Unknown && is_given(scheme);
        // What may be left out is sent where it is there.
        let mut demanding = self.requirements.iter().filter(|schemes| !schemes.is_empty());
        let met = demanding.find(|schemes| schemes.iter().all(is_met));
        self.given.clear();
        for scheme in met.into_iter().flatten() {
            let is_taken = |other: &SecurityScheme| scheme.place().is_some() && other.place() == scheme.place();
            if !self.given.iter().any(is_taken) {
                self.given.push(scheme.clone());
            }
        }
    }

    /// The given schemes, by their numbers, without which no alternative is met.
    pub(crate) fn needed(&self) -> impl Iterator<Item = (usize, &SecurityScheme)> {
        self.given.iter().enumerate().filter(|(_, scheme)| {
            let is_left = |other: &SecurityScheme| self.given.contains(other) && other.place() != scheme.place();
            scheme.place().is_some() && !self.requirements.iter().any(|schemes| schemes.iter().all(is_left))
        })
    }

    /// Whether what stands there is a key of one of its schemes.
    pub(crate) fn has_key(&self, location: ParameterIn, name: &str) -> bool {
        self.requirements.iter().flatten().any(|scheme| scheme.is_at(location, name))
    }
}

impl SecurityScheme {
    /// Where in a request it stands; nothing where that is nowhere, or not known.
    pub(crate) fn place(&self) -> Option<(ParameterIn, &str)> {
        match &self.carriage {
            Carriage::Key(location, name) => Some((*location, name)),
            Carriage::Basic | Carriage::Bearer | Carriage::Whole => Some((ParameterIn::Header, AUTHORIZATION)),
            Carriage::Connection | Carriage::Unknown => None,
        }
    }

    /// Whether that is where it stands; the names of headers are the same in any letter case.
    pub(crate) fn is_at(&self, location: ParameterIn, name: &str) -> bool {
        self.place().is_some_and(|(other, own)| {
            other == location && (own == name || (location == ParameterIn::Header && own.eq_ignore_ascii_case(name)))
        })
    }

    /// Its place in an operation, as rules have it.
    pub(crate) fn site(&self, operation: &OperationName) -> Option<Site> {
        let (location, name) = self.place()?;
        Some(Site::new(operation, location.part(), [Step::member(name)]))
    }

    /// A credential as a request carries it; of a user and a password it is given in base 64.
    pub(crate) fn carried(&self, credential: &str) -> Option<Credential> {
        let (location, name) = self.place()?;
        let value = match self.carriage {
            Carriage::Basic => format!("Basic {credential}"),
            Carriage::Bearer => format!("Bearer {credential}"),
            _ => credential.to_owned(),
        };
        Some(Credential { location, name: name.to_owned(), value })
    }

    /// A credential that nobody has: this text where that can be.
    pub(crate) fn wrong(&self, text: String) -> String {
        if self.carriage == Carriage::Basic { WRONG_PAIR.to_owned() } else { text }
    }

    /// One that nobody gave: this text where that can be.
    pub(crate) fn made_up(&self, text: String) -> String {
        if self.carriage == Carriage::Basic { MADE_UP_PAIR.to_owned() } else { text }
    }
}

impl Credential {
    /// As it stands in a query, or among cookies.
    pub(crate) fn pair(&self) -> String {
        match self.location {
            ParameterIn::Query => {
                let coded = |text: &str| encoded(text.as_bytes(), RESERVED);
                format!("{}={}", coded(&self.name), coded(&self.value))
            }
            _ => format!("{}={}", self.name, self.value),
        }
    }

    /// Whether a request carries it.
    pub(crate) fn is_in(&self, request: &Request) -> bool {
        match self.location {
            ParameterIn::Header => request.header(&self.name) == Some(&self.value),
            _ => self.pairs(request).any(|pair| pair == self.pair()),
        }
    }

    /// Whether a request carries any in its place.
    pub(crate) fn is_carried_in(&self, request: &Request) -> bool {
        let nameless = Self { value: String::new(), ..self.clone() };
        match self.location {
            ParameterIn::Header => request.header(&self.name).is_some(),
            _ => self.pairs(request).any(|pair| pair.starts_with(&nameless.pair())),
        }
    }

    /// The names with their values of a query, or of the cookies.
    fn pairs<'a>(&self, request: &'a Request) -> impl Iterator<Item = &'a str> + use<'a> {
        let (text, separator) = match self.location {
            ParameterIn::Query => (request.path.split_once('?').map(|(_, query)| query), '&'),
            ParameterIn::Cookie => (request.header("cookie"), ';'),
            ParameterIn::Path | ParameterIn::Header => (None, '&'),
        };
        text.unwrap_or_default().split(separator).map(str::trim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(name: &str) -> SecurityScheme {
        let carriage = match name {
            "basic" => Carriage::Basic,
            "bearer" => Carriage::Bearer,
            "tls" => Carriage::Connection,
            "odd" => Carriage::Unknown,
            _ => Carriage::Key(ParameterIn::Query, name.to_owned()),
        };
        SecurityScheme { name: name.to_owned(), carriage }
    }

    /// What is sent where these are given, and what of it is tested.
    #[track_caller]
    fn check(requirements: &[&[&str]], given: &[&str], sent: &[&str], tested: &[&str]) {
        let schemes = |names: &&[&str]| names.iter().map(|name| scheme(name)).collect();
        let mut security = Security { requirements: requirements.iter().map(schemes).collect(), given: Vec::new() };
        security.meet(|scheme| given.contains(&scheme.name.as_str()));
        let names: Vec<&str> = security.given.iter().map(|scheme| scheme.name.as_str()).collect();
        let needed: Vec<&str> = security.needed().map(|(_, scheme)| scheme.name.as_str()).collect();
        assert_eq!((names.as_slice(), needed.as_slice()), (sent, tested), "{requirements:?} {given:?}");
    }

    #[test]
    fn the_first_alternative_of_which_all_is_given_is_taken() {
        check(&[], &["a"], &[], &[]);
        check(&[&["a"]], &[], &[], &[]);
        check(&[&["a"]], &["a", "b"], &["a"], &["a"]);
        check(&[&["a", "b"]], &["a"], &[], &[]);
        check(&[&["a", "b"]], &["b", "a"], &["a", "b"], &["a", "b"]);
        check(&[&["a"], &["b"]], &["b"], &["b"], &["b"]);
        check(&[&["a"], &["b"]], &["a", "b"], &["a"], &["a"]);
    }

    #[test]
    fn what_another_alternative_does_without_is_not_tested() {
        check(&[&["a", "b"], &["a"]], &["a", "b"], &["a", "b"], &["a"]);
        // What may be left out is sent, and its absence says nothing.
        check(&[&[], &["a"]], &["a"], &["a"], &[]);
        check(&[&["a"], &[]], &["a"], &["a"], &[]);
        check(&[&["a"], &[]], &[], &[], &[]);
        check(&[&["tls"], &["a"]], &["a"], &["a"], &["a"]);
        check(&[&["tls", "a"]], &["a"], &[], &[]);
        check(&[&["tls", "a"]], &["a", "tls"], &["tls", "a"], &["a"]);
        check(&[&["tls", "a"], &["tls"]], &["a", "tls"], &["tls", "a"], &[]);
        check(&[&["odd"], &["a"]], &["a", "odd"], &["a"], &["a"]);
    }

    #[test]
    fn one_header_holds_one_credential() {
        check(&[&["basic", "bearer"]], &["basic", "bearer"], &["basic"], &["basic"]);
    }
}
