//! `fencepost fuzz`: searches a target for as long as told, and keeps what it finds.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::error::Failure;
use super::today;
use crate::cli::config::arguments::FuzzArguments;
use crate::cli::config::settings::Settings;
use crate::cli::connect::path;
use crate::cli::connect::reach::{Reached, announce, log_in, masked, reach};
use crate::cli::connect::restore::{self, Restorer};
use crate::cli::connect::stub::Stage;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, Unprinted, counted};
use crate::cli::console::status::Status;
use crate::corpus::{Corpus, Kept, Known};
use crate::generate::Generator;
use crate::report::{Subject, json, terminal};
use crate::rule::{FindingId, Rule, SiteIndex};
use crate::search::{Hunt, News, Plan};
use crate::session::Stop;
use crate::suite::Suite;
use crate::target::HttpTarget;
use crate::verdict::{Finding, Lapsed, Waived, Waiver};

/// How long a dead target is left alone at first, and at the most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often the interrupt flag is looked at during a pause.
const BLINK: Duration = Duration::from_millis(50);

pub(super) fn run(arguments: &FuzzArguments) -> Result<Exit, Failure> {
    let settings = Settings::new(arguments.subject.profile.as_deref(), &arguments.subject.target)?;
    settings.check_meant(&arguments.subject.faults)?;
    let contract = settings.reading(&arguments.subject.contract.load()?)?;
    let corpus = arguments.corpus.as_deref().map(|folder| Corpus::open(folder, contract.text())).transpose()?;
    let given = restore::given(&settings)?;
    let Reached { mut subject, mut target, stub } = reach(&contract, &settings, &arguments.subject, Stage::Night)?;
    announce("fuzzing", &contract, &settings, "")?;
    let (corpus, kept) = corpus.map_or((None, Kept::default()), |(corpus, kept)| (Some(corpus), kept));
    if let Some(folder) = &arguments.corpus {
        tell_corpus(folder, &kept)?;
    }
    let length = settings.max_time.as_ref().map_or(arguments.length, |most| most.value.min(arguments.length));
    let deadline = Instant::now() + length;
    target.end_in(length);
    log_in(&mut target).map_err(|untestable| masked(untestable, &subject.address))?;
    path::choose(&contract, &mut subject.address, &settings, &mut target)?;
    let restorer = Restorer::new(stub.is_some(), &contract, &subject.address, &mut target, given, None)?;
    if let Some(most) = &settings.max_requests {
        target.allow(most.value);
    }
    let suite = settings.limited(Suite::new(&contract));
    let exit = search(&suite, &subject, &mut target, (corpus, kept), &settings.waivers, deadline);
    let end = restorer.put_back(&mut target, exit.is_ok())?;
    exit.map(|exit| if end.interrupted { Exit::Interrupted } else { exit })
}

