//! How fast legal payloads are generated and written out, on one core. `cargo bench --bench generation`.
#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

#[path = "cpu.rs"]
mod cpu;

use fencepost::Contract;
use fencepost::generate::{Choices, Generator};

/// Different choices, so that no figure is that of one lucky body.
const BODIES: usize = 1_000;
const ROUNDS: usize = 20;

fn main() {
    let generator = Generator::new(&Contract::shipped());
    let mut random = fastrand::Rng::with_seed(1);
    // The first choice is the density: the last of ten fills every place, a low one leaves most of them out.
    for (name, density) in [("every place filled", 9), ("small", 2)] {
        let choices: Vec<Vec<u16>> =
            (0..BODIES).map(|_| std::iter::once(density).chain((0..1_500).map(|_| random.u16(..))).collect()).collect();
        let started = cpu::nanos();
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            for numbers in &choices {
                bytes += generator.valid(&mut Choices::new(numbers)).body.render().len();
            }
        }
        let count = BODIES * ROUNDS;
        let micros = ((cpu::nanos() - started) / 1_000).max(1);
        println!(
            "{name:20} {:>8} payloads per CPU second, {:>6} bytes each",
            count * 1_000_000 / micros,
            bytes / count
        );
    }
}
