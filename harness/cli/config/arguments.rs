//! What can be written on the command line, and what it says of itself.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::may::May;
use super::min_rules::MinRules;
use super::values::{base_path, count, credential, duration, header, rate, set, shard};
use crate::rule::Keyword;
use crate::target::Rate;

/// Tests an HTTP endpoint against its contract, rule by rule, from both sides of every fence.
#[derive(Debug, Parser)]
#[command(name = "fencepost", version, about, after_help = EXIT_CODES)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

const EXIT_CODES: &str = "Exit codes of `run`: 0 no finding, 1 findings or drift from the profile's snapshots, \
    2 usage, configuration or contract error, 3 the target could not be tested, or too little of it, 130 \
    interrupted.";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Test a target: the embedded stub, or a URL
    Run(RunArguments),
    /// Search a target for what no list of probes thinks of, for as long as told
    Fuzz(FuzzArguments),
    /// Say what of a document can be tested, and what is wrong with it
    Check(CheckDocumentArguments),
    /// List the rules of the contract
    Rules(RulesArguments),
    /// Print the contract, an OpenAPI 3.1 document
    Contract(ContractArguments),
    /// Keep the stub up for other programs to call: it answers by the document, and refuses what the document does not allow
    Serve(ServeArguments),
    /// Write what the fuzz targets start from, derived from the contract: seeds and dictionaries
    FuzzSeeds(FuzzSeedsArguments),
    /// Make regression cases of findings, of what a fuzzer crashed on, or of its corpus
    Promote(PromoteArguments),
    /// Check, show or explain the profiles of `fencepost.toml`
    #[command(subcommand)]
    Profile(ProfileCommand),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProfileCommand {
    /// Check one profile or all, without sending anything
    Check(CheckArguments),
    /// Show the settings of a profile and where each comes from; secrets are named and not shown
    Show(Box<ShowArguments>),
    /// Print a file with every key, and what each is for
    Example,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    /// The profile; all of them unless told
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) contract: ContractArguments,
    /// The file of profiles; `fencepost.toml` in the current folder unless told
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The profile
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArguments,
}

/// What a run is told about its target; each of these overrides the profile.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct TargetArguments {
    /// The URL to test, up to the contract's paths; without it the embedded stub is tested
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// Where the document's paths begin at the target, in place of the path of its first server: `/v2`, or `/` for its root. A
    /// target that is given with a path has none but that, unless told
    #[arg(long, value_name = "PATH", value_parser = base_path)]
    pub(in crate::cli) base_path: Option<String>,
    /// The value of the path's first parameter; the contract's example unless told. Of several the first is used that can be
    /// read
    #[arg(long = "task-id", value_name = "ID")]
    pub(in crate::cli) task_ids: Vec<String>,
    /// The value of any parameter of the path, such as `path.id=7`; may be repeated
    #[arg(long, value_name = "PLACE=VALUE", value_parser = set)]
    pub(in crate::cli) set: Vec<(String, String)>,
    /// A header to send along with every request, its name in lower case; may be repeated, with the same name too
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub(in crate::cli) headers: Vec<(String, String)>,
    /// The same, and its value is shown: it is no secret. Other values are hidden, but of `Accept`, `User-Agent` and the like
    #[arg(long = "plain-header", value_name = "NAME: VALUE", value_parser = header)]
    pub(in crate::cli) plain_headers: Vec<(String, String)>,
    /// The environment variable that holds a valid token; a made-up one is sent unless told
    #[arg(long, value_name = "VAR")]
    pub(in crate::cli) token_env: Option<String>,
    /// A credential for a security scheme of the document, by the environment variable that holds it: a key, a token, or
    /// `user:password`; may be repeated
    #[arg(long = "credential", value_name = "SCHEME=VAR", value_parser = credential)]
    pub(in crate::cli) schemes: Vec<(String, String)>,
    /// How long a whole exchange may take: `10`, `10s`, `500ms`; `10s` unless told
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// How many requests may be in flight; 16 unless told
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) concurrency: Option<u16>,
    /// How many requests may be sent in a second, or another time: `10`, `10/s`, `600/m`
    #[arg(long, value_name = "N/TIME", value_parser = rate)]
    pub(in crate::cli) rate: Option<Rate>,
    /// End after so many requests
    #[arg(long, value_name = "N", value_parser = count)]
    pub(in crate::cli) max_requests: Option<u64>,
    /// End after so long: `90s`, `30m`, `8h`
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) max_time: Option<Duration>,
    /// End once the target has crashed so many times: a 5xx, or a connection closed without an answer
    #[arg(long, value_name = "N", value_parser = count)]
    pub(in crate::cli) max_crashes: Option<u64>,
    /// How long to wait for a target that throttles everything, or is gone; `1m` unless told, `3s` on this machine
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) patience: Option<Duration>,
    /// A body to send at the end, in place of what was there before
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) restore: Option<PathBuf>,
    /// A host that may be tested although it is not this machine; may be repeated
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(in crate::cli) allow_hosts: Vec<String>,
    /// The file of profiles; `fencepost.toml` in the current folder unless told
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
}

