//! The contract test: a target against the contract, its matrix against the snapshots of its profile, and against what was
//! found once (`tests/regressions`).
//!
//! Without further word the target is the stub, over the network. `FENCEPOST_TARGET` names another, `FENCEPOST_PROFILE` the
//! folder under `snapshots/` that its matrix is compared with, and the profile of `fencepost.toml` whose settled disputes and
//! waivers count, if there is one; without a profile the matrix is compared with nothing.
//! `FENCEPOST_TASK_ID` and `FENCEPOST_TOKEN` are the task to update and a valid token, where the target wants them. A target
//! on another machine has to be named in `FENCEPOST_ALLOW_HOST` as well: the task is not put back.

#[path = "support/environment.rs"]
mod environment;
#[path = "support/replay.rs"]
mod replay;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fencepost::Contract;
use fencepost::cli::ProfileReading;
use fencepost::report::matrix::tables;
use fencepost::stub::Stub;
use fencepost::stub::server::WiremockStub;
use fencepost::suite::Suite;
use fencepost::target::{HttpTarget, TargetSettings};
use fencepost::verdict::verdicts;

/// One conversation with the target at a time.
static TARGET: Mutex<()> = Mutex::new(());

/// The shipped contract, and what is tolerated, as `fencepost run` with the same profile has it.
fn reading() -> ProfileReading {
    let profile = std::env::var("FENCEPOST_PROFILE").unwrap_or_else(|_| "stub".to_owned());
    ProfileReading::of(&profile, None, &Contract::shipped()).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn what_was_found_once_is_found_no_more_in_the_target() {
    let _alone = TARGET.lock().unwrap_or_else(PoisonError::into_inner);
    let reading = reading();
    let contract = &reading.contract;
    let given = std::env::var("FENCEPOST_TARGET").ok();
    let stub = given.is_none().then(|| WiremockStub::start(Stub::new(contract, Vec::new())).expect("the stub starts"));
    let base_url = given.or_else(|| stub.as_ref().map(WiremockStub::url)).expect("there is a target");
    let mut target = HttpTarget::new(&TargetSettings::new(&base_url)).expect("the target's URL is one");
    environment::allowed(&base_url, target.is_loopback()).unwrap_or_else(|why| panic!("{why}"));
    let gently = !target.is_loopback();
    let failures = replay::failures(contract, &environment::context(), &mut target, gently, &replay::cases());
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn the_target_keeps_its_contract_and_its_snapshots() {
    let _alone = TARGET.lock().unwrap_or_else(PoisonError::into_inner);
    let reading = reading();
    let contract = &reading.contract;
    let given = environment::target().unwrap_or_else(|why| panic!("{why}"));
    let stub = given.is_none().then(|| WiremockStub::start(Stub::new(contract, Vec::new())).expect("the stub starts"));
    let profile = match (std::env::var("FENCEPOST_PROFILE"), &given) {
        (Ok(profile), _) => Some(profile),
        (Err(_), None) => Some("stub".to_owned()),
        (Err(_), Some(_)) => None,
    };
    let base_url = given.or_else(|| stub.as_ref().map(WiremockStub::url)).expect("there is a target");
    let mut target = HttpTarget::new(&TargetSettings::new(&base_url)).expect("the target's URL is one");
    environment::allowed(&base_url, target.is_loopback()).unwrap_or_else(|why| panic!("{why}"));
    let suite = if target.is_loopback() { Suite::new(contract) } else { Suite::new(contract).gently() };
    let seen = suite.run(&environment::context(), &mut target, &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let mut verdicts = verdicts(&suite, &seen);
    verdicts.rules.iter_mut().for_each(|verdict| verdict.mask(&environment::context()));
    reading.waive(&mut verdicts);

    if let Some(profile) = profile {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(profile));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for table in tables(&verdicts.rules) {
                insta::assert_snapshot!(table.slug(), table.render());
            }
        });
    }
    let found: Vec<String> =
        verdicts.findings.iter().map(|finding| format!("{}: {}", finding.id(), finding.observed)).collect();
    assert!(found.is_empty(), "{found:#?}");
}
