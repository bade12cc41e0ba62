//! Variants: requests that ask the same as another, for where that must not be sent again. Each has its own effect.

use crate::exchange::Request;
use crate::text::media_type::is_json;

/// A request that asks the same as another, and how to make more of them.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    request: Request,
    /// The word in its body by which it differs from its like; nothing where they are repetitions of the request.
    mark: Option<String>,
}

/// What repetitions say that they are, where their bytes cannot.
const AGAIN: &str = "Fencepost-Again";
/// How many digits a mark ends in.
const DIGITS: usize = 8;

/// The same request once more, told from others by this number. Only behind JSON do blanks mean nothing: to a text, a form or
/// bytes nothing can be added that is not said by them, so there a header that nobody documents tells it.
fn again(request: &Request, number: usize) -> Request {
    let Some(body) = request.body.as_deref() else { return request.clone() };
    let mut again = request.clone();
    if request.header("content-type").is_some_and(is_json) {
        again.body = Some([body, &vec![b' '; number]].concat().into());
    } else {
        again.headers.push((AGAIN.to_owned(), number.to_string()));
    }
    again
}

impl Variant {
    /// A mark for what this number tells from its like.
    pub(crate) fn mark(number: u64) -> String {
        format!("again-{:0DIGITS$x}", number & 0xffff_ffff)
    }

    /// A variant that differs from its like by this mark, which stands in its body.
    pub(crate) fn marked(request: Request, mark: String) -> Self {
        Self { request, mark: Some(mark) }
    }

    /// A variant that says what it is made of once more.
    pub(crate) fn repeated(request: Request) -> Self {
        Self { request, mark: None }
    }

    /// The one with this number; nothing where there are no more.
    pub(crate) fn nth(&self, number: usize) -> Option<Request> {
        let request = &self.request;
        if request.body.is_none() {
            return (number == 0).then(|| request.clone());
        }
        let marked = self.mark.as_deref().and_then(|mark| with_mark(request, mark, number));
        Some(marked.unwrap_or_else(|| again(request, number + 1)))
    }
}

/// The request with the mark of this number in the place of its own; nothing where it has none.
fn with_mark(request: &Request, mark: &str, number: usize) -> Option<Request> {
    let body = request.body.as_deref()?;
    let at = body.windows(mark.len().max(1)).position(|part| part == mark.as_bytes())?;
    let digits = u64::from_str_radix(mark.rsplit('-').next()?, 16).ok()?;
    let step = u64::try_from(number).unwrap_or_default().wrapping_mul(0x9e37_79b1);
    let other = Variant::mark(digits.wrapping_add(step));
    let body = [&body[..at], other.as_bytes(), &body[at + mark.len()..]].concat();
    Some(Request { body: Some(body.into()), ..request.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(media_type: &str, body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: vec![("Content-Type".to_owned(), media_type.to_owned())],
            body: Some(body.as_bytes().to_vec().into()),
        }
    }

    #[test]
    fn every_variant_differs_and_keeps_the_length_of_its_word() {
        let mark = Variant::mark(7);
        let body = format!("{{\"name\":\"{mark}\"}}");
        let variant = Variant::marked(request("application/json", &body), mark);
        let all: Vec<Request> = (0..300).filter_map(|number| variant.nth(number)).collect();
        let distinct: std::collections::HashSet<&Request> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (300, 300));
        assert!(all.iter().all(|request| request.weight() == all[0].weight()));
    }

    #[test]
    fn only_behind_json_is_anything_added_to_a_body() {
        let json = Variant::repeated(request("application/merge-patch+json", "{}"));
        let bodies: Vec<_> = (0..3).filter_map(|number| Some(json.nth(number)?.body?.to_vec())).collect();
        assert_eq!(bodies, [b"{} ".to_vec(), b"{}  ".to_vec(), b"{}   ".to_vec()]);
        for media_type in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "image/png"]
        {
            let plain = request(media_type, "a=1");
            let marked = Variant::marked(plain.clone(), Variant::mark(7));
            for variant in [Variant::repeated(plain.clone()), marked] {
                let all: Vec<Request> = (0..29).filter_map(|number| variant.nth(number)).collect();
                let distinct: std::collections::HashSet<&Request> = all.iter().chain([&plain]).collect();
                assert_eq!(distinct.len(), 30, "{media_type}");
                assert!(all.iter().all(|request| request.body == plain.body), "{media_type}");
            }
        }
    }
}
