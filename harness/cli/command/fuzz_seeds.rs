//! `fencepost fuzz-seeds`: writes what the fuzz targets start from.

use std::path::Path;

use super::error::Failure;
use crate::cli::config::arguments::FuzzSeedsArguments;
use crate::cli::console::exit::Exit;
use crate::cli::console::output;
use crate::seeds::{SeedFile, seeds};
use crate::whole_file;

pub(super) fn run(arguments: &FuzzSeedsArguments) -> Result<Exit, Failure> {
    let contract = arguments.contract.load_complete("a seed of a fuzz target")?;
    let files = seeds(&contract)?;
    for file in &files {
        write(&arguments.folder.join(&file.path), file)?;
    }
    output::print(&format!("{} files written to {}\n", files.len(), arguments.folder.display()));
    Ok(Exit::Clean)
}

fn write(path: &Path, file: &SeedFile) -> Result<(), Failure> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| whole_file::write(path, &file.bytes))
        .map_err(|error| Failure::Seed { path: path.to_owned(), why: error.to_string() })
}
