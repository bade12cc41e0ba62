//! `fencepost serve`: keeps the stub of a document up, sound or broken, for other programs to call.

use std::fmt::Write as _;
use std::sync::Arc;

use super::error::Failure;
use crate::cli::config::arguments::ServeArguments;
use crate::cli::config::contracts::Contracts;
use crate::cli::connect::error::ConnectError;
use crate::cli::connect::faults::Planted;
use crate::cli::connect::open_files;
use crate::cli::console::exit::Exit;
use crate::cli::console::output::{self, counted};
use crate::contract::Contract;
use crate::document::{Document, OperationRef};
use crate::stub::server::HyperStub;
use crate::stub::{DocumentStub, faults};

pub(super) fn run(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let contracts = arguments.contract.load_all()?;
    if arguments.list_faults {
        list(&contracts);
        return Ok(Exit::Clean);
    }
    open_files::check_at_all()?;
    let (stub, what) = match &contracts {
        Contracts::One(contract) => one(contract, &Planted::of_one(contract, &arguments.faults)?, arguments.seed)?,
        Contracts::Open(open) => {
            let stub = DocumentStub::new(open.document(), open.chosen().to_vec(), arguments.seed);
            let planted = Planted::of_many(open, &arguments.faults)?;
            let stub = planted.into_operations().fold(stub, |stub, (contract, faults)| stub.with(&contract, faults));
            (stub, format!("{} of {}{}", counted(open.count(), "operation"), open.name, below(open.document())))
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| ConnectError::Stub(error.to_string()))?;
    runtime.block_on(async {
        let port_error = |error: std::io::Error| Failure::Port { port: arguments.port, why: error.to_string() };
        let server = HyperStub::bind(stub, arguments.port).await.map_err(port_error)?;
        let address = server.address().map_err(port_error)?;
        output::print(&format!("http://{address}\n"));
        output::print(&format!("serving {what}; Ctrl-C ends it\n"));
        if output::is_lost() {
            // Nobody knows where it would serve.
            return Ok(Exit::Usage);
        }
        tokio::select! {
            () = server.serve() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(Exit::Clean)
    })
}

/// The stub of a contract of one operation, which is read to the letter.
fn one(contract: &Contract, planted: &Planted, seed: u64) -> Result<(DocumentStub, String), Failure> {
    let operation = contract.operation();
    let document = Arc::new(Document::read(contract.name(), contract.text())?);
    let is_own = |other: &&OperationRef| other.method == operation.method && other.path == operation.path;
    let operations: Vec<OperationRef> = document.operations().iter().filter(is_own).cloned().collect();
    let stub = DocumentStub::new(&document, operations, seed).with(contract, planted.of(contract));
    Ok((stub, format!("{} {} of {}{}", operation.method, operation.path, contract.name(), below(&document))))
}

/// Where the paths of a document begin.
fn below(document: &Document) -> String {
    match document.base_path() {
        Some(base) if !base.is_empty() => format!(", below {base} and without it"),
        _ => String::new(),
    }
}

fn list(contracts: &Contracts) {
    let mut out = String::new();
    // Writing to a String cannot fail.
    match contracts {
        Contracts::One(contract) => {
            for fault in faults(contract) {
                let _ = writeln!(out, "{}\tfound as {}", fault.name(), fault.finding());
            }
        }
        Contracts::Open(open) => {
            for contract in open.operations().filter_map(|opened| opened.contract.ok()) {
                let operation = contract.operation().name();
                for fault in faults(&contract) {
                    let _ = writeln!(out, "{operation}\t{}\tfound as {}", fault.id, fault.found);
                }
            }
        }
    }
    output::print(&out);
}
