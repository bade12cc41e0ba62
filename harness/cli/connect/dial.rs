//! From settings to a target that can be sent requests: the URL or an embedded stub, the address, the interrupts.

use std::sync::atomic::Ordering;

use super::error::ConnectError;
use super::faults::Planted;
use super::interrupts::Interrupts;
use super::restore::LastWords;
use super::stub::{Embedded, Stage, embedded};
use super::{allowed, caller};
use crate::cli::config::arguments::SubjectArguments;
use crate::cli::config::settings::Settings;
use crate::cli::console::output;
use crate::contract::Contract;
use crate::report::Subject;
use crate::request_context::RequestContext;
use crate::suite::Untestable;
use crate::target::HttpTarget;

/// So many characters are told of an answer to what nothing was accepted of.
const MOST_WORDS: usize = 200;

/// A target, and what it is called.
pub(in crate::cli) struct Connected {
    pub(in crate::cli) subject: Subject,
    pub(in crate::cli) target: HttpTarget,
    /// The embedded stub lives as long as this.
    pub(in crate::cli) stub: Option<Embedded>,
    /// What a second interruption says before it ends the process.
    pub(in crate::cli) last_words: LastWords,
}

/// Finds the target, and lets Ctrl-C stop what is sent to it.
pub(in crate::cli) fn connect(
    contract: &Contract,
    settings: &Settings,
    arguments: &SubjectArguments,
    planted: &Planted,
    stage: Stage,
    interrupts: &Interrupts,
) -> Result<Connected, ConnectError> {
    if let (Some(target), false) = (&settings.target, arguments.faults.is_empty()) {
        return Err(ConnectError::FaultElsewhere(target.value.shown().to_owned(), target.origin.clone()));
    }
    let mut context = caller::context(contract, settings, arguments.seed)?;
    if settings.target.is_some() {
        // Before its URL is told in an error it must be one that can be told.
        caller::target(contract, settings, None)?;
    }
    let (stub, url) = embedded(contract, settings, &context, planted.of(contract), stage)?.unzip();
    let target = caller::target(contract, settings, url)?;
    allowed::check(contract, settings, &target)?;
    caller::add_credentials(&mut context, contract, settings)?;
    let last_words = LastWords::default();
    interrupts.are_told_to(target.interrupt_flag(), last_words.clone());
    let subject = Subject {
        target: settings.name(),
        contract: contract.name().to_owned(),
        operation: format!("{} {}", contract.operation().method, contract.operation().path),
        profile: settings.profile.clone(),
        seed: arguments.seed,
        context,
    };
    Ok(Connected { subject, target, stub, last_words })
}

/// Gets the credentials that have to be had before the first request.
pub(in crate::cli) fn log_in(target: &mut HttpTarget) -> Result<(), Untestable> {
    target.log_in().map_err(|why| {
        let interrupted = target.interrupt_flag().load(Ordering::Relaxed);
        if interrupted { Untestable::Interrupted } else { Untestable::NoToken(why) }
    })
}

/// What the target said may hold the caller's credential.
pub(in crate::cli) fn masked(untestable: Untestable, context: &RequestContext) -> Untestable {
    match untestable {
        Untestable::NothingAccepted { status, told, advice } => {
            Untestable::NothingAccepted { status, told: words(context, &told), advice }
        }
        Untestable::Denied { told, advice } => Untestable::Denied { told: words(context, &told), advice },
        Untestable::SameAnswer { status, told, advice } => {
            Untestable::SameAnswer { status, told: words(context, &told), advice }
        }
        Untestable::Unreachable(told) => Untestable::Unreachable(context.masked(&told)),
        Untestable::NotHttp(told) => Untestable::NotHttp(context.masked(&told)),
        Untestable::NoToken(told) => Untestable::NoToken(context.masked(&told)),
        other => other,
    }
}

/// The first words of an answer. Masked first, cut afterwards: a cut could leave half a credential behind.
fn words(context: &RequestContext, told: &str) -> String {
    let masked = context.masked(told);
    match masked.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => format!("{}...", &masked[..end]),
        None => masked,
    }
}

/// Says what is about to be done to which target.
pub(in crate::cli) fn announce(doing: &str, contract: &Contract, settings: &Settings, more: &str) {
    let operation = contract.operation();
    let (target, name) = (settings.name(), contract.name());
    output::print(&format!("{doing} {target}: {} {} of {name}\n{more}\n", operation.method, operation.path));
}
