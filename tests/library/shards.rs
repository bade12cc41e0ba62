//! The union of the shards is exactly the whole: every rule in one shard, every finding of the whole run in some shard.

use std::collections::{BTreeMap, BTreeSet};

use fencepost::Contract;
use fencepost::stub::{Fault, faults};
use fencepost::suite::Suite;
use fencepost::verdict::{Finding, Verdicts};

use crate::tested;

fn found(verdicts: &Verdicts) -> BTreeSet<String> {
    verdicts.findings.iter().map(Finding::id).collect()
}

#[test]
fn every_rule_is_in_exactly_one_shard_with_the_verdict_of_the_whole() {
    let contract = Contract::shipped();
    let whole = tested::with(&Suite::new(&contract), Vec::new());
    for count in [1, 2, 3, 7] {
        let mut union = Vec::new();
        for number in 1..=count {
            union.extend(tested::with(&Suite::new(&contract).shard(number, count), Vec::new()).rules);
        }
        assert_eq!(union.len(), whole.rules.len(), "{count} shards");
        for verdict in &whole.rules {
            assert_eq!(
                union.iter().filter(|other| *other == verdict).count(),
                1,
                "{:?} in {count} shards",
                verdict.rule
            );
        }
    }
}

#[test]
fn the_shards_find_what_the_whole_finds() {
    let contract = Contract::shipped();
    let shards: Vec<Suite<'_>> = (1..=3).map(|number| Suite::new(&contract).shard(number, 3)).collect();
    // One fault of each kind.
    let kinds: BTreeMap<String, Fault> =
        faults(&contract).into_iter().map(|fault| (format!("{}:{}", fault.id.mode, fault.id.keyword), fault)).collect();
    assert!(kinds.len() > 50, "only {} kinds", kinds.len());
    for fault in kinds.into_values() {
        // That the whole finds just this is held for every fault.
        let wanted = BTreeSet::from([fault.finding()]);
        let union: BTreeSet<String> =
            shards.iter().flat_map(|shard| found(&tested::with(shard, vec![fault.clone()]))).collect();
        assert_eq!(union, wanted, "{}", fault.name());
    }
}
