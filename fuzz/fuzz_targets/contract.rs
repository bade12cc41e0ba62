//! Arbitrary text as a contract: it is refused in one line, or it loads and everything that is derived from it holds.
#![no_main]

use fencepost::Contract;
use fencepost::suite::Suite;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Contract::from_text("fuzzed.yaml", text) {
        Err(error) => {
            let line = error.to_string();
            assert!(line.starts_with("fuzzed.yaml: ") && line.lines().count() == 1, "not one line: {line:?}");
        }
        Ok(contract) => {
            let suite = Suite::new(&contract);
            assert!(suite.probes().iter().all(|probe| probe.rule < suite.rules().len()));
        }
    }
});