/// Searches the target until the deadline, from what is in the corpus.
fn search(
    suite: &Suite<'_>,
    subject: &Subject,
    target: &mut HttpTarget,
    (corpus, kept): (Option<Corpus>, Kept),
    waivers: &[Waiver],
    deadline: Instant,
) -> Result<Exit, Failure> {
    let interrupted = target.interrupt_flag();
    let generator = Generator::new(suite.contract());
    // A search that is started again goes other ways than before.
    let seed = subject.seed.wrapping_add(kept.starts.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut plan = Plan::new(&generator, seed, true);
    kept.entries.iter().for_each(|entry| plan.adopt(entry));
    let mut observe = |_: &_| {};
    let mut hunt = Hunt::start(suite, &generator, &subject.address, target, plan, &mut observe)
        .map_err(|untestable| masked(untestable, &subject.address))?;
    let today = today();
    let index = SiteIndex::of(generator.rules());
    let counts = |known: &&Known| {
        let waiver =
            |id: &FindingId| Waiver::of(waivers, &index, id, known.cause.as_deref(), &today).map(|(_, holds)| holds);
        !index.finding(&known.id).is_ok_and(|id| waiver(&id) == Some(true))
    };
    let known = kept.findings.iter().filter(counts).count();
    kept.findings.into_iter().for_each(|known| hunt.know(&known.id));

    let mut log = Log {
        subject,
        rules: generator.rules(),
        corpus,
        waivers,
        today: &today,
        cases: kept.entries.len(),
        findings: 0,
        waived: 0,
        causes: BTreeSet::new(),
        unwritten: false,
        status: Status::new(),
    };
    let mut is_gone = false;
    while Instant::now() < deadline {
        let news = hunt.round();
        log.tell(news)?;
        log.status.show(hunt.requests(), log.cases, log.findings);
        let goes_on = match hunt.stop() {
            None => true,
            Some(Stop::Died | Stop::Throttled) => {
                is_gone = !wait_for(&mut hunt, &mut log.status, deadline, &interrupted)?;
                !is_gone
            }
            Some(_) => false,
        };
        if !goes_on {
            break;
        }
    }
    log.status.wipe();
    for sentence in hunt.unjudged() {
        output::print(&(terminal::unjudged(subject, &sentence) + "\n"))?;
    }
    let written = log.close(hunt.requests(), known)?;
    if let Some(doubt) = hunt.doubt() {
        return Err(masked(doubt.clone(), &subject.address).into());
    }
    Ok(match hunt.stop() {
        Some(Stop::Interrupted) => Exit::Interrupted,
        _ if interrupted.load(Ordering::Relaxed) => Exit::Interrupted,
        Some(Stop::Unauthorized(status)) => {
            output::complain(&format!("the target refuses the credentials that it had accepted before, with {status}"));
            Exit::Untestable
        }
        _ if log.findings + known > 0 => Exit::Findings,
        // While it was waited for the time may have run out: that does not make it tested.
        _ if is_gone => {
            output::complain(
                "the target stopped answering, and did not come back: what the search had left is untested",
            );
            Exit::Untestable
        }
        Some(Stop::Died | Stop::Throttled | Stop::Crashes) => Exit::Untestable,
        _ if !written => Exit::Usage,
        _ => Exit::Clean,
    })
}

fn tell_corpus(folder: &Path, kept: &Kept) -> Result<(), Unprinted> {
    let mut text = format!(
        "corpus {}: {} and {} taken up, {} skipped\n",
        folder.display(),
        counted(kept.entries.len(), "case"),
        counted(kept.findings.len(), "finding"),
        counted(kept.skipped.len(), "file"),
    );
    for (path, why) in &kept.skipped {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  skipped {}: {why}", path.display());
    }
    output::print(&(text + "\n"))
}

/// Waits for a dead target, longer each time; false where it did not come back before the end.
fn wait_for(
    hunt: &mut Hunt<'_>,
    status: &mut Status,
    deadline: Instant,
    interrupted: &Arc<AtomicBool>,
) -> Result<bool, Failure> {
    let since = Instant::now();
    status.wipe();
    output::print("the target has stopped answering: the search waits for it\n")?;
    let mut pause = FIRST_PAUSE;
    loop {
        let until = (Instant::now() + pause).min(deadline);
        while Instant::now() < until {
            if interrupted.load(Ordering::Relaxed) {
                return Ok(false);
            }
            std::thread::sleep(BLINK);
        }
        if hunt.revive() {
            output::print(&format!("the target answers again, after {} s\n", since.elapsed().as_secs()))?;
            return Ok(true);
        }
        if Instant::now() >= deadline || !matches!(hunt.stop(), Some(Stop::Died | Stop::Throttled)) {
            return Ok(false);
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Where news goes: the terminal and the corpus.
struct Log<'a> {
    subject: &'a Subject,
    rules: &'a [Rule],
    corpus: Option<Corpus>,
    waivers: &'a [Waiver],
    today: &'a str,
    cases: usize,
    findings: usize,
    waived: usize,
    /// The causes that were told.
    causes: BTreeSet<String>,
    /// Whether it has been said that the corpus cannot be written.
    unwritten: bool,
    status: Status,
}

impl Log<'_> {
    fn tell(&mut self, news: Vec<News>) -> Result<(), Failure> {
        for news in news {
            match news {
                News::Kept(entry) => {
                    self.cases += 1;
                    if let Some(corpus) = &mut self.corpus {
                        corpus.keep_case(&entry);
                    }
                }
                News::Found(finding, _) => {
                    if let Some(corpus) = &mut self.corpus {
                        corpus.keep_finding(&finding.id.short(), json::finding(self.subject, &finding));
                    }
                    self.status.wipe();
                    output::print(&self.told(*finding))?;
                }
            }
        }
        let Some(corpus) = &mut self.corpus else { return Ok(()) };
        match corpus.catch_up() {
            Err((_, error)) if !self.unwritten => {
                self.unwritten = true;
                self.status.wipe();
                output::complain(&format!(
                    "the corpus cannot be written ({error}); make room: until then findings are only printed"
                ));
            }
            Err(_) => {}
            Ok(()) => self.unwritten = false,
        }
        Ok(())
    }

    /// A finding in words, and counted: as waived where a waiver covers it. What many have in common is told with the first.
    fn told(&mut self, finding: Finding) -> String {
        let cause = finding.cause.clone();
        let id = cause.as_ref().map(|cause| cause.id.as_str());
        let waiver = Waiver::of(self.waivers, &SiteIndex::of(self.rules), &finding.id, id, self.today);
        let is_news = id.is_none_or(|id| self.causes.insert(id.to_owned()));
        if let Some((waiver, true)) = waiver {
            self.waived += 1;
            let by_cause = id == Some(waiver.id.as_str());
            let covered = Waived { finding, waiver: waiver.clone() };
            let told = terminal::waived(self.subject, self.rules.iter(), &covered) + "\n";
            return if by_cause && !is_news { String::new() } else { told };
        }
        self.findings += 1;
        let expired = waiver.map(|(waiver, _)| terminal::lapsed(&Lapsed::Expired(waiver.clone()))).unwrap_or_default();
        match &cause {
            Some(cause) if !is_news => format!("FINDING {}   of {}\n{expired}", finding.id(), cause.id),
            _ => {
                let cause = cause.map(|cause| format!("CAUSE {}   {}\n", cause.id, cause.sentence));
                let told = terminal::finding(self.subject, self.rules.iter(), &finding);
                format!("{}{told}{expired}\n", cause.unwrap_or_default())
            }
        }
    }

    /// Ends with a line of figures; tells whether everything was written.
    fn close(&mut self, requests: usize, known: usize) -> Result<bool, Failure> {
        let seconds = self.status.started.elapsed().as_secs_f64();
        let waived = if self.waived == 0 { String::new() } else { format!(", {} waived", self.waived) };
        output::print(&format!(
            "{}, {known} known before{waived}; {} in the corpus; {requests} requests in {seconds:.1} s\n",
            counted(self.findings, "new finding"),
            counted(self.cases, "case"),
        ))?;
        let missing = self.corpus.as_mut().map_or(Ok(()), Corpus::catch_up);
        if let Err((files, error)) = &missing {
            let files = counted(*files, "file");
            output::complain(&format!("{files} of the corpus could not be written ({error}) and will be missing"));
        }
        Ok(missing.is_ok())
    }
}
