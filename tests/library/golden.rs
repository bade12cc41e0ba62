//! What a run sends, request by request: `tests/golden/` has a line for each request that the clean stub gets, for the
//! shipped contract and for those of the shelf: those that are files have a file each, those that are made one a kind, in
//! `made/`.
//!
//! A change that is meant to leave the requests alone leaves these files alone, and one that is not shows in its commit
//! which requests it changes. A line is a hash of the whole request as the suite hands it over (what the client adds is not
//! in it), and words for people: method, what else is unlike the first request, and how the body begins. Before the lines of
//! a contract that is made stands what tells it from the first of its kind.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::{env, fs};

use fencepost::Contract;
use fencepost::exchange::{Hearer, Request, Target};
use fencepost::request_context::RequestContext;
use fencepost::stub::{InProcess, Stub};
use fencepost::suite::Suite;
use sha2::{Digest, Sha256};
use similar::TextDiff;

use crate::shelf::{self, loaded};

/// As many lines of a difference are shown.
const SHOWN: usize = 12;

/// As many characters of a request are shown.
const WIDTH: usize = 60;

/// A clean stub that keeps what it is sent.
struct Recorder {
    stub: InProcess,
    sent: Vec<Request>,
}

impl Target for Recorder {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            self.sent.push(request.clone());
            self.stub.send(std::slice::from_ref(request), hear)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        self.stub.pause(times)
    }
}

/// The lines of a contract.
fn lines(contract: &Contract) -> String {
    let stub = InProcess(Stub::new(contract, Vec::new()));
    let mut target = Recorder { stub, sent: Vec::new() };
    let suite = Suite::new(contract);
    suite.run(&RequestContext::default(), &mut target, &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let first = &target.sent[0];
    let lines: Vec<String> =
        target.sent.iter().map(|request| format!("{} {}", hash(request), words(request, first))).collect();
    lines.join("\n") + "\n"
}

/// The lines of every contract of a kind.
fn lines_of_kind(name: &str, texts: &[String]) -> String {
    let first: BTreeSet<&str> = texts.first().into_iter().flat_map(|text| text.lines()).collect();
    let block = |(number, text): (usize, &String)| {
        let told = text.lines().filter(|line| number == 0 || !first.contains(line));
        let told: Vec<String> = told.map(|line| format!("# {line}")).collect();
        told.join("\n") + "\n" + &lines(&loaded(name, text))
    };
    texts.iter().enumerate().map(block).collect()
}

/// A hash over everything that a request is, with lengths between, so that nothing can move unseen from one part to the next.
fn hash(request: &Request) -> String {
    let mut parts: Vec<&[u8]> = vec![request.method.as_bytes(), request.path.as_bytes()];
    parts.extend(request.headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
    // Headers come in twos: with a body the number of parts is odd, without one it is even.
    parts.extend(request.body.as_deref());
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(format!("{}:", part.len()));
        hash.update(part);
    }
    hash.finalize()[..6].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// What people need to find a request.
fn words(request: &Request, first: &Request) -> String {
    let mut words = vec![request.method.clone()];
    words.extend((request.path != first.path).then(|| request.path.clone()));
    let unlike = request.headers.iter().filter(|header| !first.headers.contains(header));
    words.extend(unlike.map(|(name, value)| format!("{name}: {value}")));
    let missing = first.headers.iter().filter(|(name, _)| request.header(name).is_none());
    words.extend(missing.map(|(name, _)| format!("no {name}")));
    words.extend(request.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned()));
    let plain = |character: char| match character {
        ' '..='~' => character.to_string(),
        _ => character.escape_default().to_string(),
    };
    let line: String = words.join(" ").chars().take(WIDTH).map(plain).collect();
    line.trim_end().to_owned()
}

/// Where two texts differ, by the numbers of the lines.
fn difference(name: &str, was: &str, is: &str) -> Option<String> {
    let shown = TextDiff::from_lines(was, is).unified_diff().context_radius(0).to_string();
    let count = shown.lines().count();
    let first: String = shown.split_inclusive('\n').take(SHOWN).collect();
    let rest = if count > SHOWN { format!("... {} more lines\n", count - SHOWN) } else { String::new() };
    (count > 0)
        .then(|| format!("{name}: {} lines, and {} are sent\n{first}{rest}", was.lines().count(), is.lines().count()))
}

#[test]
fn what_is_sent_is_what_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let renews = env::var("FENCEPOST_GOLDEN").is_ok_and(|value| value == "write") && env::var_os("CI").is_none();
    let whole = [("shipped", Contract::shipped())].into_iter();
    let whole = whole.chain(shelf::FILES.map(|(name, text)| (name, loaded(name, text))));
    let whole = whole.map(|(name, contract)| (format!("{name}.txt"), lines(&contract)));
    let made = shelf::MADE.iter().map(|(name, kind)| (format!("made/{name}.txt"), lines_of_kind(name, &kind())));
    let mut names = BTreeSet::from(["made".to_owned()]);
    let mut wrong = Vec::new();
    for (name, is) in whole.chain(made) {
        let path = folder.join(&name);
        if renews {
            fs::write(&path, &is).expect("the file can be written");
        }
        let was = fs::read_to_string(&path).unwrap_or_default();
        wrong.extend(difference(&name, &was, &is));
        names.insert(name);
    }
    let in_folder = |within: &str| -> Vec<String> {
        let files = fs::read_dir(folder.join(within)).expect("the folder can be read");
        files.map(|file| within.to_owned() + &file.expect("it can be read").file_name().to_string_lossy()).collect()
    };
    let files = [in_folder(""), in_folder("made/")].concat();
    wrong.extend(
        files.iter().filter(|name| !names.contains(*name)).map(|name| format!("{name}: of no contract, remove it\n")),
    );
    assert!(
        wrong.is_empty(),
        "tests/golden/ is not what is sent:\n{}Where that is meant, `FENCEPOST_GOLDEN=write cargo test --test library golden` \
         renews the files (not where CI is set), and the commit says why.",
        wrong.join("")
    );
}