#[derive(Debug, Default, Args, Clone)]
pub(in crate::cli) struct ContractArguments {
    /// An OpenAPI document, of any edition, to use in place of the shipped contract; or its URL, on this machine or an allowed
    /// host
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) contract: Option<PathBuf>,
    /// Only these operations of the document: `METHOD /path`, an operationId or a tag, with `*` for any characters; may be
    /// repeated
    #[arg(long, value_name = "OPERATION")]
    pub(in crate::cli) operation: Vec<String>,
    /// Take every known format for a part of its type: texts that break one must be refused, in every edition
    #[arg(long)]
    pub(in crate::cli) assert_formats: bool,
    /// The hosts that a document may be fetched from, as a run's settings have them.
    #[arg(skip)]
    pub(in crate::cli) allowed_hosts: Vec<String>,
    /// Where its paths begin, where that is not said by the document.
    #[arg(skip)]
    pub(in crate::cli) base_path: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckDocumentArguments {
    /// An OpenAPI document, of any edition, or its URL on this machine; the shipped contract unless told
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Only these operations of the document; may be repeated
    #[arg(long, value_name = "OPERATION")]
    pub(in crate::cli) operation: Vec<String>,
    /// Take every known format for a part of its type
    #[arg(long)]
    pub(in crate::cli) assert_formats: bool,
    /// Print a JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl CheckDocumentArguments {
    /// The contract that is meant.
    pub(in crate::cli) fn contract(&self) -> ContractArguments {
        ContractArguments {
            contract: self.file.clone(),
            operation: self.operation.clone(),
            assert_formats: self.assert_formats,
            ..ContractArguments::default()
        }
    }
}

/// What is tested, and how it is reached.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubjectArguments {
    #[command(flatten)]
    pub(in crate::cli) target: TargetArguments,
    /// Take the settings of this profile from `fencepost.toml`; a run is compared with its snapshots
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) contract: ContractArguments,
    /// Varies what is made up
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// Break the embedded stub in this way; may be repeated (`fencepost serve --list-faults`, with --contract as here)
    #[arg(long = "fault", value_name = "FAULT", conflicts_with = "target")]
    pub(in crate::cli) faults: Vec<String>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct RunArguments {
    #[command(flatten)]
    pub(in crate::cli) subject: SubjectArguments,
    /// Write the report to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) report_json: Option<PathBuf>,
    /// Test only these rules: PLACE, PLACE:KEYWORD, `firm` or `disputed`, with `*` for any characters, or a finding's id; of several operations those in which it matches; may be repeated
    #[arg(long, value_name = "RULES")]
    pub(in crate::cli) only: Vec<String>,
    /// Test all but these rules; may be repeated
    #[arg(long, value_name = "RULES")]
    pub(in crate::cli) skip: Vec<String>,
    /// Test only what the findings of an earlier report are about
    #[arg(long, value_name = "REPORT", conflicts_with = "only")]
    pub(in crate::cli) rerun_findings: Option<PathBuf>,
    /// Write down what is learnt as the run goes on, so that it can be resumed; of several operations, in a folder of this name
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) journal: Option<PathBuf>,
    /// Go on with the run of which the journal is
    #[arg(long, requires = "journal")]
    pub(in crate::cli) resume: bool,
    /// Write what differs from the profile's snapshots beside them, for `cargo insta review` to show
    #[arg(long, requires = "profile", conflicts_with_all = ["only", "skip", "rerun_findings", "shard"])]
    pub(in crate::cli) update_snapshots: bool,
    /// Count the run as a failed one (exit code 3) unless so many firm rules have a verdict: a number, or a share such as `95%`
    #[arg(long, value_name = "N", conflicts_with = "dry_run")]
    pub(in crate::cli) min_rules: Option<MinRules>,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Test one share of the rules: I of N, for a matrix of machines
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(in crate::cli) shard: Option<(usize, usize)>,
    /// Send what may harm others, too, to a target that is not on this machine: other methods than the contract's, such as
    /// DELETE, and bodies of great size or depth
    #[arg(long)]
    pub(in crate::cli) invasive: bool,
    /// What a run over the operations of a document may do beyond what it does by itself; several with commas between them.
    /// By itself it reads; it creates on this machine; it changes and takes away what was named with --set or by the document
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(in crate::cli) may: Vec<May>,
    /// Print every rule, not only the tables' counts
    #[arg(long)]
    pub(in crate::cli) full: bool,
}

