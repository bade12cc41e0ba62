//! What a run over many operations may do: nothing is changed or taken away that nobody named.

use crate::cli::config::may::May;
use crate::cli::config::settings::Settings;
use crate::contract::{Operation, Parameter, Usual};
use crate::identity::place_before;

/// Why an operation is not sent to a target; nothing where it may be.
pub(in crate::cli::command) fn withheld(
    operation: &Operation,
    settings: &Settings,
    allowed: &[May],
    is_own: bool,
    is_loopback: bool,
) -> Option<String> {
    let may = |wanted: May| allowed.iter().any(|may| *may == wanted || *may == May::Any);
    let open: Vec<&Parameter> = open(operation, settings).collect();
    let has_path = operation.path_parameters().next().is_some();
    let is_named = has_path && open.is_empty();
    let (effect, needed, is_allowed) = match operation.method.as_str() {
        "GET" | "HEAD" | "OPTIONS" | "TRACE" => return None,
        // Of what was made up it is not known what it is done to.
        "POST" => ("creates", May::Create, is_loopback && open.is_empty()),
        // To take away all that stands below a thing is more than to take away the thing.
        "DELETE" => ("takes away", May::Delete, is_loopback && is_named && operation.path.ends_with('}')),
        _ => ("changes", May::Update, is_named),
    };
    if is_own || is_allowed || may(needed) {
        return None;
    }
    let name = needed.name();
    let remedy = match open.first() {
        Some(parameter) if is_loopback => {
            format!("name what with --set {}=VALUE, or give --may {name}", parameter.site)
        }
        _ => format!("give --may {name}"),
    };
    Some(format!("it {effect} things; {remedy}"))
}

/// The parameters of a path that nobody gave a value: neither the caller nor the document.
fn open<'a>(operation: &'a Operation, settings: &Settings) -> impl Iterator<Item = &'a Parameter> {
    let given: Vec<String> =
        settings.set.iter().filter_map(|given| place_before(&given.value.0)).map(|(written, _)| written).collect();
    // The first may be given without its name.
    let is_first_given = !settings.task_ids.is_empty();
    let parameters = operation.path_parameters().enumerate();
    let is_open = move |(number, parameter): &(usize, &Parameter)| {
        let is_given = *number == 0 && is_first_given || given.iter().any(|given| given == parameter.site.as_str());
        parameter.usual != Usual::Named && !is_given
    };
    parameters.filter(is_open).map(|(_, parameter)| parameter)
}

/// Whether a path has no parameter that nobody gave a value.
pub(super) fn is_named(operation: &Operation, settings: &Settings) -> bool {
    open(operation, settings).next().is_none()
}
