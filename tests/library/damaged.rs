//! Files that were damaged: whatever byte of a journal, a corpus, a report or a snapshot was changed, lost or added, nothing
//! panics, and nothing is concluded that the whole file would not have said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use fastrand::Rng;
use fencepost::Contract;
use fencepost::corpus::Corpus;
use fencepost::event::Event;
use fencepost::journal::{Journal, JournalHeader, Retold};
use fencepost::regression::{Promoter, Regression};
use fencepost::report::{Subject, Timing, earlier, json};
use fencepost::request_context::RequestContext;
use fencepost::search::{Entry, Features};
use fencepost::snapshot;
use fencepost::stub::{InProcess, Stub, faults};
use fencepost::suite::{Observations, Suite};
use fencepost::verdict::{Verdicts, verdicts};

use crate::command::Folder;
use crate::shelf::{self, loaded};

/// So many changes are tried of each kind of file.
const TRIALS: usize = 300;

fn contract() -> Contract {
    let (name, text) = shelf::FILES.iter().find(|(name, _)| *name == "choices").expect("it is on the shelf");
    loaded(name, text)
}

/// A stub with a few faults, of rules and of answers.
fn target(contract: &Contract) -> InProcess {
    let all = faults(contract);
    let some = (0..4).map(|part| all[all.len() * part / 4].clone()).collect();
    InProcess(Stub::new(contract, some))
}

/// What a run learns, told to whoever listens.
fn verdicts_of(contract: &Contract) -> Verdicts {
    let suite = Suite::new(contract);
    let seen = suite.run(&RequestContext::default(), &mut target(contract), &mut |_| {}).expect("it can be tested");
    verdicts(&suite, &seen)
}

/// The bytes with one thing wrong: a byte changed in one bit or in all, one lost, one added, or the end missing.
fn damaged(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = rng.usize(..bytes.len());
    match rng.u8(..5) {
        0 => bytes[at] ^= 1 << rng.u8(..8),
        1 => bytes[at] = rng.u8(..),
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, rng.u8(..)),
        _ => bytes.truncate(at),
    }
    bytes
}

/// Tries damages of a file; `check` says whether the damage was told, and panics where it led to something else.
#[track_caller]
fn check(path: &Path, seed: u64, check: impl Fn(&str) -> bool) {
    let whole = fs::read(path).expect("the file can be read");
    let mut rng = Rng::with_seed(seed);
    let mut told = 0;
    for trial in 0..TRIALS {
        let bytes = damaged(&whole, &mut rng);
        fs::write(path, &bytes).expect("the file can be written");
        let context = format!("trial {trial} of {}:\n{}", path.display(), difference(&whole, &bytes));
        told += usize::from(check(&context));
    }
    fs::write(path, whole).expect("the file can be written");
    // What is torn at its end is worth something, and spaces mean nothing; all else is told.
    assert!(told * 2 > TRIALS, "of {TRIALS} damages {told} were told");
}

/// What stands about the place where two texts differ first.
fn difference(whole: &[u8], damaged: &[u8]) -> String {
    let at = whole.iter().zip(damaged).take_while(|(one, other)| one == other).count();
    let about = |bytes: &[u8]| {
        let (start, end) = (at.saturating_sub(40), (at + 40).min(bytes.len()));
        String::from_utf8_lossy(&bytes[start.min(end)..end]).into_owned()
    };
    format!("{:?}\n{:?}", about(whole), about(damaged))
}

