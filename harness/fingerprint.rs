//! Fingerprints: numbers that tell things from each other, where the things are not kept.
//!
//! What is written into a request, a file or a name must be the same wherever and whenever this is built (FNV-1a); what is
//! only looked up while a process lives need not be, and is faster. A journal has its own, of a kind that nobody can forge:
//! what a service sends back must not pass for another answer.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The same for the same bytes, everywhere.
pub(crate) fn of_bytes(bytes: impl IntoIterator<Item = u8>) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.into_iter().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// The same of several texts, with a separator after each.
pub(crate) fn of_texts(texts: &[&str]) -> u64 {
    of_bytes(texts.iter().flat_map(|text| text.bytes().chain([0xff])))
}

/// The same for the same thing, as long as the process lives.
pub(crate) fn in_memory(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
