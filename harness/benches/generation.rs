//! How fast payloads are generated and written out, on one core.

use std::time::Instant;

use fencepost::Contract;
use fencepost::generate::{Choices, Generator};

fn main() {
    let contract = Contract::shipped();
    let generator = Generator::new(&contract);
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(state >> 48).unwrap_or_default()
    };
    for (name, first) in [("full", 9u16), ("small", 2)] {
        let all: Vec<Vec<u16>> =
            (0..1000).map(|_| std::iter::once(first).chain((0..1500).map(|_| draw())).collect()).collect();
        let started = Instant::now();
        let mut bytes = 0;
        let mut count = 0;
        for _ in 0..20 {
            for numbers in &all {
                bytes += generator.valid(&mut Choices::new(numbers)).body.render().len();
                count += 1;
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{name}: {:.0}/s {} bytes", f64::from(count) / seconds, bytes / count as usize);
    }
}
