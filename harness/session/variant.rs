//! Variants: requests that ask the same as another, for where that must not be sent again. Each has its own effect.

use crate::exchange::Request;

/// A request that asks the same as another, and how to make more of them.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    request: Request,
    /// The word in its body by which it differs from its like; where there is none of these, what means nothing after the
    /// body does.
    mark: String,
}

/// What means nothing at the end of a body: a blank, or an empty field of a form.
fn filler(request: &Request) -> u8 {
    let is_form = request.header("content-type").is_some_and(|name| name.contains("urlencoded"));
    if is_form { b'&' } else { b' ' }
}

/// How many digits a mark ends in.
const DIGITS: usize = 8;

impl Variant {
    /// A mark for what this number tells from its like.
    pub(crate) fn mark(number: u64) -> String {
        format!("again-{:0DIGITS$x}", number & 0xffff_ffff)
    }

    /// A variant that differs from its like by this mark, which stands in its body.
    pub(crate) fn marked(request: Request, mark: String) -> Self {
        Self { request, mark }
    }

    /// A variant that differs from what it is made of, and from its like, by the spaces after the body.
    pub(crate) fn spaced(request: Request) -> Self {
        let filler = [filler(&request)];
        let body = request.body.as_deref().map(|body| [body, &filler].concat().into());
        Self { request: Request { body, ..request }, mark: String::new() }
    }

    /// The one with this number; nothing where there are no more.
    pub(crate) fn nth(&self, number: usize) -> Option<Request> {
        if number == 0 {
            return Some(self.request.clone());
        }
        let body = self.request.body.as_deref()?;
        Some(Request { body: Some(self.with_mark(body, number).into()), ..self.request.clone() })
    }

    fn with_mark(&self, body: &[u8], number: usize) -> Vec<u8> {
        let at = body.windows(self.mark.len().max(1)).position(|part| part == self.mark.as_bytes());
        let digits = self.mark.rsplit('-').next().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let (Some(at), Some(digits)) = (at, digits) else {
            return [body, &vec![filler(&self.request); number]].concat();
        };
        let step = u64::try_from(number).unwrap_or_default().wrapping_mul(0x9e37_79b1);
        let other = Self::mark(digits.wrapping_add(step));
        [&body[..at], other.as_bytes(), &body[at + self.mark.len()..]].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: Some(body.as_bytes().to_vec().into()),
        }
    }

    #[test]
    fn every_variant_differs_and_keeps_the_length_of_its_word() {
        let mark = Variant::mark(7);
        let variant = Variant::marked(request(&format!("{{\"name\":\"{mark}\"}}")), mark);
        let all: Vec<Request> = (0..300).filter_map(|number| variant.nth(number)).collect();
        let distinct: std::collections::HashSet<&Request> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (300, 300));
        assert!(all.iter().all(|request| request.weight() == all[0].weight()));
        let spaced = Variant::spaced(request("{}"));
        let bodies: Vec<_> = (0..3).filter_map(|number| Some(spaced.nth(number)?.body?.to_vec())).collect();
        assert_eq!(bodies, [b"{} ".to_vec(), b"{}  ".to_vec(), b"{}   ".to_vec()]);
    }
}
