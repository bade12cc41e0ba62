//! Turns a body into a request for one operation: the path filled in, the headers, the caller's credentials.

use std::collections::BTreeMap;
use std::fmt;

use crate::carrier;
use crate::contract::{Credential, Forgery, Operation, ParameterIn, SecurityScheme, Usual};
use crate::exchange::{Body, Request};
use crate::secret::{Piece, Secret, hidden};
use crate::text::percent::{UNFIT, encoded};
use crate::text::{media_type, plain};
use crate::token;

/// So long is a credential that is made up.
const MADE_UP: usize = 30;

/// What every request of a run carries besides its body.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// Values of path parameters, in the order of the contract; the contract's example where there are fewer.
    pub path_values: Vec<String>,
    /// Headers of the user's own.
    pub headers: Vec<(String, String)>,
    /// The user's credential; a made-up one goes out where there is none.
    pub credential: Option<Secret>,
    /// The user's credentials by the names of the document's security schemes, of a user and a password in base 64; made-up
    /// ones go out where there is none.
    pub schemes: BTreeMap<String, Secret>,
    /// Other secrets of the caller's: they are never shown, and must not come back in any answer.
    pub secrets: Vec<Secret>,
    /// Values that are never shown, but may well come back.
    pub private: Vec<Secret>,
    /// Whether the credentials are locked when they are refused several times.
    pub locks_out: bool,
    /// Varies what is made up.
    pub seed: u64,
    /// Values that a target was seen to accept where it refuses the usual ones, by the parameter's number. What the caller
    /// gave stands nevertheless.
    pub learnt: BTreeMap<usize, String>,
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}: {}", self.masked(value))).collect();
        let path_values: Vec<String> = self.path_values.iter().map(|value| self.masked(value)).collect();
        f.debug_struct("RequestContext")
            .field("path_values", &path_values)
            .field("headers", &headers)
            .field("credential", &self.credential)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// What is out of the ordinary about one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOverride {
    /// Another method.
    pub method: Option<String>,
    /// A query string.
    pub query: Option<String>,
    /// Another media type, or none.
    pub content_type: Option<Option<String>>,
    /// The value of the parameter with this number, or none.
    pub parameter: Option<(usize, Option<String>)>,
    /// What is wrong with the credential of the given security scheme with this number.
    pub forged: Option<(usize, Forgery)>,
}

