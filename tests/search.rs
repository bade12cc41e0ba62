//! The hunt: on a sound target it finds nothing however long it goes on; a fault that random cases can meet is found, shrunk
//! to what shows it, and named by its own place and rule.

use std::collections::{BTreeMap, BTreeSet};

use fencepost::Contract;
use fencepost::address::Address;
use fencepost::generate::Generator;
use fencepost::search::{Hunt, News, Plan};
use fencepost::stub::{Fault, InProcess, Stub, faults};
use fencepost::suite::Suite;

/// The findings of so many rounds, as id and body.
fn hunt(contract: &Contract, faults: Vec<Fault>, seed: u64, rounds: usize) -> Vec<(String, String)> {
    let (suite, generator) = (Suite::new(contract), Generator::new(contract));
    let mut target = InProcess(Stub::new(contract, faults));
    let address = Address::default();
    let mut observe = |_: &_| {};
    let plan = Plan::new(&generator, seed, true);
    let mut hunt =
        Hunt::start(&suite, &generator, &address, &mut target, plan, &mut observe).expect("it can be tested");
    let mut found = Vec::new();
    for _ in 0..rounds {
        found.extend(hunt.round().into_iter().filter_map(|news| match news {
            News::Found(finding, _) => {
                let body = finding.exchange.request.body.clone().unwrap_or_default();
                Some((finding.id(), String::from_utf8_lossy(&body).into_owned()))
            }
            News::Kept(_) => None,
        }));
    }
    found
}

#[test]
fn on_a_sound_target_nothing_is_found() {
    let contract = Contract::shipped();
    for seed in 0..3 {
        assert_eq!(hunt(&contract, Vec::new(), seed, 100), []);
    }
}

#[test]
fn survey() {
    let contract = Contract::shipped();
    let kinds: BTreeMap<String, Fault> = faults(&contract)
        .into_iter()
        .map(|fault| (fault.id.rsplit(':').take(2).collect::<Vec<_>>().join(":"), fault))
        .collect();
    for fault in kinds.into_values() {
        let found = hunt(&contract, vec![fault.clone()], 1, 100);
        let ids: BTreeSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        let right = ids.len() == 1 && ids.contains(fault.finding().as_str());
        println!("{} {} -> {:?}", if right { "ok " } else { "BAD" }, fault.id, found);
    }
}