/// Runs with a journal, up to so many requests.
fn journalled(contract: &Contract, path: &Path, most: Option<u64>) {
    let (suite, context) = (Suite::new(contract).within(most), RequestContext::default());
    let head = JournalHeader::new(&suite, &context, "here");
    let mut journal = Journal::begin(path, &head, &context).expect("a journal can be begun");
    journal.enter(&Event::Read(Ok(r#"{"mode":"FAST"}"#)));
    let seen = suite.run(&context, &mut target(contract), &mut |said| journal.enter(&Event::Conversation(said)));
    journal.enter(&Event::Over { complete: matches!(seen, Ok(Observations { stop: None, .. })) });
}

/// What a run concludes that goes on with a journal; nothing where that is refused.
fn resumed(contract: &Contract, path: &Path) -> Option<(Verdicts, Option<Result<String, String>>)> {
    let (suite, context) = (Suite::new(contract), RequestContext::default());
    let head = JournalHeader::new(&suite, &context, "here");
    let (mut journal, mut earlier) = match Journal::resume(path, &head, &context) {
        Ok(resumed) => resumed,
        Err(error) => {
            let told = error.to_string();
            assert!(told.starts_with(&path.display().to_string()) && told.contains("; "), "{told}");
            return None;
        }
    };
    let kept = earlier.kept();
    let mut target = target(contract);
    let mut target = Retold::new(&mut target, &mut earlier);
    let seen = suite.run(&context, &mut target, &mut |said| journal.enter(&Event::Conversation(said)));
    if earlier.error().is_some() {
        return None;
    }
    Some((verdicts(&suite, &seen.expect("it can be tested")), kept))
}

#[test]
fn a_journal_that_was_closed_can_be_gone_on_with_while_processes_are_started() {
    let contract = contract();
    let (suite, context) = (Suite::new(&contract), RequestContext::default());
    let head = JournalHeader::new(&suite, &context, "here");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        // Each holds for a moment a copy of every file that is open here, and with it what is locked.
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Relaxed) {
                    let started = Command::new("true").status().expect("a process can be started");
                    assert!(started.success());
                }
            });
        }
        let gone_on: Vec<_> = (0..2_000)
            .map(|_| {
                let folder = Folder::new();
                let path = folder.path.join("journal");
                drop(Journal::begin(&path, &head, &context).expect("a journal can be begun"));
                Journal::resume(&path, &head, &context).map(drop)
            })
            .collect();
        over.store(true, Relaxed);
        assert_eq!(gone_on.into_iter().find_map(Result::err), None);
    });
}

