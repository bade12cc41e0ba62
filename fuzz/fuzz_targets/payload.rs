//! Arbitrary bytes as a body; the law is `tests/laws/payload.rs`.
#![no_main]

#[path = "../../tests/laws/payload.rs"]
mod law;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static BENCH: LazyLock<law::Bench> = LazyLock::new(law::Bench::new);

fuzz_target!(|body: &[u8]| law::hold(&BENCH, body));
