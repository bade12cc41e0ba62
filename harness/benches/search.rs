//! How deep the search gets with and without guidance: a server that asks for five things, one after the other, each on
//! another member, and says which one is still missing only by its error code.

use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Outcome, Response};
use fencepost::generate::Generator;
use fencepost::search::{Features, Plan};
use serde_json::{Value, json};

/// So many requests are the most that a search may take.
const BUDGET: usize = 50_000;
const SEEDS: u64 = 10;

/// What the server asks for, stage by stage: each is met by one random legal body in some dozens.
const STAGES: [fn(&Value) -> bool; 5] = [
    |body| body["name"].as_str().is_some_and(|name| name.chars().count() == 255),
    |body| body["sub_tasks"].as_array().is_some_and(|tasks| tasks.len() == 3),
    |body| body["total_time"].as_i64() == Some(i64::MAX),
    |body| body["target_server"]["disks"].as_array().is_some_and(|disks| disks.len() == 2),
    |body| body["error_json"].as_str().is_some_and(|text| text.contains('\u{0}')),
];

/// How far a body gets: the number of stages that are met, without a gap.
fn stage(body: &Value) -> usize {
    STAGES.iter().take_while(|met| met(body)).count()
}

fn answer(stage: usize) -> Outcome {
    let (status, body) = match stage {
        5 => (200, json!({"id": "1"})),
        missing => (400, json!({"error_code": format!("CHAIN.{missing}"), "error_msg": "not yet"})),
    };
    Outcome::Answer(Response { status, headers: Vec::new(), body: body.to_string().into_bytes() })
}

/// The deepest stage that was reached, and after how many requests.
fn search(generator: &Generator, seed: u64, guided: bool) -> (usize, usize) {
    let mut plan = Plan::new(generator, seed, guided);
    let mut deepest = (0, 0);
    for request in 1..=BUDGET {
        let attempt = plan.propose();
        let body = serde_json::from_str(&attempt.case.body.render()).expect("a case is JSON");
        let stage = stage(&body);
        if stage > deepest.0 {
            deepest = (stage, request);
        }
        if stage == STAGES.len() {
            break;
        }
        let broken: Vec<_> = attempt.case.broken.iter().map(|rule| &generator.rules()[*rule]).collect();
        plan.learn(&attempt, &Features::of(&answer(stage), Duration::ZERO, &broken));
    }
    deepest
}

fn main() {
    let generator = Generator::new(&Contract::shipped());
    println!("{:>4}  {:>28}  {:>28}", "seed", "guided", "unguided");
    for seed in 0..SEEDS {
        let told = |(stage, requests): (usize, usize)| format!("stage {stage} of {} at {requests:>6}", STAGES.len());
        println!(
            "{seed:>4}  {:>28}  {:>28}",
            told(search(&generator, seed, true)),
            told(search(&generator, seed, false))
        );
    }
}
