//! Arbitrary choices, as a case that is sent to an endpoint: legal bodies must be accepted, illegal ones refused, and every
//! answer must keep the contract of answers.
//!
//! `FENCEPOST_TARGET` names the endpoint, `FENCEPOST_TASK_ID` and `FENCEPOST_TOKEN` the task to update and a valid token;
//! without a target it is a stub in this process; a target on another machine has to be named in `FENCEPOST_ALLOW_HOST` as
//! well, because the task is not put back. What an answer shows bumps libFuzzer's extra counters, so that the corpus
//! grows with what the endpoint shows, of which no instrumentation tells.
#![no_main]

#[path = "../../tests/support/environment.rs"]
mod environment;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use fencepost::Contract;
use fencepost::exchange::{Delivery, Outcome, Request, Target};
use fencepost::generate::{Case, Choices, Generator, RawChoices};
use fencepost::oracle::{Oracle, Reaction, Scope};
use fencepost::report::curl;
use fencepost::request_context::{RequestContext, RequestOverride};
use fencepost::rule::{Keyword, Rule, Side};
use fencepost::search::Features;
use fencepost::stub::Stub;
use fencepost::stub::server::HyperStub;
use fencepost::target::{HttpTarget, TargetSettings};
use libfuzzer_sys::fuzz_target;

/// So many that two traits of answers seldom share one; libFuzzer reads them all after each case.
const COUNTERS: usize = 1 << 15;

/// libFuzzer clears them a machine word at a time.
#[repr(align(64))]
struct Counters([AtomicU8; COUNTERS]);

#[used]
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static SHOWN: Counters = Counters([const { AtomicU8::new(0) }; COUNTERS]);

/// How long a target that is gone is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an exchange may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The code of a target that cannot be tested.
const UNTESTABLE: i32 = 3;

unsafe extern "C" {
    /// Ends the process where it is: libFuzzer takes an ordinary exit for a crash, and would blame the case.
    safe fn _exit(code: i32) -> !;
}

static BENCH: OnceLock<Mutex<Bench>> = OnceLock::new();

fuzz_target!(
    init: {
        let mut bench = Bench::new();
        bench.contact();
        let _ = BENCH.set(Mutex::new(bench));
    },
    |choices: RawChoices| {
        let bench = BENCH.get().expect("it is set before the first case");
        // Whoever panics here takes the process along.
        bench.lock().unwrap_or_else(PoisonError::into_inner).hold(&choices.0);
    }
);

struct Bench {
    generator: Generator,
    context: RequestContext,
    oracle: Oracle,
    target: HttpTarget,
}

/// A law that an exchange breaks.
struct Breach {
    id: String,
    expected: String,
    observed: String,
}

impl Bench {
    fn new() -> Self {
        let contract = Contract::shipped();
        let named = environment::target().unwrap_or_else(|why| give_up(&why));
        let base_url = named.unwrap_or_else(|| embedded(&contract));
        let settings =
            TargetSettings { timeout: TIMEOUT, concurrency: 1, patience: PATIENCE, ..TargetSettings::new(&base_url) };
        let target = HttpTarget::new(&settings).unwrap_or_else(|error| give_up(&error.to_string()));
        environment::allowed(&base_url, target.is_loopback()).unwrap_or_else(|why| give_up(&why));
        let generator = Generator::new(&contract);
        let context = environment::context();
        let operation = generator.operation();
        let oracle = Oracle::new(&operation.responses, context.secrets(operation));
        Self { generator, context, oracle, target }
    }

    /// Nothing can be learnt from a target that accepts nothing.
    fn contact(&mut self) {
        let smallest = self.generator.valid(&mut Choices::new(&[])).body.render();
        let example = self.generator.operation().body.example.clone();
        for body in [smallest].into_iter().chain(example) {
            let request = self.request(body);
            let delivery = self.reached(&request);
            if self.oracle.judge(&request, &delivery.outcome, Scope::Operation).reaction == Reaction::Accepted {
                return;
            }
        }
        give_up(
            "the target accepts neither the smallest body nor the example; check FENCEPOST_TASK_ID and FENCEPOST_TOKEN",
        );
    }

