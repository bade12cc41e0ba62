//! How deep the search gets with and without guidance: a server that asks for five things, one after the other, each on
//! another member, and says which one is still missing only by its error code. `cargo bench --bench search`.

#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

use std::ops::ControlFlow;
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Hearer, Outcome, Request, Response, Target};
use fencepost::generate::Generator;
use fencepost::request_context::RequestContext;
use fencepost::search::{FuzzCampaign, Plan};
use fencepost::session::Event;
use fencepost::suite::Suite;
use serde_json::{Value, json};

/// So many requests are the most that a search may take.
const BUDGET: u64 = 50_000;
const SEEDS: u64 = 10;

/// What the server asks for, stage by stage: each is met by one random legal body in some dozens.
const STAGES: [fn(&Value) -> bool; 5] = [
    |body| body["name"].as_str().is_some_and(|name| name.chars().count() == 255),
    |body| body["sub_tasks"].as_array().is_some_and(|tasks| tasks.len() == 3 && tasks[2]["progress"] == 100),
    |body| body["total_time"].as_i64() == Some(i64::MAX),
    |body| body["target_server"]["disks"].as_array().is_some_and(|disks| disks.len() == 2),
    |body| body["error_json"].as_str().is_some_and(|text| text.contains('\u{1f600}')),
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
    Outcome::Answer(Response { status, headers: Vec::new(), body: body.to_string().into_bytes(), unread: None })
}

/// The server, as a target that remembers how far anybody got.
#[derive(Default)]
struct Chain {
    requests: usize,
    /// The deepest stage that was reached, and after how many requests.
    deepest: (usize, usize),
}

impl Target for Chain {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            self.requests += 1;
            let body = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
            let stage = body.as_ref().map_or(0, stage);
            if stage > self.deepest.0 {
                self.deepest = (stage, self.requests);
            }
            hear(Delivery { outcome: answer(stage), elapsed: Duration::ZERO })?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        times < 10
    }
}

/// How far a search of the server gets within the budget.
fn search(contract: &Contract, seed: u64, guided: bool) -> (usize, usize) {
    let generator = Generator::new(contract);
    let suite = Suite::new(contract).within(Some(BUDGET));
    let (context, mut target, mut observe) = (RequestContext::default(), Chain::default(), |_: &Event<'_>| {});
    let plan = Plan::new(&generator, seed, guided);
    let mut campaign =
        FuzzCampaign::start(&suite, &generator, &context, &mut target, plan, &mut observe).expect("it answers in HTTP");
    while campaign.stop().is_none() {
        campaign.round();
    }
    drop(campaign);
    target.deepest
}

fn main() {
    let contract = Contract::shipped();
    println!("{:>4}  {:>28}  {:>28}", "seed", "guided", "unguided");
    for seed in 0..SEEDS {
        let told = |(stage, requests): (usize, usize)| format!("stage {stage} of {} at {requests:>6}", STAGES.len());
        println!(
            "{seed:>4}  {:>28}  {:>28}",
            told(search(&contract, seed, true)),
            told(search(&contract, seed, false))
        );
    }
}
