//! `fencepost fuzz`: searches a target for as long as told, and keeps what it finds.

mod many;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::consumer::{Consumer, CorpusFiles, Ending, Figures, Progress, SearchTerminal, Stream};
use super::error::Failure;
use crate::cli::config::arguments::FuzzArguments;
use crate::cli::config::contracts::Contracts;
use crate::cli::config::settings::Settings;
use crate::cli::config::today;
use crate::cli::connect::dial::{Connected, announce, connect, log_in, masked};
use crate::cli::connect::faults::Planted;
use crate::cli::connect::interrupts::Interrupts;
use crate::cli::connect::restore::{self, Restorer};
use crate::cli::connect::stub::Stage;
use crate::cli::connect::{open_files, path, schemes};
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::cli::console::vigil::Vigil;
use crate::contract::Contract;
use crate::corpus::{Corpus, CorpusContents, Known};
use crate::event::Event;
use crate::generate::Generator;
use crate::report::Subject;
use crate::rule::{FindingId, SiteIndex};
use crate::search::{FuzzCampaign, News, Plan};
use crate::session::{self, Stop};
use crate::suite::{Suite, Untestable};
use crate::target::HttpTarget;
use crate::verdict::{Finding, Waiver};

/// How long a dead target is left alone at first, and at the most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// So many files of a corpus are named that are passed over.
const MOST_TOLD: usize = 20;
/// How often the interrupt flag is looked at during a pause.
const BLINK: Duration = Duration::from_millis(50);

pub(super) fn run(arguments: &FuzzArguments) -> Result<Exit, Failure> {
    let settings = Settings::new(arguments.subject.profile.as_deref(), &arguments.subject.target)?;
    settings.check_meant(&arguments.subject.faults)?;
    let length = settings.max_time.as_ref().map_or(arguments.length, |most| most.value.min(arguments.length));
    let contract = match settings.meant(&arguments.subject.contract).load_all()? {
        Contracts::One(contract) => settings.reading(&contract)?,
        Contracts::Open(open) => {
            let open = settings.reading_of_all(schemes::called(open, &settings)?)?;
            return many::run(arguments, &settings, &open, length);
        }
    };
    let planted = Planted::of_one(&contract, &arguments.subject.faults)?;
    let requests = settings.max_requests.as_ref().map(|most| most.value);
    let share = Share { length, requests, corpus: arguments.corpus.as_deref() };
    open_files::check(&settings)?;
    one(arguments, &settings, (&contract, &planted), &share, &Interrupts::begin()?).map(|searched| searched.exit)
}

/// What one operation has of a search.
struct Share<'a> {
    length: Duration,
    requests: Option<u64>,
    /// The folder of its corpus.
    corpus: Option<&'a Path>,
}

/// What came of the search of one operation.
struct Searched {
    exit: Exit,
    requests: usize,
}

/// Searches one operation.
fn one(
    arguments: &FuzzArguments,
    settings: &Settings,
    (contract, planted): (&Contract, &Planted),
    share: &Share<'_>,
    interrupts: &Interrupts,
) -> Result<Searched, Failure> {
    let corpus = share.corpus.map(|folder| Corpus::open(folder, contract.text())).transpose()?;
    let given = restore::given(settings)?;
    let Connected { mut subject, mut target, stub, last_words } =
        connect(contract, settings, &arguments.subject, planted, Stage::Night, interrupts)?;
    announce("fuzzing", contract, settings, "");
    let (corpus, kept) = corpus.map_or((None, CorpusContents::default()), |(corpus, kept)| (Some(corpus), kept));
    if let Some(folder) = share.corpus {
        tell_corpus(folder, &kept);
    }
    let deadline = Instant::now() + share.length;
    target.end_in(share.length);
    let figures = Figures::of_a_search(deadline);
    let _vigil = Vigil::begin(settings.silence, {
        let (figures, waits) = (figures.clone(), target.waits());
        move || figures.standing(&waits)
    });
    log_in(&mut target).map_err(|untestable| masked(untestable, &subject.context))?;
    let choice = path::choose(contract, &mut subject.context, settings, &mut target);
    let suite = settings.limited(Suite::new(contract)).within(share.requests);
    let generator = &Generator::new(contract);
    let tolerated = Tolerated { waivers: &settings.waivers, index: SiteIndex::of(generator.rules()), today: today() };
    let mut progress = Progress::new(figures, kept.entries.len());
    let mut terminal = SearchTerminal::new(&subject, generator.rules(), kept.entries.len());
    let mut files = corpus.map(|corpus| CorpusFiles::new(corpus, &subject));
    let mut ending = Ending::new(|_| None);
    let mut consumers: Vec<&mut dyn Consumer> = vec![&mut progress, &mut terminal];
    consumers.extend(files.iter_mut().map(|files| files as &mut dyn Consumer));
    consumers.push(&mut ending);
    let stream = Stream::new(consumers);
    if let Some(choice) = &choice {
        stream.tell(&choice.event());
    }
    let tell = |event: &Event<'_>| stream.tell(event);
    let is_own = stub.is_some();
    let restorer = Restorer::new(is_own, contract, &subject.context, &mut target, (given, None), last_words, &tell);
    restorer.introduce();
    if let Some(most) = share.requests {
        target.allow(most);
    }
    let search = Search { suite: &suite, generator, subject: &subject, kept, tolerated, deadline, stream: &stream };
    let searched = search.campaign(&mut target);
    let accepted = match &searched {
        Err(Failure::Untestable(why)) => why.may_have_touched(),
        _ => true,
    };
    let end = restorer.put_back(&mut target, accepted);
    stream.tell(&Event::PutBack { as_it_was: end.is_as_it_was });
    drop(stream);
    let requests = searched?;
    let exit = match ending.exit() {
        _ if end.interrupted => Exit::Interrupted,
        Exit::Clean if files.is_some_and(|files| !files.is_whole()) => Exit::Usage,
        exit => exit,
    };
    Ok(Searched { exit, requests })
}

