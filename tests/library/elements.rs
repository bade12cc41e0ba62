//! Targets that look at the first or the last element of an array and at no other: one finding, at that array, wherever it
//! stands, also within another.

use std::ops::ControlFlow;

use fencepost::Contract;
use fencepost::contract::Shape;
use fencepost::exchange::{Hearer, Request, Target};
use fencepost::rule::{Site, Step};
use fencepost::stub::InProcess;
use fencepost::suite::Suite;
use serde_json::Value;

use crate::shelf::{self, loaded};
use crate::tested;

/// The clean stub, but for an array of which it sees one element.
struct Shortsighted<'a> {
    stub: InProcess,
    array: &'a Site,
    sees_last: bool,
}

impl Target for Shortsighted<'_> {
    fn send(&mut self, requests: &[Request], hear: &mut Hearer<'_>) -> ControlFlow<()> {
        for request in requests {
            let body = request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
            let seen = body.and_then(|mut body| {
                let is_cut = cut(&mut body, self.array.node(), self.sees_last);
                is_cut.then(|| Request { body: Some(body.to_string().into_bytes().into()), ..request.clone() })
            });
            self.stub.send(std::slice::from_ref(seen.as_ref().unwrap_or(request)), hear)?;
        }
        ControlFlow::Continue(())
    }

    fn pause(&mut self, times: usize) -> bool {
        self.stub.pause(times)
    }
}

/// Leaves one element of each array at a place; tells whether there were others.
fn cut(value: &mut Value, node: &[Step], last: bool) -> bool {
    match (node.split_first(), value) {
        (None, Value::Array(elements)) if elements.len() > 1 => {
            if last {
                elements.drain(..elements.len() - 1);
            } else {
                elements.truncate(1);
            }
            true
        }
        (Some((Step::Element, rest)), Value::Array(elements)) => {
            elements.iter_mut().filter_map(|element| cut(element, rest, last).then_some(())).count() > 0
        }
        (Some((Step::Member(name), rest)), Value::Object(members)) => {
            members.get_mut(&**name).is_some_and(|member| cut(member, rest, last))
        }
        _ => false,
    }
}

/// Holds it for every array of a contract; tells how many stand within another.
#[track_caller]
fn check(name: &str, contract: &Contract) -> usize {
    let operation = contract.operation();
    let suite = Suite::new(contract);
    let arrays = operation.places().map(|(_, place)| place).filter(|place| matches!(place.shape, Shape::Array { .. }));
    let arrays: Vec<&Site> = arrays.map(|place| &place.site).collect();
    for array in &arrays {
        for sees_last in [false, true] {
            let mut target = Shortsighted { stub: tested::stub(&suite, Vec::new()), array, sees_last };
            assert_eq!(
                tested::ids(&tested::by(&suite, &mut target)),
                [format!("{array}:items:outside")],
                "{name}, last: {sees_last}"
            );
        }
    }
    arrays.iter().filter(|array| array.node().contains(&Step::Element)).count()
}

#[test]
fn an_array_of_the_shipped_contract_that_is_checked_in_part_is_one_finding() {
    assert!(check("shipped", &Contract::shipped()) > 2);
}

#[test]
fn an_array_of_the_small_contracts_that_is_checked_in_part_is_one_finding() {
    let inner: usize = shelf::FILES.iter().map(|(name, text)| check(name, &loaded(name, text))).sum();
    assert!(inner > 4, "{inner}");
}

#[test]
fn an_array_around_any_container_that_is_checked_in_part_is_one_finding() {
    let inner: usize = shelf::containers().iter().map(|text| check(text, &loaded("made", text))).sum();
    assert!(inner > 20, "{inner}");
}
