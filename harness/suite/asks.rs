//! What is asked: the request of some wishes, whose free texts may be its own, and others that ask the same.

use super::{Run, scope};
use crate::address::Oddity;
use crate::compose::{Composer, Slot};
use crate::contract::{Operation, PlaceId};
use crate::exchange::{Request, is_idempotent};
use crate::fingerprint;
use crate::probe::marked;
use crate::session::{Ask, Expect, Key, Variant};

impl Run<'_> {
    pub(super) fn request(&self, wishes: &[(PlaceId, Slot)]) -> Request {
        self.request_with(self.body_of(&self.composer, wishes))
    }

    pub(super) fn request_with(&self, body: Vec<u8>) -> Request {
        self.address.request(self.operation, Some(body), &Oddity::default())
    }

    pub(super) fn ask_for(&self, wishes: &[(PlaceId, Slot)], expect: Expect, key: Option<Key>) -> Ask {
        let request = self.request(wishes);
        let variant = if request.is_repeatable() { None } else { Some(self.variant(wishes, &request)) };
        Ask { request, scope: scope(expect), expect, key, shared: false, variant }
    }

    /// The same wishes with a word of text beside them that no other request has; where no text may stand, with a space after
    /// the body.
    fn variant(&self, wishes: &[(PlaceId, Slot)], request: &Request) -> Variant {
        let mark = Variant::mark(fingerprint::of_bytes(request.body.iter().flat_map(|body| body.iter().copied())));
        let is_free = |place| {
            let apart = |other| !self.operation.is_within(place, other) && !self.operation.is_within(other, place);
            self.is_free(place)
                && !self.is_blocked(place)
                && wishes.iter().all(|(other, _)| *other == Operation::ROOT || apart(*other))
        };
        let marked = marked(self.operation, &mark, is_free);
        if !marked.is_empty() {
            return Variant::marked(self.request(&[wishes, &marked].concat()), mark);
        }
        Variant::spaced(request.clone())
    }

    /// The body of some wishes. A service may hold each text only once, and an open contract does not say so: there the free
    /// texts of what makes a thing are its own, and the same whenever the same is asked.
    pub(super) fn body_of(&self, composer: &Composer<'_>, wishes: &[(PlaceId, Slot)]) -> Vec<u8> {
        let plain = composer.bytes(wishes);
        if !self.has_fresh_texts() {
            return plain;
        }
        let number = fingerprint::of_bytes(plain).wrapping_add(self.number_of_texts());
        composer.fresh(number).bytes(wishes)
    }

    /// Whether the free texts of each body are its own.
    pub(super) fn has_fresh_texts(&self) -> bool {
        self.operation.is_open && self.operation.body.is_sent && !is_idempotent(&self.operation.method)
    }

    /// What texts are drawn by: others for another seed, and where those of before were held already.
    pub(super) fn number_of_texts(&self) -> u64 {
        self.address.seed.wrapping_add(self.held.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}
