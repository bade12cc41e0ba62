//! An endpoint reached over HTTP/1.1: bytes go out as the probe wrote them, and what comes back is told as it is.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};

use super::answer_memory::AnswerMemory;
use super::base::{TargetError, base_url};
use super::bytes::told;
use super::credential::Login;
use super::lanes::Lanes;
use super::pace::{Pace, Rate};
use super::sender::{Sender, Unanswered, Witness};
use super::throttle::Throttle;
use super::transport::Transport;
use super::waits::{Waiting, Waits};
use crate::exchange::{Delivery, Hearer, Outcome, Request, Target};

/// How long to wait at first for a target that may be coming back; each further time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// The longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long a target gets to see that connections were closed.
const FAREWELL: Duration = Duration::from_millis(20);
/// How often the interrupt flag is looked at while answers are waited for.
const FLAG_INTERVAL: Duration = Duration::from_millis(50);
/// How long what is in flight is waited for when nothing more is to be sent.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// How a target is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSettings {
    /// Where: scheme, host and port, and a path before the contract's.
    pub base_url: String,
    /// How long a whole exchange may take.
    pub timeout: Duration,
    /// How many requests may be in flight.
    pub concurrency: usize,
    /// How fast requests may follow each other; as fast as they are answered unless told.
    pub rate: Option<Rate>,
    /// How long to wait in all for a target that throttles everything, or that is gone.
    pub patience: Duration,
}

impl TargetSettings {
    /// The settings for a target nearby: ten seconds an exchange, sixteen requests in flight, three seconds of patience.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            timeout: Duration::from_secs(10),
            concurrency: 16,
            rate: None,
            patience: Duration::from_secs(3),
        }
    }
}

/// An endpoint reached over HTTP.
#[derive(Debug)]
pub struct HttpTarget {
    runtime: tokio::runtime::Runtime,
    sender: Sender,
    memory: AnswerMemory,
    concurrency: usize,
    interrupted: Arc<AtomicBool>,
    /// Nothing is sent after it.
    deadline: Option<Instant>,
    patience: Duration,
    /// How long an exchange may take.
    timeout: Duration,
    /// Since when it has been given time.
    paused: Option<Instant>,
    /// The first request that was under way when it was broken off, and that was sent and not answered.
    unanswered: Option<Request>,
    /// Why the credentials could not be renewed.
    renewal_failure: Option<String>,
    is_loopback: bool,
    /// How connections are made.
    transport: Transport,
    is_secure: bool,
}

impl HttpTarget {
    /// A target that is tried when the first request is sent.
    pub fn new(settings: &TargetSettings) -> Result<Self, TargetError> {
        Self::over(settings, &Transport::default(), None)
    }

    /// The same with connections that are made in this way, and credentials that are put into requests as they go out.
    pub fn over(settings: &TargetSettings, transport: &Transport, login: Option<Login>) -> Result<Self, TargetError> {
        let base = base_url(&settings.base_url)?;
        let secure = base.starts_with("https:");
        let client = transport.client(secure, settings.timeout)?;
        let fresh = transport.builder(secure, settings.timeout).pool_max_idle_per_host(0).build();
        let fresh = fresh.map_err(|error| TargetError::Client(told(&error)))?;
        let is_loopback = transport.is_loopback(&base);
        let waits = Waits::new(settings.timeout, settings.rate.map(Rate::interval));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| TargetError::Client(error.to_string()))?;
        Ok(Self {
            runtime,
            sender: Sender {
                base,
                client,
                fresh,
                lanes: Lanes::new(settings.concurrency),
                pace: settings.rate.map(Pace::new),
                throttle: Throttle::new(settings.patience, waits.clone()),
                login,
                budget: None,
                closed: AtomicBool::new(false),
                waits,
                unanswered: Unanswered::default(),
                witness: None,
            },
            memory: AnswerMemory::new(),
            concurrency: settings.concurrency.max(1),
            interrupted: Arc::new(AtomicBool::new(false)),
            deadline: None,
            patience: settings.patience,
            timeout: settings.timeout,
            paused: None,
            unanswered: None,
            renewal_failure: None,
            is_loopback,
            transport: transport.clone(),
            is_secure: secure,
        })
    }

    /// Whether the target is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Gets the credentials that have to be had before the first request; the error says why there are none.
    pub fn log_in(&mut self) -> Result<(), String> {
        let Some(login) = &self.sender.login else { return Ok(()) };
        let _wait = self.sender.waits.begin(Waiting::Token, self.patience + self.timeout);
        self.runtime.block_on(async {
            tokio::select! {
                begun = login.begin() => begun,
                _ = halted(&self.interrupted, self.deadline) => Err("interrupted".to_owned()),
            }
        })
    }

    /// Why the credentials could not be renewed, where that was tried in vain.
    pub fn renewal_failure(&self) -> Option<&str> {
        self.renewal_failure.as_deref()
    }

    /// Sends nothing more once this time is over.
    pub fn end_in(&mut self, time: Duration) {
        // A time beyond what a clock can tell is no limit.
        self.deadline = Instant::now().checked_add(time);
    }

    /// Sends no more than so many requests from now on, those included that are sent again.
    pub fn allow(&mut self, requests: u64) {
        self.sender.budget = Some(AtomicU64::new(requests));
    }

    /// Tells of each request that must not be sent twice, before it is sent: whatever becomes of this process, it is known.
    pub fn tell_before(&mut self, sees: impl Fn(&Request) + Send + Sync + 'static) {
        self.sender.witness = Some(Witness(Box::new(sees)));
    }

    /// Goes on after an interruption or the end of the time or of the budget, for what has to be done whatever came between.
    pub fn resume(&mut self) {
        self.interrupted.store(false, Ordering::Relaxed);
        self.deadline = None;
        self.sender.budget = None;
    }

    /// How many requests that may change something have no answer, now and whenever that is asked: the target may have carried
    /// them out, or still do so.
    pub fn unanswered_so_far(&self) -> Unanswered {
        self.sender.unanswered.clone()
    }

    /// What is waited for, now and whenever that is asked.
    pub fn waits(&self) -> Waits {
        self.sender.waits.clone()
    }

    /// Whether the user wanted an end, and nobody has gone on since.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// A flag that stops the run when it is set: nothing more is sent.
    pub fn interrupt_flag(&self) -> Arc<AtomicBool> {
        self.interrupted.clone()
    }
}

