//! The walls of the crate, read from its sources: the core does no I/O and has no clock, and a module imports only those
//! that stand above it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What does I/O or reads a clock; all else is the core.
const OUTER: [&str; 7] = ["cli", "corpus", "journal", "snapshot", "stub::server", "target", "whole_file"];

/// What no module of the core may mention.
const FORBIDDEN: [&str; 14] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "hyper",
    "jiff",
    "reqwest",
    "rustls",
    "tokio",
    "wiremock",
];
const PRINTING: [&str; 5] = ["dbg", "eprint", "eprintln", "print", "println"];

/// The modules, the ground first: each imports only what stands before it, and what belongs together stands together. A new
/// one is put where it belongs.
#[rustfmt::skip]
const ORDER: [&str; 37] = [
    "text", "identity", "json", "names", "hex", "fingerprint", "secret", "token", "exchange", "whole_file", // the ground: no other imports
    "document", "contract", "rule", // what is read, and what is demanded
    "carrier", // how values are written where there is no JSON
    "validate", "oracle", "settle", // who judges what is sent, and what is answered; which reading holds
    "keyword", // what each keyword leaves of a value, and values on both of its sides
    "compose", "request_context", // how a request is written, and what stands in it
    "open", // an operation of any document, and whether what is made up for it is legal
    "probe", "generate", "stub", // what goes through all that is demanded
    "session", "suite", // a conversation with one target, and what to say in it
    "verdict", "search", "report", "event", "snapshot", "journal", "corpus", "regression", "seeds", // what is learnt of it
    "target", "cli",
];

/// The folder of which files know each other: each type knows its text, and the text each type.
const KNIT: &str = "identity";

/// A source file: the module that it is, and its code without comments, texts and tests.
struct Source {
    module: Vec<String>,
    tokens: Vec<String>,
}

impl Source {
    /// The paths that it mentions, written out from the crate or from another crate.
    fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        let mut rest = &self.tokens[..];
        while let Some(token) = rest.first() {
            let mut found = Vec::new();
            let length = if token == "use" { 1 + tree(&rest[1..], &[], &mut found) } else { path(rest, &mut found) };
            paths.extend(found.iter().map(|path| self.absolute(path).join("::")));
            rest = &rest[length.max(1)..];
        }
        paths
    }

    fn absolute(&self, path: &[String]) -> Vec<String> {
        match path.first().map(String::as_str) {
            Some("self" | "super") => {
                let ups = path.iter().take_while(|step| *step == "super").count();
                let depth = self.module.len().saturating_sub(ups);
                let rest = path.iter().skip_while(|step| *step == "super" || *step == "self").cloned();
                std::iter::once("crate".to_owned()).chain(self.module[..depth].iter().cloned()).chain(rest).collect()
            }
            // From the root, or of another crate.
            _ => path.to_vec(),
        }
    }
}

/// Reads the tree of a `use` behind these steps, and tells how many tokens it is.
fn tree(tokens: &[String], before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at += if tokens[at] == "," { 1 } else { tree(&tokens[at..], &path, found).max(1) };
                }
                return at + 1;
            }
            "as" => at += 2,
            "," | "}" | ";" => break,
            step => {
                path.push(step.to_owned());
                at += 1;
            }
        }
    }
    found.push(path);
    at
}

