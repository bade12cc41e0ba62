//! Whether a rate is held: what a gateway sees in ten seconds, by its own clock, of a client that was told a rate.
//! `cargo bench --bench rate`. Fails where a rate is missed by more than 5%.
#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

#[expect(dead_code, reason = "a benchmark needs less of it than the tests do")]
#[path = "../../tests/support/server.rs"]
mod server;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fencepost::exchange::{Request, Target};
use fencepost::target::{HttpTarget, Rate, TargetSettings};
use server::{Server, bytes_of, json};

const WINDOW: Duration = Duration::from_secs(10);
/// The window begins a little after the first request, with all connections made.
const RUN_UP: Duration = Duration::from_millis(500);
/// By how much a rate may be missed.
const TOLERANCE: f64 = 0.05;

/// How many requests a gateway saw in the window.
fn seen(rate: Rate) -> usize {
    let arrivals: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let gateway = Server::http({
        let arrivals = arrivals.clone();
        move |request, _| {
            arrivals.lock().expect("no thread panics").push(Instant::now());
            Some(bytes_of(request, &json(200, "{}")))
        }
    });
    let settings = TargetSettings { rate: Some(rate), ..TargetSettings::new(gateway.url()) };
    let mut target = HttpTarget::new(&settings).expect("the gateway has a URL");
    target.end_in(RUN_UP + WINDOW + RUN_UP);
    let request = Request {
        method: "PUT".to_owned(),
        path: "/".to_owned(),
        headers: Vec::new(),
        body: Some(b"{}".to_vec().into()),
    };
    let requests = vec![request; usize::try_from(rate.requests).expect("a small number") * 2 * 11];
    let _ = target.send(&requests, &mut |_| ControlFlow::Continue(()));
    let arrivals = arrivals.lock().expect("no thread panics");
    let begin = *arrivals.first().expect("something was sent") + RUN_UP;
    arrivals.iter().filter(|at| (begin..begin + WINDOW).contains(at)).count()
}

fn main() {
    let mut held = true;
    for requests in [10, 100, 1_000] {
        let rate = Rate { requests, per: Duration::from_secs(1) };
        let wanted = f64::from(requests) * WINDOW.as_secs_f64();
        let seen = seen(rate);
        let off = f64::from(u32::try_from(seen).unwrap_or(u32::MAX)) / wanted - 1.0;
        held &= off.abs() <= TOLERANCE;
        println!("{:>7}  {seen:>6} requests in {} s, {:+.2}%", rate.to_string(), WINDOW.as_secs(), off * 100.0);
    }
    assert!(held, "a rate was missed by more than {}%", TOLERANCE * 100.0);
}
