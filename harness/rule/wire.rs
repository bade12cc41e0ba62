//! The rules of what stands around a request: media type, method, credentials, query string. No table speaks of them.

use serde_json::{Value, json};

use super::shape::{Sides, unstated};
use super::{CONTENT_TYPE, JSON, Keyword, List, ODD_SPELLINGS, Part, RESPELLED, Site, Step};
use crate::contract::Standing;

/// The bound of the rule about media types that a document does not name.
const OTHER_TYPES: &str = "other types";

impl List<'_> {
    pub(super) fn wire(&mut self) {
        // No table speaks of the wire; it is what the page's part on requests takes for granted.
        let source = "Request";
        // What else a body of another media type may be an open contract may say.
        if self.operation.body.is_sent && (!self.operation.is_open || self.operation.body.media_type == JSON) {
            let content_type = Site::new(self.operation.name(), Part::Header, [Step::member(CONTENT_TYPE)]);
            // Many services read a body as JSON whatever it is called, and no OpenAPI document forbids it.
            let is_open = self.operation.is_open;
            let sides = if is_open { Sides::Inside } else { Sides::Both };
            self.add(&content_type, source, Keyword::MediaType, json!("application/json"), Standing::Firm, sides);
            if is_open {
                let other = unstated("whether a body that is called something else is refused");
                self.add(&content_type, source, Keyword::MediaType, json!(OTHER_TYPES), other, Sides::Outside);
            }
            let odd = unstated("whether this spelling of the media type is understood");
            self.add(&content_type, source, Keyword::MediaType, json!(ODD_SPELLINGS), odd, Sides::Outside);
            if is_open {
                // Another spelling of a media type is the same, so what is refused under the one is refused under the other.
                let firm = Standing::Firm;
                self.add(&content_type, source, Keyword::MediaType, json!(RESPELLED), firm, Sides::Outside);
            }
        }
        // In an open contract other methods are other operations, or none of anybody's business.
        if !self.operation.is_open {
            let other = unstated("what other methods do");
            let request = self.operation.site(Part::Request);
            self.add(&request, source, Keyword::Method, json!(self.operation.method), other, Sides::Outside);
        }
        let security = &self.operation.security;
        for (_, scheme) in security.needed() {
            if let Some(place) = scheme.site(self.operation.name()) {
                self.add(&place, source, Keyword::Security, json!(scheme.name), Standing::Firm, Sides::Outside);
            }
        }
        let query = unstated("whether a query string is ignored");
        self.add(&self.operation.site(Part::Query), source, Keyword::UnknownMember, Value::Null, query, Sides::Inside);
    }
}