/// Reads a path within an expression or a type, and tells how many tokens it is.
fn path(tokens: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut steps = Vec::new();
    let mut at = 0;
    while tokens.get(at).is_some_and(|token| token.starts_with(|first: char| first.is_alphabetic() || first == '_')) {
        steps.push(tokens[at].clone());
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    if tokens.get(at).is_some_and(|token| token == "!") {
        steps.push("!".to_owned());
    }
    if steps.len() > 1 {
        found.push(steps);
    }
    at
}

/// The tokens of a file, but for comments, the contents of texts, and the tests at its end.
fn tokens(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let ahead =
        |at: usize, wanted: &str| wanted.chars().enumerate().all(|(by, one)| characters.get(at + by) == Some(&one));
    while at < characters.len() {
        let character = characters[at];
        if ahead(at, "/*") {
            while at < characters.len() && !ahead(at, "*/") {
                at += 1;
            }
            at += 2;
        } else if ahead(at, "//") {
            while at < characters.len() && characters[at] != '\n' {
                at += 1;
            }
        } else if ahead(at, "r\"") || ahead(at, "r#\"") {
            let end = if ahead(at, "r\"") { "\"" } else { "\"#" };
            at += if end == "\"" { 2 } else { 3 };
            while at < characters.len() && !ahead(at, end) {
                at += 1;
            }
            at += end.len();
        } else if character == '"' {
            at += 1;
            while at < characters.len() && characters[at] != '"' {
                at += if characters[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if character == '\'' {
            // A character, or a lifetime.
            at += match (characters.get(at + 1), characters.get(at + 2)) {
                (Some('\\'), _) => 3 + characters[at + 3..].iter().position(|one| *one == '\'').unwrap_or(0) + 1,
                (_, Some('\'')) => 3,
                _ => 1,
            };
        } else if character.is_alphanumeric() || character == '_' {
            let length = characters[at..].iter().take_while(|one| one.is_alphanumeric() || **one == '_').count();
            tokens.push(characters[at..at + length].iter().collect());
            at += length;
        } else if ahead(at, "::") {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !character.is_whitespace() {
                tokens.push(character.to_string());
            }
            at += 1;
        }
    }
    tokens
}

/// Every source file of the library.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness");
    let mut folders = vec![root.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources can be read") {
            let path = entry.expect("the sources can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let module = |path: &Path| -> Vec<String> {
        let path = path.strip_prefix(&root).expect("it is below").with_extension("");
        path.iter().map(|step| step.to_string_lossy().into_owned()).filter(|step| step != "mod").collect()
    };
    let read = |path: PathBuf| Source {
        module: module(&path),
        tokens: tokens(&fs::read_to_string(&path).expect("the sources can be read")),
    };
    let of_library = |source: &Source| !matches!(source.module[0].as_str(), "lib" | "main" | "benches");
    files.into_iter().map(read).filter(of_library).collect()
}

fn starts_with(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn the_core_does_no_io_and_has_no_clock() {
    let mut wrong = Vec::new();
    for source in sources() {
        let module = source.module.join("::");
        if OUTER.iter().any(|outer| starts_with(&module, outer)) {
            continue;
        }
        for path in source.paths() {
            let prints = PRINTING.iter().any(|print| path == format!("{print}::!"));
            if prints || FORBIDDEN.iter().any(|forbidden| starts_with(&path, forbidden)) {
                wrong.push(format!("{module}: {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_module_imports_only_what_stands_above_it() {
    let rank = |module: &str| {
        let rank = ORDER.iter().position(|other| *other == module);
        rank.unwrap_or_else(|| panic!("`{module}` stands nowhere: put it into ORDER"))
    };
    let mut upward = BTreeSet::new();
    for source in sources() {
        let module = source.module[0].as_str();
        for path in source.paths() {
            // What the crate's root re-exports is no module.
            let Some(other) = path.strip_prefix("crate::").and_then(|rest| rest.split("::").next()) else { continue };
            let is_module = other.starts_with(|first: char| first.is_lowercase());
            if is_module && other != module && rank(other) > rank(module) {
                upward.insert((module.to_owned(), other.to_owned()));
            }
        }
    }
    assert!(upward.is_empty(), "each imports what stands below it: {upward:#?}");
}

#[test]
fn no_two_parts_of_a_folder_import_each_other() {
    let all = sources();
    let parts: BTreeSet<Vec<String>> =
        all.iter().flat_map(|source| (1..=source.module.len()).map(|depth| source.module[..depth].to_vec())).collect();
    let mut imports: BTreeSet<(String, String)> = BTreeSet::new();
    for source in all.iter().filter(|source| source.module[0] != KNIT) {
        let paths: Vec<Vec<String>> =
            source.paths().iter().map(|path| path.split("::").skip(1).map(str::to_owned).collect()).collect();
        // A folder's own file knows those in it, and they know it.
        for depth in 1..source.module.len() {
            let (folder, part) = (&source.module[..depth], &source.module[..=depth]);
            for path in paths.iter().filter(|path| path.len() > depth && path.starts_with(folder)) {
                let other = &path[..=depth];
                if other != part && parts.contains(other) {
                    imports.insert((part.join("::"), other.join("::")));
                }
            }
        }
    }
    loop {
        // What imports nothing that is left is on no circle.
        let stays = |(_, to): &(String, String)| imports.iter().any(|(from, _)| from == to);
        let left: BTreeSet<_> = imports.iter().filter(|edge| stays(edge)).cloned().collect();
        if left.len() == imports.len() {
            break;
        }
        imports = left;
    }
    assert!(imports.is_empty(), "these import each other: {imports:#?}");
}

#[test]
fn the_reader_of_sources_sees_what_they_mention() {
    let source = |text: &str| Source { module: vec!["one".to_owned(), "two".to_owned()], tokens: tokens(text) };
    let seen = |text: &str| source(text).paths().into_iter().collect::<Vec<_>>();
    assert_eq!(seen("use std::{fs, io::{self, Read as _}};"), ["std::fs", "std::io::Read", "std::io::self"]);
    assert_eq!(
        seen("pub(crate) use super::three::{Four, five};"),
        ["crate::one::three::Four", "crate::one::three::five"]
    );
    assert_eq!(seen("fn f() -> super::super::six::S { crate::seven::g() }"), ["crate::seven::g", "crate::six::S"]);
    assert_eq!(
        seen("let a = std::time::Instant::now(); println!(\"{a}\");"),
        ["println::!", "std::time::Instant::now"]
    );
    assert_eq!(
        seen("let t = \"std::fs \\\" std::net\"; // std::env\nlet c = '\"'; let d = 'x'; /* std::io */"),
        Vec::<String>::new()
    );
    assert_eq!(seen("fn f<'a>(x: &'a str) {} let r = r#\"std::fs \"\"#; a::b()"), ["a::b"]);
}
