//! The faults that are asked for by name, each for the operation that it is of.

use super::error::ConnectError;
use crate::cli::config::contracts::OpenContracts;
use crate::contract::Contract;
use crate::names::{nearest, nearest_spelling};
use crate::rule::{FaultId, OperationName};
use crate::stub::{Fault, faults};

/// Faults, and the contracts of the operations that have them.
#[derive(Default)]
pub(in crate::cli) struct Planted(Vec<(Contract, Vec<Fault>)>);

impl Planted {
    /// The faults of these names of a contract.
    pub(in crate::cli) fn of_one(contract: &Contract, names: &[String]) -> Result<Self, ConnectError> {
        Self::gathered(names, |name| of_one(contract, name))
    }

    /// The faults of these names among those of the operations of a document.
    pub(in crate::cli) fn of_many(open: &OpenContracts, names: &[String]) -> Result<Self, ConnectError> {
        Self::gathered(names, |name| of_many(open, name))
    }

    fn gathered(
        names: &[String],
        find: impl Fn(&str) -> Result<(Contract, Fault), ConnectError>,
    ) -> Result<Self, ConnectError> {
        let mut planted = Self::default();
        for name in names {
            let (contract, fault) = find(name)?;
            match planted.0.iter_mut().find(|(other, _)| is_same(other, &contract)) {
                Some((_, faults)) => faults.push(fault),
                None => planted.0.push((contract, vec![fault])),
            }
        }
        Ok(planted)
    }

    /// The faults of one operation.
    pub(in crate::cli) fn of(&self, contract: &Contract) -> Vec<Fault> {
        let own = self.0.iter().find(|(other, _)| is_same(other, contract));
        own.map(|(_, faults)| faults.clone()).unwrap_or_default()
    }

    /// The operations that have faults, each with its own.
    pub(in crate::cli) fn into_operations(self) -> impl Iterator<Item = (Contract, Vec<Fault>)> {
        self.0.into_iter()
    }
}

fn is_same(one: &Contract, other: &Contract) -> bool {
    one.operation().name() == other.operation().name()
}

fn of_one(contract: &Contract, name: &str) -> Result<(Contract, Fault), ConnectError> {
    let id = FaultId::read(name, contract.operation().name()).ok();
    let all = faults(contract);
    let found = all.iter().find(|fault| Some(&fault.id) == id.as_ref()).cloned();
    found.map(|fault| (contract.clone(), fault)).ok_or_else(|| {
        let known: Vec<(String, String)> = all.iter().map(|fault| (fault.name(), fault.name())).collect();
        unknown(name, &known)
    })
}

fn of_many(open: &OpenContracts, name: &str) -> Result<(Contract, Fault), ConnectError> {
    // Of an id that names no operation this stands for it.
    let none = OperationName::new("", "");
    let id = FaultId::read(name, &none).ok();
    let named = id.as_ref().map(|id| id.sites[0].operation()).filter(|operation| **operation != none);
    if let Some(named) = named
        && !open.names().any(|other| other == named.to_string())
    {
        let known: Vec<String> = open.names().collect();
        let hint = nearest(&named.to_string(), known.iter().map(String::as_str));
        return Err(ConnectError::FaultOfNone(name.to_owned(), named.to_string(), hint));
    }
    let mut found = Vec::new();
    let mut known = Vec::new();
    for contract in open.operations().filter_map(|opened| opened.contract.ok()) {
        let operation = contract.operation().name();
        if named.is_some_and(|named| named != operation) {
            continue;
        }
        for fault in faults(&contract) {
            let is_it = if named.is_some() { Some(&fault.id) == id.as_ref() } else { fault.name() == name };
            if is_it {
                found.push((contract.clone(), fault));
            } else if found.is_empty() {
                known.push((fault.name(), fault.id.to_string()));
            }
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(unknown(name, &known)),
        count => Err(ConnectError::FaultOfMany(name.to_owned(), count, found[0].1.id.to_string())),
    }
}

fn unknown(name: &str, known: &[(String, String)]) -> ConnectError {
    let spellings = known.iter().flat_map(|(short, told)| [(short, told), (told, told)]);
    let hint = nearest_spelling(name, spellings.map(|(spelling, told)| (spelling.as_str(), told.as_str())));
    ConnectError::UnknownFault(name.to_owned(), hint)
}
