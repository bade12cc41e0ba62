//! Documents as people and programs write them: each is read, and becomes one of OpenAPI 3.1.

mod editions;
mod files;
mod shown;
mod swagger;
mod text;

use fencepost::document::{Document, Remark};
use serde_json::{Value, json};

/// The document with this text.
#[track_caller]
fn read(text: &str) -> Document {
    match Document::read("mine.yaml", text) {
        Ok(document) => document,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// Why a text is no document.
#[track_caller]
fn refusal(text: &str) -> String {
    match Document::read("mine.yaml", text) {
        Ok(_) => panic!("it is taken"),
        Err(error) => error.to_string(),
    }
}

/// What stands at this pointer of the document as OpenAPI 3.1.
#[track_caller]
fn part<'a>(document: &'a Document, pointer: &str) -> &'a Value {
    let tree = document.tree();
    tree.pointer(pointer).unwrap_or_else(|| panic!("nothing stands at {pointer} of\n{tree:#}"))
}

/// The one remark that says this.
#[track_caller]
fn remark<'a>(document: &'a Document, words: &str) -> &'a Remark {
    let mut found = document.remarks().iter().filter(|remark| remark.what.contains(words));
    let first = found.next().unwrap_or_else(|| panic!("no remark says {words:?}: {:#?}", document.remarks()));
    assert!(found.next().is_none(), "more than one remark says {words:?}: {:#?}", document.remarks());
    first
}