/// A search, and who is told of it.
struct Search<'a, 'b> {
    suite: &'a Suite<'a>,
    generator: &'a Generator,
    subject: &'a Subject,
    /// What earlier searches have kept.
    kept: CorpusContents,
    tolerated: Tolerated<'a>,
    deadline: Instant,
    stream: &'a Stream<'b>,
}

impl Search<'_, '_> {
    /// Sends cases until the deadline, or until nothing more can be sent, and tells what is learnt; how many requests that took.
    fn campaign(&self, target: &mut HttpTarget) -> Result<usize, Failure> {
        let Self { suite, generator, subject, kept, tolerated, deadline, stream } = self;
        let interrupted = target.interrupt_flag();
        // A search that is started again goes other ways than before.
        let seed = subject.seed.wrapping_add(kept.starts.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut plan = Plan::new(generator, seed, true);
        kept.entries.iter().for_each(|entry| plan.adopt(entry));
        let mut observe = |said: &session::Event<'_>| stream.tell(&Event::Conversation(said));
        let mut campaign = FuzzCampaign::start(suite, generator, &subject.context, target, plan, &mut observe)
            .map_err(|untestable| self.untestable(untestable))?;
        let known = kept.findings.iter().filter(|known| tolerated.counts(known)).count();
        kept.findings.iter().for_each(|known| campaign.know(&known.id));
        let mut is_gone = false;
        while !is_gone && !campaign.is_barren() && Instant::now() < *deadline {
            for news in campaign.round() {
                match &news {
                    News::Kept(entry) => stream.tell(&Event::Kept(entry)),
                    News::Found(finding, _) => {
                        stream.tell(&Event::Found { finding, waiver: tolerated.waiver(finding) });
                    }
                }
            }
            stream.tell(&Event::Searched);
            stream.check()?;
            match campaign.stop() {
                None => {}
                Some(stop @ (Stop::Died | Stop::Turned(_) | Stop::Throttled)) => {
                    is_gone = !self.waits_for(&mut campaign, stop, &interrupted);
                }
                Some(_) => break,
            }
        }
        for sentence in campaign.unjudged() {
            stream.tell(&Event::Unjudged(&sentence));
        }
        let (requests, tried, unresolved) = (campaign.requests(), campaign.tried(), campaign.unresolved());
        stream.tell(&Event::Finished { requests, tried, unresolved, known });
        stream.check()?;
        if let Some(doubt) = campaign.doubt() {
            return Err(self.untestable(doubt.clone()));
        }
        let stop = if interrupted.load(Ordering::Relaxed) { Some(Stop::Interrupted) } else { campaign.stop() };
        stream.tell(&Event::Ended { stop, is_gone, verdicts: None });
        stream.check().map(|()| requests)
    }

    /// Tells that nothing can be said of any rule; the error that says why.
    fn untestable(&self, why: Untestable) -> Failure {
        let why = masked(why, &self.subject.context);
        self.stream.tell(&Event::Untestable { why: &why, rules: None });
        self.stream.tell(&Event::Ended { stop: None, is_gone: false, verdicts: None });
        why.into()
    }

    /// Waits for a dead target, longer each time; false where it did not come back before the end.
    fn waits_for(&self, campaign: &mut FuzzCampaign<'_>, stop: Stop, interrupted: &AtomicBool) -> bool {
        let since = Instant::now();
        self.stream.tell(&Event::Awaited(stop));
        let mut pause = FIRST_PAUSE;
        loop {
            let until = (Instant::now() + pause).min(self.deadline);
            while Instant::now() < until {
                if interrupted.load(Ordering::Relaxed) {
                    return false;
                }
                std::thread::sleep(BLINK);
            }
            if campaign.revive() {
                self.stream.tell(&Event::Returned(since.elapsed()));
                return true;
            }
            if Instant::now() >= self.deadline
                || !matches!(campaign.stop(), Some(Stop::Died | Stop::Turned(_) | Stop::Throttled))
            {
                return false;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// The findings that are tolerated today.
struct Tolerated<'a> {
    waivers: &'a [Waiver],
    index: SiteIndex,
    today: String,
}

impl Tolerated<'_> {
    /// The waiver of a finding, and whether it still holds.
    fn waiver(&self, finding: &Finding) -> Option<(&Waiver, bool)> {
        let cause = finding.cause.as_ref().map(|cause| cause.id.as_str());
        Waiver::of(self.waivers, &self.index, &finding.id, cause, &self.today)
    }

    /// Whether a finding of an earlier search counts.
    fn counts(&self, known: &Known) -> bool {
        let waiver = |id: &FindingId| Waiver::of(self.waivers, &self.index, id, known.cause.as_deref(), &self.today);
        let holds = |id: &FindingId| waiver(id).is_some_and(|(_, holds)| holds);
        // One of another contract says nothing here.
        self.index.finding(&known.id).is_ok_and(|id| !holds(&id))
    }
}

fn tell_corpus(folder: &Path, kept: &CorpusContents) {
    let mut text = format!(
        "corpus {}: {} and {} taken up, {} skipped\n",
        folder.display(),
        counted(kept.entries.len(), "case"),
        counted(kept.findings.len(), "finding"),
        counted(kept.skipped.len(), "file"),
    );
    for (path, why) in kept.skipped.iter().take(MOST_TOLD) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  skipped {}: {why}", path.display());
    }
    if kept.skipped.len() > MOST_TOLD {
        let _ = writeln!(text, "  and {} more", kept.skipped.len() - MOST_TOLD);
    }
    output::print(&(text + "\n"));
}
