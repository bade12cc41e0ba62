//! Arbitrary text as a contract; the law is `tests/laws/contract.rs`.
#![no_main]

#[path = "../../tests/laws/contract.rs"]
mod law;

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    // A file that is no text is refused before it comes to the loader.
    let Ok(text) = std::str::from_utf8(bytes) else { return Corpus::Reject };
    law::hold(text);
    Corpus::Keep
});