impl RequestContext {
    /// Takes these values for the parameters of the path, and those that would be there anyway between them.
    #[cfg(feature = "cli")]
    pub(crate) fn set_path(&mut self, operation: &Operation, mut values: Vec<Option<String>>) {
        values.truncate(values.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
        let parameters = operation.parameters.iter().enumerate();
        let in_path = parameters.filter(|(_, parameter)| parameter.location == ParameterIn::Path);
        let value = |(value, (index, _)): (Option<String>, _)| value.unwrap_or_else(|| self.ordinary(operation, index));
        self.path_values = values.into_iter().zip(in_path).map(value).collect();
    }

    /// The request that carries `body`.
    pub fn request(&self, operation: &Operation, body: Option<Vec<u8>>, special: &RequestOverride) -> Request {
        // What follows a `#` stays with the client.
        let template = operation.path.split('#').next().unwrap_or_default();
        let mut path = format!("{}{template}", operation.base_path);
        let (mut headers, mut query, mut cookies) = (Vec::new(), Vec::new(), Vec::new());
        let body = body.filter(|_| operation.body.is_sent || special.method.is_some());
        match &special.content_type {
            None if body.is_none() && !operation.body.is_sent => {}
            None => headers.push(("Content-Type".to_owned(), operation.body.media_type.clone())),
            Some(None) => {}
            Some(Some(value)) => headers.push(("Content-Type".to_owned(), value.clone())),
        }
        let mut path_values = self.path_values.iter();
        for (index, parameter) in operation.parameters.iter().enumerate() {
            let given = if parameter.location == ParameterIn::Path { path_values.next().cloned() } else { None };
            let value = match &special.parameter {
                Some((special, value)) if *special == index => value.clone(),
                _ if parameter.usual == Usual::Absent && !self.learnt.contains_key(&index) => None,
                _ => given.or_else(|| Some(self.ordinary(operation, index))),
            };
            let Some(value) = value else { continue };
            let placed = carrier::Place::of(parameter).placed(&value);
            match parameter.location {
                ParameterIn::Path => path = path.replace(&format!("{{{}}}", parameter.name), &placed),
                ParameterIn::Query => query.push(placed),
                ParameterIn::Header => headers.push((parameter.name.clone(), placed)),
                ParameterIn::Cookie => cookies.push(placed),
            }
        }
        for credential in self.called(operation, special.forged) {
            match credential.location {
                ParameterIn::Path => {}
                ParameterIn::Query => query.push(credential.pair()),
                ParameterIn::Header => headers.push((credential.name, credential.value)),
                ParameterIn::Cookie => cookies.push(credential.pair()),
            }
        }
        headers.extend(accepted(operation).map(|types| ("Accept".to_owned(), types)));
        let odd_place = special.odd_place(operation);
        let is_odd = |name: &str| {
            let special_type = special.content_type.is_some() && name.eq_ignore_ascii_case("content-type");
            let is_there =
                |(location, special): (_, &str)| location == ParameterIn::Header && special.eq_ignore_ascii_case(name);
            special_type || odd_place.is_some_and(is_there)
        };
        let own: Vec<&(String, String)> = self.headers.iter().filter(|(name, _)| !is_odd(name)).collect();
        let odd_cookie = odd_place.filter(|(location, _)| *location == ParameterIn::Cookie).map(|(_, name)| name);
        let own = with_cookies(&own, cookies, odd_cookie);
        // The user's replace those of the contract, and one that is given twice is sent twice.
        headers.retain(|(name, _)| !own.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
        headers.extend(own);
        // What is escaped already stays so.
        path = encoded(path.as_bytes(), UNFIT);
        query.extend(special.query.clone());
        if !query.is_empty() {
            let joint = if path.contains('?') { '&' } else { '?' };
            path = format!("{path}{joint}{}", query.join("&"));
        }
        Request {
            method: special.method.clone().unwrap_or_else(|| operation.method.clone()),
            path,
            headers,
            body: body.map(Body::from),
        }
    }

    /// The credentials of the given security schemes, one of them perhaps forged. What the user gave by hand is not among them.
    fn called(&self, operation: &Operation, forged: Option<(usize, Forgery)>) -> Vec<Credential> {
        let schemes = operation.security.given.iter().enumerate();
        let credential =
            |(number, scheme): (usize, &SecurityScheme)| match forged.filter(|(forged, _)| *forged == number) {
                Some((_, Forgery::Absent)) => None,
                Some((_, Forgery::Wrong)) => scheme.carried(&scheme.wrong(made_up(self.seed.wrapping_add(1), MADE_UP))),
                None => scheme.carried(&self.value_of(scheme)),
            };
        schemes.filter_map(credential).collect()
    }

    /// What a parameter holds for want of a reason to hold something else.
    pub(crate) fn ordinary(&self, operation: &Operation, index: usize) -> String {
        let parameter = &operation.parameters[index];
        match (&self.credential, self.learnt.get(&index), &parameter.example) {
            (Some(credential), ..) if parameter.credential => credential.expose().to_owned(),
            (_, Some(learnt), _) => learnt.clone(),
            (.., Some(example)) if !parameter.credential => example.clone(),
            _ => self.made_up(operation, index),
        }
    }

    /// Whether a parameter holds what the caller gave.
    pub(crate) fn is_given(&self, operation: &Operation, index: usize) -> bool {
        let parameter = &operation.parameters[index];
        match parameter.location {
            ParameterIn::Path => {
                let before = operation.parameters[..index].iter();
                before.filter(|other| other.location == ParameterIn::Path).count() < self.path_values.len()
            }
            ParameterIn::Query => false,
            location => {
                (parameter.credential && self.credential.is_some() && location == ParameterIn::Header)
                    || self.own(location, &parameter.name).is_some()
            }
        }
    }

    /// What the user's own headers hold for a header or a cookie of this name.
    pub(crate) fn own(&self, location: ParameterIn, name: &str) -> Option<&str> {
        let header = |wanted: &str| {
            let wanted = wanted.to_owned();
            self.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(&wanted)).map(|(_, value)| value)
        };
        match location {
            ParameterIn::Header => header(name).next().map(String::as_str),
            ParameterIn::Cookie => {
                let mut cookies = header(COOKIE).flat_map(|value| value.split(';'));
                let cookie = cookies.find(|cookie| cookie_name(cookie) == name)?;
                cookie.split_once('=').map(|(_, value)| value.trim())
            }
            ParameterIn::Path | ParameterIn::Query => None,
        }
    }

    /// An ordinary legal value that nobody gave: what tells a target that checks who calls from one that checks form.
    pub fn made_up(&self, operation: &Operation, index: usize) -> String {
        let length = operation.parameters[index].lengths().first().copied().unwrap_or_default();
        self.made_up_of(length)
    }

    /// A value of this length that nobody gave.
    pub(crate) fn made_up_of(&self, length: usize) -> String {
        made_up(self.seed, length)
    }

    /// The values that must not come back in any answer: the user's, and the made-up ones.
    pub fn secrets(&self, operation: &Operation) -> Vec<Secret> {
        let credentials = operation.parameters.iter().enumerate().filter(|(_, parameter)| parameter.credential);
        let tokens = credentials.map(|(index, parameter)| match &self.credential {
            Some(credential) => credential.clone(),
            None => Secret::new(parameter.name.clone(), self.ordinary(operation, index)),
        });
        tokens.chain(self.secrets.iter().cloned()).filter(Secret::is_telling).collect()
    }

    /// Replaces everything secret in a text by the names of the variables, and other tokens by a word.
    pub fn masked(&self, text: &str) -> String {
        token::masked(&hidden(text, &self.hidden(), |secret| format!("${}", secret.name())))
    }

    /// The same for what only the caller reads: private values are left in it.
    #[cfg(feature = "cli")]
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let private = |secret: &&Secret| !self.private.contains(secret);
        let secrets: Vec<&Secret> = self.hidden().into_iter().filter(private).collect();
        hidden(text, &secrets, |secret| format!("${}", secret.name()))
    }