    /// Holds the law for one case. What breaks it is asked for once more before it counts.
    fn hold(&mut self, numbers: &[u16]) {
        let mut choices = Choices::new(numbers).recorded();
        let case = self.generator.drawn(&mut choices);
        // No firm rule says that what is doubtful must be accepted.
        let sure = choices.into_trace().doubtful.is_empty();
        let request = self.request(case.body.render());
        let first = self.reached(&request);
        self.show(&case, &first);
        let Some(breach) = self.breach(&case, &request, sure, &first.outcome) else { return };
        let second = self.target.send_one(&request);
        // A target that one request has felled for good may be out of reach for the next.
        let felled = matches!(first.outcome, Outcome::Dropped(_) | Outcome::Gone(_) | Outcome::Timeout)
            && matches!(second.outcome, Outcome::Unreachable(_));
        if felled || self.breach(&case, &request, sure, &second.outcome).is_some_and(|again| again.id == breach.id) {
            let masked = |text: &str| self.context.masked(text);
            panic!(
                "FINDING {}\n  expected  {}\n  observed  {}\n  repeat    {}",
                breach.id,
                breach.expected,
                masked(&breach.observed),
                curl::line(&request, &self.context)
            );
        }
    }

    fn request(&self, body: String) -> Request {
        self.context.request(self.generator.operation(), Some(body.into_bytes()), &RequestOverride::default())
    }

    /// What becomes of a request, once the target can be reached.
    fn reached(&mut self, request: &Request) -> Delivery {
        let mut pauses = 0;
        loop {
            let delivery = self.target.send_one(request);
            let Outcome::Unreachable(why) = delivery.outcome else { return delivery };
            if !self.target.pause(pauses) {
                give_up(&format!("the target cannot be reached: {why}"))
            }
            pauses += 1;
        }
    }

    fn broken(&self, case: &Case) -> Vec<&Rule> {
        case.broken.iter().map(|rule| &self.generator.rules()[*rule]).collect()
    }

    /// Tells libFuzzer what the answer shows.
    fn show(&self, case: &Case, delivery: &Delivery) {
        for feature in Features::of(&delivery.outcome, delivery.elapsed, &self.broken(case)).iter() {
            let counter = &SHOWN.0[(feature % COUNTERS as u64) as usize];
            // One thread writes, and what is full stays full.
            counter.store(counter.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
        }
    }

    fn breach(&self, case: &Case, request: &Request, sure: bool, outcome: &Outcome) -> Option<Breach> {
        let broken = self.broken(case);
        let scope = if broken.is_empty() { Scope::Operation } else { Scope::Doubtful };
        let judgement = self.oracle.judge(request, outcome, scope);
        let reaction = judgement.reaction;
        let fine = match reaction {
            Reaction::Accepted => broken.is_empty(),
            Reaction::Refused => !broken.is_empty() || !sure,
            Reaction::Throttled | Reaction::Unknown => true,
            Reaction::Crashed | Reaction::TimedOut | Reaction::Dropped => false,
        };
        let side = if broken.is_empty() { Side::Inside } else { Side::Outside };
        if fine {
            let defect = judgement.defects.into_iter().next()?;
            let id = format!("{}:{}:{side}", defect.place, defect.check);
            return Some(Breach { id, expected: defect.expected, observed: defect.observed });
        }
        // Which of many legal values is to blame is found out by making the case smaller, not here.
        let (place, keyword) = match broken.first() {
            Some(rule) => (rule.place.as_str(), rule.keyword),
            None => ("body", Keyword::Interaction),
        };
        let keyword = match reaction {
            Reaction::TimedOut => Keyword::Timeout,
            Reaction::Dropped => Keyword::Connection,
            _ => keyword,
        };
        let expected = match &broken[..] {
            [] => "accepted: every value is legal".to_owned(),
            broken => {
                let named: Vec<String> =
                    broken.iter().map(|rule| format!("{} {} {}", rule.place, rule.keyword, rule.bound)).collect();
                format!("refused with a 4xx: it breaks {}", named.join(", and "))
            }
        };
        Some(Breach { id: format!("{place}:{keyword}:{side}"), expected, observed: observed(outcome) })
    }
}

fn observed(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer(response) => {
            format!("status {}: {}", response.status, String::from_utf8_lossy(&response.body))
        }
        Outcome::Timeout => "no answer in time".to_owned(),
        Outcome::Dropped(why) | Outcome::Gone(why) | Outcome::Unreachable(why) => {
            format!("closed without an answer: {why}")
        }
        Outcome::Lost | Outcome::NotSent | Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget => {
            "nothing".to_owned()
        }
    }
}

/// A stub that keeps nothing of what it has answered, for as long as the process lives.
fn embedded(contract: &Contract) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let bound = runtime.and_then(|runtime| {
        let server = runtime.block_on(HyperStub::bind(Stub::new(contract, Vec::new()), 0))?;
        let address = server.address()?;
        runtime.spawn(server.serve());
        // Nobody may end it before the process does.
        std::mem::forget(runtime);
        Ok(address)
    });
    match bound {
        Ok(address) => format!("http://{address}"),
        Err(error) => give_up(&format!("the stub cannot listen: {error}")),
    }
}

fn give_up(why: &str) -> ! {
    eprintln!("fencepost: {why}");
    _exit(UNTESTABLE)
}