#[test]
fn a_damaged_journal_changes_no_verdict() {
    let contract = contract();
    let plain = report(&contract, &verdicts_of(&contract));
    for (number, most) in [None, Some(150)].into_iter().enumerate() {
        let folder = Folder::new();
        let path = folder.path.join("journal");
        journalled(&contract, &path, most);
        let (whole, _) = resumed(&contract, &path).expect("a whole journal is gone on with");
        assert_eq!(report(&contract, &whole), plain);
        fs::remove_file(&path).expect("it is there");
        journalled(&contract, &path, most);
        check(&path, number as u64, |context| {
            let Some((now, kept)) = resumed(&contract, &path) else { return true };
            assert_eq!(report(&contract, &now), plain, "{context}");
            // What is put back is what was there, or what is read anew.
            assert!(kept.is_none_or(|kept| kept.as_deref() == Ok(r#"{"mode":"FAST"}"#)), "{context}");
            false
        });
    }
}

/// All that is concluded.
fn report(contract: &Contract, verdicts: &Verdicts) -> String {
    json::render(&subject(contract), verdicts, &Timing::default(), None)
}

#[test]
fn a_damaged_report_tells_of_no_other_findings() {
    let contract = contract();
    let verdicts = verdicts_of(&contract);
    let subject = subject(&contract);
    let folder = Folder::new();
    let path = folder.path.join("report.json");
    // Of the rules nothing is read, so they are left out: most damages would be theirs.
    let short = Verdicts { rules: Vec::new(), ..verdicts };
    fs::write(&path, json::render(&subject, &short, &Timing::default(), None)).expect("a file can be written");
    let promoter = Promoter::new(&contract);
    let found = || earlier::found(&fs::read_to_string(&path).map_err(|error| error.to_string())?);
    let cases = || promoter.findings("report.json", &fs::read(&path).expect("it is there"), |_| true);
    let (ids, regressions) = (found().expect("it tells its findings"), cases().expect("they can be promoted"));
    assert!(ids.len() >= 3 && regressions.len() == ids.len(), "{ids:?}");
    check(&path, 3, |context| {
        let (now, made) = (found(), cases());
        assert!(now.as_ref().is_ok_and(|now| *now == ids) || now.is_err(), "{context}\n{now:?}");
        assert!(made.as_ref().is_ok_and(|made| *made == regressions) || made.is_err(), "{context}");
        now.is_err()
    });
}

fn subject(contract: &Contract) -> Subject {
    Subject {
        target: "here".to_owned(),
        contract: contract.name().to_owned(),
        operation: contract.operation().name().to_string(),
        profile: None,
        seed: 0,
        context: RequestContext::default(),
    }
}

#[test]
fn a_damaged_corpus_tells_of_no_other_cases_and_findings() {
    let contract = contract();
    let verdicts = verdicts_of(&contract);
    let subject = subject(&contract);
    let folder = Folder::new();
    let (mut corpus, _) = Corpus::open(&folder.path, contract.text()).expect("a corpus can be made");
    for number in 0..3_u16 {
        let features = Features { own: vec![7, number.into()], latency: Some(9), by_rule: vec![u64::MAX] };
        corpus.keep_case(&Entry { violations: 1, choices: vec![1, number, 65_535], features });
    }
    for finding in &verdicts.findings {
        corpus.keep_finding(&finding.id.short(), json::finding(&subject, finding));
    }
    corpus.catch_up().expect("there is room");
    let open = || {
        let (_, kept) = Corpus::open(&folder.path, contract.text()).expect("the folder can be read");
        let entries = kept.entries.iter().map(|entry| format!("{entry:?}")).collect::<Vec<_>>();
        let findings = kept.findings.iter().map(|known| format!("{known:?}")).collect::<Vec<_>>();
        ([entries, findings].concat(), kept.skipped.len())
    };
    let (whole, _) = open();
    assert_eq!(whole.len(), 3 + verdicts.findings.len());
    for (number, part) in ["cases", "findings"].into_iter().enumerate() {
        let first = fs::read_dir(folder.path.join(part)).expect("it is there").next().expect("it has a file");
        check(&first.expect("it can be read").path(), 5 + number as u64, |context| {
            let (now, skipped) = open();
            let foreign: Vec<&String> = now.iter().filter(|one| !whole.contains(one)).collect();
            assert!(foreign.is_empty(), "{context}\n{foreign:?}");
            assert_eq!(now.len() + skipped, whole.len(), "{context}");
            skipped > 0
        });
    }
}

#[test]
fn a_damaged_snapshot_is_told_or_means_the_same() {
    let contract = contract();
    let verdicts = verdicts_of(&contract);
    let folder = Folder::new();
    snapshot::propose(&folder.path, &verdicts).expect("snapshots can be written");
    let mut files: Vec<PathBuf> = Vec::new();
    for name in folder.files() {
        let accepted = folder.path.join(name.strip_suffix(".new").expect("it is proposed"));
        fs::rename(folder.path.join(&name), &accepted).expect("it can be renamed");
        files.push(accepted);
    }
    let compared = || snapshot::compare(&folder.path, &verdicts, true);
    assert_eq!(compared().expect("they can be read"), []);
    let path = &files[0];
    let body = |bytes: &[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let body = text.splitn(3, "---").nth(2).unwrap_or_default().to_owned();
        body.split_whitespace().collect::<String>().into_bytes()
    };
    let whole = body(&fs::read(path).expect("it is there"));
    check(path, 11, |context| match compared() {
        Err(error) => {
            assert_eq!(error.path, *path, "{context}");
            true
        }
        Ok(drifts) => {
            let same = body(&fs::read(path).expect("it is there")) == whole;
            assert!(!drifts.is_empty() || same, "{context}");
            !drifts.is_empty()
        }
    });
}

#[test]
fn a_damaged_regression_case_is_told_or_read() {
    let contract = Contract::shipped();
    let folder = Folder::new();
    let mut kinds: BTreeMap<bool, usize> = BTreeMap::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions")).expect("it is there") {
        let text = fs::read(entry.expect("it can be read").path()).expect("it can be read");
        let path = folder.path.join("case.toml");
        let mut rng = Rng::with_seed(13);
        for _ in 0..TRIALS / 4 {
            fs::write(&path, damaged(&text, &mut rng)).expect("a file can be written");
            let read = fs::read_to_string(&path).ok();
            let read = read.map(|text| Regression::from_text("case.toml", &text, contract.operation().name()));
            if let Some(Err(error)) = &read {
                assert_eq!(error.to_string().lines().count(), 1, "{error}");
            }
            *kinds.entry(matches!(read, Some(Ok(_)))).or_default() += 1;
        }
    }
    assert!(kinds.values().all(|count| *count > 20), "{kinds:?}");
}