impl RunArguments {
    /// What the run may do beyond what it does by itself.
    pub(in crate::cli) fn allowed(&self) -> Vec<May> {
        self.may.iter().copied().chain(self.invasive.then_some(May::Any)).collect()
    }

    /// Whether bodies of great size or depth may be sent to a target elsewhere.
    pub(in crate::cli) fn may_weigh(&self) -> bool {
        self.invasive || self.may.iter().any(|may| matches!(may, May::Weigh | May::Any))
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FuzzArguments {
    #[command(flatten)]
    pub(in crate::cli) subject: SubjectArguments,
    /// How long to go on: `30s`, `10m`, `8h`; several operations share it, and --max-requests, one after the other
    #[arg(long = "for", value_name = "TIME", default_value = "1m", value_parser = duration)]
    pub(in crate::cli) length: Duration,
    /// The folder that keeps cases and findings, of several operations in a folder for each; a later search goes on from there
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) corpus: Option<PathBuf>,
    /// What a search over the operations of a document may do beyond what it does by itself, as for `run`
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(in crate::cli) may: Vec<May>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RulesArguments {
    #[command(flatten)]
    pub(in crate::cli) contract: ContractArguments,
    /// Only the rules at this place; `*` stands for any characters
    #[arg(long, value_name = "PLACE")]
    pub(in crate::cli) place: Option<String>,
    /// Only the rules of this keyword
    #[arg(long, value_name = "KEYWORD")]
    pub(in crate::cli) keyword: Option<Keyword>,
    /// Print a JSON array
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    #[command(flatten)]
    pub(in crate::cli) contract: ContractArguments,
    /// Varies what is made up
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) seed: u64,
    /// The port on the loopback interface; any free one unless told
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) port: u16,
    /// Break the stub in this way; may be repeated. Of several operations the fault's begins with it: `GET /things ...`
    #[arg(long = "fault", value_name = "FAULT")]
    pub(in crate::cli) faults: Vec<String>,
    /// List the faults and what each is found as, of several operations the operation first, and exit
    #[arg(long)]
    pub(in crate::cli) list_faults: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FuzzSeedsArguments {
    #[command(flatten)]
    pub(in crate::cli) contract: ContractArguments,
    /// The folder to write to: a folder of seeds for each fuzz target, and its dictionary beside it
    #[arg(value_name = "DIR")]
    pub(in crate::cli) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PromoteArguments {
    #[command(flatten)]
    pub(in crate::cli) contract: ContractArguments,
    /// Reports, findings, artifacts of a fuzz target, or entries of its corpus
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// What the files hold, where neither the folder's name nor their content tells
    #[arg(long = "as", value_name = "KIND")]
    pub(in crate::cli) kind: Option<Kind>,
    /// Only the finding with this id; may be repeated
    #[arg(long = "finding", value_name = "ID")]
    pub(in crate::cli) findings: Vec<String>,
    /// The folder of regression cases
    #[arg(long, value_name = "DIR", default_value = "tests/regressions")]
    pub(in crate::cli) into: PathBuf,
}

/// What a file that is promoted holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// The text of a contract
    Contract,
    /// The bytes of a body
    Payload,
    /// Choices, of which the generator makes a body
    Case,
    /// A report, or a finding
    Finding,
}
