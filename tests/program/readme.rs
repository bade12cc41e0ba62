//! The READMEs do what they show: every command in a `console` block is run, and what it prints is held against what stands
//! there.
//!
//! `...` stands for any lines, and figures of time and numbers of requests may differ. What is about an endpoint elsewhere is
//! planned and not sent. What other programs do (cargo, its fuzzer) is not run, but the commands are known here one by one.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use crate::command::{Folder, fencepost};

/// Where the commands of this project begin.
const OURS: [&str; 3] = ["cargo run --release -- ", "cargo run -- ", "fencepost "];
/// How the commands of others begin, which are not run.
const OTHERS: [&str; 8] = [
    "cargo test",
    "cargo fuzz ",
    "cargo +nightly fuzz ",
    "export ",
    "mkdir ",
    "fuzz/overnight.sh",
    "FENCEPOST_TARGET=... fuzz/overnight.sh",
    "git ",
];

/// A command of a block, and what stands below it.
#[derive(Debug)]
struct Step {
    command: String,
    printed: Vec<String>,
    place: String,
}

/// The commands in the `console` blocks of a file.
fn steps(file: &str) -> Vec<Step> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).expect("the file can be read");
    let mut steps: Vec<Step> = Vec::new();
    let (mut within, mut goes_on) = (false, false);
    for (line, number) in text.lines().zip(1..) {
        match line.trim_start() {
            "```console" => within = true,
            "```" => within = false,
            _ if !within => {}
            shown if goes_on => {
                let step = steps.last_mut().expect("a line goes on after another");
                step.command = format!("{} {}", step.command.trim_end_matches('\\').trim_end(), without_comment(shown));
                goes_on = shown.ends_with('\\');
            }
            shown => match shown.strip_prefix("$ ") {
                Some(command) => {
                    goes_on = command.ends_with('\\');
                    let command = without_comment(command).to_owned();
                    steps.push(Step { command, printed: Vec::new(), place: format!("{file}:{number}") });
                }
                None => {
                    steps.last_mut().expect("a block begins with a command").printed.push(line.trim_end().to_owned());
                }
            },
        }
    }
    steps
}

fn without_comment(command: &str) -> &str {
    command.split("  # ").next().unwrap_or_default().trim_end()
}

/// A line without what differs from run to run.
fn lasting(line: &str) -> String {
    let figure = |word: &str| word.parse::<f64>().is_ok();
    let words: Vec<&str> = line.trim_end().split(' ').collect();
    let told = words.iter().enumerate().map(|(number, word)| {
        let unit = words.get(number + 1).copied().unwrap_or_default();
        if figure(word) && matches!(unit, "s" | "requests") { "#" } else { word }
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Whether lines are as they are shown, where `...` stands for any number of them.
fn is_as_shown(lines: &[String], shown: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "..." => (0..=lines.len()).any(|number| is_as_shown(&lines[number..], rest)),
        Some((first, rest)) => {
            lines.first().is_some_and(|line| lasting(line) == lasting(first)) && is_as_shown(&lines[1..], rest)
        }
    }
}

/// The command as it is run here: nothing elsewhere is asked, and no port is fixed.
fn harmless(arguments: &str) -> String {
    let elsewhere = arguments.starts_with("run ") && arguments.contains("staging");
    let arguments = if elsewhere { format!("{arguments} --dry-run") } else { arguments.to_owned() };
    arguments.replace("--for 10s", "--for 60s --max-requests 3000").replace("--port 8080", "--port 0")
}

/// A folder in which the blocks find what they speak of.
fn bench() -> Folder {
    let run = fencepost(&[
        "run",
        "--only",
        "body.sub_tasks[].progress",
        "--fault",
        "body.sub_tasks[].progress:maximum:off-by-one",
        "--report-json",
        "report.json",
    ]);
    let folder = run.ended().with_code(1).folder;
    for made in ["tests/regressions", "fuzz/artifacts/payload"] {
        fs::create_dir_all(folder.path.join(made)).expect("a folder can be made");
    }
    fs::write(folder.path.join("openapi.yaml"), include_str!("../documents/shop.yaml")).expect("a file can be written");
    fs::write(folder.path.join("fuzz/artifacts/payload/crash-..."), "{\"sub_tasks\":[{\"progress\":101}]}")
        .expect("a file can be written");
    folder
}

#[track_caller]
fn check(file: &str) {
    let bench = bench();
    let mut met = 0;
    let mut problems = Vec::new();
    for Step { command, printed, place } in steps(file) {
        let Some(arguments) = OURS.iter().find_map(|start| command.strip_prefix(start)) else {
            assert!(OTHERS.iter().any(|start| command.starts_with(start)), "{place}: nobody knows `{command}`");
            continue;
        };
        met += 1;
        let run = harmless(arguments);
        let mut shell = fencepost::<&str>(&[]);
        let program = shell.command.get_program().to_owned();
        let mut words = std::process::Command::new("sh");
        assert!(!run.contains("&&") && !run.contains(';'), "one command a line: {run}");
        // In the place of the shell, so that a server ends with it.
        words.args(["-c", &format!("exec \"$PROGRAM\" {run}")]).env_clear().env("PROGRAM", program);
        words.env("PATH", std::env::var_os("PATH").unwrap_or_default()).current_dir(&bench.path);
        words.env("TOKEN", "a-token-of-the-caller").env("STAGING_TOKEN", "a-token-of-the-caller");
        words.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        words.stderr(std::process::Stdio::piped());
        shell.command = words;
        if arguments.starts_with("serve") {
            serves(shell, &printed, &place);
            continue;
        }
        let ended = shell.ended();
        let lines: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
        let is_compared = !printed.is_empty() && !run.contains("--dry-run");
        let as_shown = !is_compared || is_as_shown(&lines, &printed);
        let code = i32::from(run.contains("--fault"));
        if ended.code != Some(code) || !ended.stderr.is_empty() || !as_shown {
            problems.push(format!("{place}: {run}\nwanted exit code {code} and {printed:#?}\n{ended}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(met > 0, "{file} has no command of ours");
}

/// A server says where it listens, and goes on.
#[track_caller]
fn serves(shell: crate::command::Fencepost, printed: &[String], place: &str) {
    let mut running = shell.start();
    let out = BufReader::new(running.process.0.stdout.take().expect("standard output is piped"));
    let lines: Vec<String> = out.lines().take(printed.len()).map(|line| line.expect("it is text")).collect();
    let without_port = |line: &str| match line.split_once("127.0.0.1:") {
        Some((before, _)) => before.to_owned(),
        None => line.to_owned(),
    };
    let bare = |lines: &[String]| lines.iter().map(|line| without_port(line)).collect::<Vec<_>>();
    assert_eq!(bare(&lines), bare(printed), "{place}");
}

#[test]
fn the_readme_shows_what_happens() {
    check("README.md");
}

#[test]
fn the_readme_of_the_fuzz_targets_shows_what_happens() {
    check("fuzz/README.md");
}
