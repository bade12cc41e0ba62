//! What is asked: the request of some overrides, whose free texts may be its own, and others that ask the same.

use serde_json::Value;

use super::{Run, scope};
use crate::compose::{Composer, Slot};
use crate::contract::{Operation, PlaceId};
use crate::exchange::{Request, is_idempotent};
use crate::fingerprint;
use crate::json::Json;
use crate::probe::marked;
use crate::request_context::RequestOverride;
use crate::session::{Ask, Expect, Key, Variant};

impl Run<'_> {
    pub(super) fn request(&self, overrides: &[(PlaceId, Slot)]) -> Request {
        self.request_with(self.body_of(&self.composer, overrides))
    }

    pub(super) fn request_with(&self, body: Vec<u8>) -> Request {
        self.context.request(self.operation, Some(body), &RequestOverride::default())
    }

    pub(super) fn ask_for(&self, overrides: &[(PlaceId, Slot)], expect: Expect, key: Option<Key>) -> Ask {
        let request = self.request(overrides);
        let variant = if request.is_repeatable() { None } else { Some(self.variant(overrides, &request)) };
        Ask { request, scope: scope(expect), expect, key, shared: false, variant }
    }

    /// The same overrides with a word of text beside them that no other request has; where no text may stand, the same once
    /// more.
    fn variant(&self, overrides: &[(PlaceId, Slot)], request: &Request) -> Variant {
        let mark = Variant::mark(fingerprint::of_bytes(request.body.iter().flat_map(|body| body.iter().copied())));
        let is_free = |place| {
            let apart = |other| !self.operation.is_within(place, other) && !self.operation.is_within(other, place);
            self.is_free(place)
                && !self.is_blocked(place)
                && overrides.iter().all(|(other, _)| *other == Operation::ROOT || apart(*other))
        };
        let marked = marked(self.operation, &mark, is_free);
        let both = [overrides, &marked].concat();
        if !marked.is_empty() && self.is_alike(&self.composer.body(overrides), &self.composer.body(&both)) {
            return Variant::marked(self.request(&both), mark);
        }
        Variant::repeated(request.clone())
    }

    /// The body of some overrides. A service may hold each text only once, and an open contract does not say so: there the free
    /// texts of what makes a thing are its own, and the same whenever the same is asked.
    pub(super) fn body_of(&self, composer: &Composer<'_>, overrides: &[(PlaceId, Slot)]) -> Vec<u8> {
        let plain = composer.bytes(overrides);
        if !self.has_fresh_texts() {
            return plain;
        }
        let number = fingerprint::of_bytes(plain.iter().copied()).wrapping_add(self.number_of_texts());
        let fresh = composer.fresh(number);
        if self.is_alike(&composer.body(overrides), &fresh.body(overrides)) { fresh.bytes(overrides) } else { plain }
    }

    /// Whether the judge says the same of two bodies: of a text that would do by itself a schema may say more elsewhere.
    fn is_alike(&self, one: &Json, other: &Json) -> bool {
        let Some(judge) = &self.suite.judge else { return true };
        let broken = |body: &Json| {
            let body: Value = serde_json::from_str(&body.render()).ok()?;
            let found = judge.violations(&body).into_iter();
            Some(found.map(|violation| (violation.place, violation.broken)).collect::<Vec<_>>())
        };
        broken(one) == broken(other)
    }

    /// Whether the free texts of each body are its own.
    pub(super) fn has_fresh_texts(&self) -> bool {
        self.operation.is_open && self.operation.body.is_sent && !is_idempotent(&self.operation.method)
    }

    /// What texts are drawn by: others for another seed, and where those of before were held already.
    pub(super) fn number_of_texts(&self) -> u64 {
        self.context.seed.wrapping_add(self.held.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}
