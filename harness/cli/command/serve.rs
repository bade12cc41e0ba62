//! `fencepost serve`: keeps the stub up, sound or broken, for other programs to call.

use std::fmt::Write as _;

use super::error::Failure;
use crate::cli::config::arguments::ServeArguments;
use crate::cli::connect::error::ConnectError;
use crate::cli::connect::open_files;
use crate::cli::connect::stub::chosen;
use crate::cli::console::exit::Exit;
use crate::cli::console::output;
use crate::contract::Contract;
use crate::stub::server::HyperStub;
use crate::stub::{Stub, faults};

pub(super) fn run(arguments: &ServeArguments) -> Result<Exit, Failure> {
    let contract = arguments.contract.load()?;
    if arguments.list_faults {
        list(&contract);
        return Ok(Exit::Clean);
    }
    open_files::check_at_all()?;
    let stub = Stub::new(&contract, chosen(&contract, &arguments.faults)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| ConnectError::Stub(error.to_string()))?;
    runtime.block_on(async {
        let port_error = |error: std::io::Error| Failure::Port { port: arguments.port, why: error.to_string() };
        let server = HyperStub::bind(stub, arguments.port).await.map_err(port_error)?;
        let address = server.address().map_err(port_error)?;
        let operation = contract.operation();
        output::print(&format!("http://{address}\n"));
        output::print(&format!(
            "serving {} {} of {}; Ctrl-C ends it\n",
            operation.method,
            operation.path,
            contract.name()
        ));
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

fn list(contract: &Contract) {
    let mut out = String::new();
    for fault in faults(contract) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}\tfound as {}", fault.name(), fault.finding());
    }
    output::print(&out);
}
