//! How often the laws of the fuzz targets `payload` and `case` are held in a second, on one core and without libFuzzer's
//! share. `cargo bench --bench laws`.
#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

#[path = "../../tests/laws/case.rs"]
mod case;
#[path = "cpu.rs"]
mod cpu;
#[path = "../../tests/laws/payload.rs"]
mod payload;

use std::fs;
use std::path::Path;

use fencepost::generate::RawChoices;

/// How often each seed is taken.
const ROUNDS: usize = 200;

/// The seeds of a target, which a fuzzer starts from.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the seeds are there").map(|entry| entry.expect("a seed").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed can be read")).collect()
}

fn measure<T>(name: &str, inputs: &[T], mut hold: impl FnMut(&T)) {
    let started = cpu::nanos();
    for _ in 0..ROUNDS {
        inputs.iter().for_each(&mut hold);
    }
    let micros = ((cpu::nanos() - started) / 1_000).max(1);
    println!("{name:8} {:>8} executions per CPU second", inputs.len() * ROUNDS * 1_000_000 / micros);
}

fn main() {
    let bench = payload::Bench::new();
    measure("payload", &seeds("payload"), |body| payload::hold(&bench, body));
    let bench = case::Bench::new();
    let choices: Vec<Vec<u16>> = seeds("case").iter().map(|bytes| RawChoices::from_bytes(bytes).0).collect();
    measure("case", &choices, |choices| case::hold(&bench, choices));
}
