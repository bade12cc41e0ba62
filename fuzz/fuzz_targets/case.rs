//! Arbitrary choices; the law is `tests/laws/case.rs`.
#![no_main]

#[path = "../../tests/laws/case.rs"]
mod law;

use std::sync::LazyLock;

use fencepost::generate::RawChoices;
use libfuzzer_sys::fuzz_target;

static BENCH: LazyLock<law::Bench> = LazyLock::new(law::Bench::new);

fuzz_target!(|choices: RawChoices| law::hold(&BENCH, &choices.0));