    /// A header's value taken apart, so that a line for the shell can name the variables in it.
    pub fn pieces<'a>(&'a self, value: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = vec![Piece::Plain(value)];
        for secret in self.hidden() {
            let apart = |piece| match piece {
                Piece::Plain(text) => secret.apart(text),
                known @ Piece::Secret(_) => vec![known],
            };
            pieces = pieces.into_iter().flat_map(apart).collect();
        }
        pieces
    }

    /// What says who calls, as it is in ordinary requests.
    pub(crate) fn credentials(&self, operation: &Operation) -> Vec<Credential> {
        let parameters = operation.parameters.iter().enumerate();
        let marked = parameters
            .filter(|(_, parameter)| parameter.credential && parameter.location == ParameterIn::Header)
            .map(|(index, parameter)| Credential {
                location: ParameterIn::Header,
                name: parameter.name.clone(),
                value: self.ordinary(operation, index),
            });
        marked.chain(self.callers(operation).into_iter().flatten()).collect()
    }

    /// The same for each given security scheme; nothing for one that no request carries.
    pub(crate) fn callers(&self, operation: &Operation) -> Vec<Option<Credential>> {
        // The user's own headers stand in place of those.
        let own = |credential: Credential| match self.own(credential.location, &credential.name) {
            Some(value) => Credential { value: value.to_owned(), ..credential },
            None => credential,
        };
        let given = operation.security.given.iter();
        given.map(|scheme| scheme.carried(&self.value_of(scheme)).map(own)).collect()
    }

    /// The credential of a scheme: the user's, or one that is made up.
    fn value_of(&self, scheme: &SecurityScheme) -> String {
        match self.schemes.get(&scheme.name) {
            Some(given) => given.expose().to_owned(),
            None => scheme.made_up(made_up(self.seed, MADE_UP)),
        }
    }

    /// Everything that is never shown, the longest first: one may stand in another.
    pub(crate) fn hidden(&self) -> Vec<&Secret> {
        let mut hidden: Vec<&Secret> = self.credential.iter().chain(&self.secrets).chain(&self.private).collect();
        hidden.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        hidden
    }
}

/// The header that cookies share.
const COOKIE: &str = "Cookie";