impl Target for HttpTarget {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        let (sender, memory, interrupted, deadline) = (&self.sender, &self.memory, &self.interrupted, self.deadline);
        let unanswered = &mut self.unanswered;
        sender.closed.store(false, Ordering::Relaxed);
        self.runtime.block_on(async {
            let passed = |request| async move {
                let place = memory.enter().await;
                (sender.pass(request).await, place)
            };
            let answers = stream::iter(requests).map(passed).buffered(self.concurrency);
            let mut answers = std::pin::pin!(answers);
            let (mut flow, mut heard) = (ControlFlow::Continue(()), 0);
            // No more than there are: a run that is halted after its last answer has that answer.
            for _ in requests {
                let (delivery, _place) = tokio::select! {
                    biased;
                    outcome = halted(interrupted, deadline) => (Delivery { outcome, elapsed: Duration::ZERO }, None),
                    Some(passed) = answers.next() => passed,
                    else => break,
                };
                let is_halted =
                    matches!(delivery.outcome, Outcome::Interrupted | Outcome::OutOfTime | Outcome::OutOfBudget);
                if let Outcome::Answer(answer) = &delivery.outcome {
                    memory.learn(answer.body.len());
                    *unanswered = None;
                }
                heard += 1;
                flow = hear(delivery);
                if is_halted || flow.is_break() {
                    flow = ControlFlow::Break(());
                    break;
                }
            }
            // Whoever goes on must not be overtaken by what was sent before.
            sender.closed.store(true, Ordering::Relaxed);
            let landed = async {
                while sender.waits.in_flight() > 0 {
                    let Some((delivery, _)) = answers.next().await else { break };
                    if matches!(delivery.outcome, Outcome::Dropped(_) | Outcome::Gone(_)) && unanswered.is_none() {
                        *unanswered = requests.get(heard).cloned();
                    }
                    heard += 1;
                }
            };
            // What has not landed by then is given up.
            let _ = tokio::time::timeout(LAST_WAIT, landed).await;
            flow
        })
    }

    fn pause(&mut self, times: usize) -> bool {
        let pauses = || (0..).map(|time: u32| FIRST_PAUSE.saturating_mul(1 << time.min(16)).min(LONGEST_PAUSE));
        if times == 0 {
            self.paused = None;
        }
        let since = *self.paused.get_or_insert_with(Instant::now);
        // What it was asked in between took its time, too.
        let waited = pauses().take(times).sum::<Duration>().max(since.elapsed());
        if waited >= self.patience {
            return false;
        }
        let pause = pauses().nth(times).unwrap_or(LONGEST_PAUSE).min(self.patience.saturating_sub(waited));
        let _wait = self.sender.waits.begin(Waiting::Return, self.patience.saturating_sub(waited));
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // The next request tells that it is over.
                _ = halted(&self.interrupted, self.deadline) => {}
            }
        });
        true
    }

    fn renew(&mut self) -> bool {
        let Some(login) = &self.sender.login else { return false };
        let _wait = self.sender.waits.begin(Waiting::Token, self.patience + self.timeout);
        let renewed = self.runtime.block_on(async {
            tokio::select! {
                renewed = login.renew() => renewed,
                // The next request tells that it is over.
                _ = halted(&self.interrupted, self.deadline) => Ok(true),
            }
        });
        renewed.unwrap_or_else(|why| {
            self.renewal_failure = Some(why);
            false
        })
    }

    fn held(&mut self) -> Duration {
        self.sender.throttle.waited()
    }

    fn unanswered(&self) -> Option<Request> {
        self.unanswered.clone()
    }

    fn at_a_time(&self) -> usize {
        self.sender.lanes.count()
    }

    fn ease(&mut self) -> Option<usize> {
        let fewer = self.sender.lanes.ease()?;
        // Connections that nobody uses are closed: the target may count them, too. It gets a moment to see that.
        if let Ok(client) = self.transport.client(self.is_secure, self.timeout) {
            self.sender.client = client;
        }
        self.runtime.block_on(async { tokio::time::sleep(FAREWELL).await });
        Some(fewer)
    }
}

/// Waits until the flag is raised or the time is over: a run that is to end does not wait for a target that hangs.
async fn halted(flag: &AtomicBool, deadline: Option<Instant>) -> Outcome {
    loop {
        if flag.load(Ordering::Relaxed) {
            return Outcome::Interrupted;
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Outcome::OutOfTime;
        }
        tokio::time::sleep(left.map_or(FLAG_INTERVAL, |left| left.min(FLAG_INTERVAL))).await;
    }
}