/// The media types that the documented answers of an open contract have, JSON first; another is better than none.
fn accepted(operation: &Operation) -> Option<String> {
    let documented = operation.responses.documented.iter().flat_map(|answer| answer.content.media_types());
    let mut types: Vec<&str> = Vec::new();
    for name in documented.map(String::as_str).filter(|name| operation.is_open && is_range(name)) {
        if !types.contains(&name) {
            types.push(name);
        }
    }
    types.sort_by_key(|name| !media_type::essence(name).ends_with("json"));
    let all = types.contains(&"*/*");
    (!types.is_empty() && !all).then(|| format!("{}, */*;q=0.1", types.join(", ")))
}

/// Whether a name is one that a header may hold: documents have others in the place of media types.
fn is_range(name: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&byte))
    };
    let essence = media_type::essence(name);
    let is_plain = name.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b',');
    is_plain && essence.split_once('/').is_some_and(|(kind, rest)| is_token(kind) && is_token(rest))
}

/// A value that nobody gave.
fn made_up(seed: u64, length: usize) -> String {
    // A multiplicative hash spreads small seeds over all digits.
    let digits = format!("{:016x}", seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let value = format!("made-up-{digits}-value");
    match length.checked_sub(value.len()) {
        Some(rest) => value + &plain::text_of_length(rest),
        None => value[..length].to_owned(),
    }
}

impl RequestOverride {
    /// Where something odd stands, or nothing does.
    fn odd_place<'a>(&self, operation: &'a Operation) -> Option<(ParameterIn, &'a str)> {
        match (&self.parameter, self.forged) {
            (Some((index, _)), _) => {
                let parameter = &operation.parameters[*index];
                Some((parameter.location, &parameter.name))
            }
            (None, Some((number, _))) => operation.security.given.get(number)?.place(),
            (None, None) => None,
        }
    }
}

/// Headers of the user's own with the cookies of the contract among them: all cookies stand in one header, and the user's
/// replace those of the same name, but for one that is probed.
fn with_cookies(own: &[&(String, String)], mut cookies: Vec<String>, special: Option<&str>) -> Vec<(String, String)> {
    let is_cookie = |name: &str| name.eq_ignore_ascii_case(COOKIE);
    if cookies.is_empty() && special.is_none() {
        return own.iter().map(|header| (*header).clone()).collect();
    }
    let given = own.iter().filter(|(name, _)| is_cookie(name)).flat_map(|(_, value)| value.split(';'));
    let given: Vec<&str> = given.map(str::trim).filter(|cookie| Some(cookie_name(cookie)) != special).collect();
    cookies.retain(|cookie| !given.iter().any(|other| cookie_name(other) == cookie_name(cookie)));
    cookies.extend(given.into_iter().filter(|cookie| !cookie.is_empty()).map(str::to_owned));
    let others = own.iter().filter(|(name, _)| !is_cookie(name)).map(|header| (*header).clone());
    let cookie = (!cookies.is_empty()).then(|| (COOKIE.to_owned(), cookies.join("; ")));
    others.chain(cookie).collect()
}

fn cookie_name(cookie: &str) -> &str {
    cookie.split('=').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> RequestContext {
        RequestContext {
            headers: vec![
                ("A".to_owned(), "Bearer canary-one".to_owned()),
                ("B".to_owned(), "canary-three".to_owned()),
            ],
            credential: Some(Secret::new("TOKEN", "canary-two")),
            secrets: vec![Secret::new("ONE", "canary-one")],
            private: vec![Secret::new("THREE", "canary-three"), Secret::new("LONGER", "canary-three and more")],
            ..RequestContext::default()
        }
    }

    #[test]
    fn no_format_shows_a_secret() {
        let told = format!("{:?} {:#?}", context(), context());
        assert!(!told.contains("canary") && told.contains("Bearer $ONE"), "{told}");
    }

    #[test]
    fn every_secret_is_masked_the_longest_first() {
        let text = "canary-one, canary-two, canary-three, canary-three and more";
        assert_eq!(context().masked(text), "$ONE, $TOKEN, $THREE, $LONGER");
    }

    #[test]
    fn a_value_is_taken_apart_at_its_secrets() {
        let context = context();
        let names: Vec<String> = context
            .pieces("x canary-one;canary-three and more")
            .into_iter()
            .map(|piece| match piece {
                Piece::Plain(text) => text.to_owned(),
                Piece::Secret(secret) => format!("<{}>", secret.name()),
            })
            .collect();
        assert_eq!(names, ["x ", "<ONE>", ";", "<LONGER>"]);
    }
}
