//! The walls of the crate, read from its sources: the core does no I/O and has no clock, and a module imports only those
//! that stand above it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fencepost::rule::Keyword;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Lit;

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

/// Who reads or writes schemas, and may name their keywords: the readers of documents, the families, the judges, and what makes
/// seeds of documents.
const READERS: [&str; 8] = ["contract", "document", "identity", "keyword", "open", "oracle", "seeds", "validate"];

/// Keywords of which no rule is made under their own name.
const SILENT: [&str; 11] = [
    "additionalProperties",
    "allOf",
    "discriminator",
    "else",
    "nullable",
    "patternProperties",
    "properties",
    "readOnly",
    "then",
    "unevaluatedProperties",
    "writeOnly",
];

/// Keywords of this project's own that no schema has.
const OWN: [&str; 2] = ["null", "optional"];

/// A source file: the module that it is, its code without comments, texts and tests, and its texts.
struct Source {
    module: Vec<String>,
    tokens: Vec<String>,
    texts: Vec<String>,
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

/// The tokens of a file, but for its tests, and apart from them its texts.
fn tokens(text: &str) -> (Vec<String>, Vec<String>) {
    let mut file = syn::parse_file(text).expect("a source is Rust");
    without_tests(&mut file.items);
    let (mut tokens, mut texts) = (Vec::new(), Vec::new());
    take_apart(file.into_token_stream(), &mut tokens, &mut texts);
    (tokens, texts)
}

fn without_tests(items: &mut Vec<syn::Item>) {
    let is_test = |attribute: &syn::Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
    };
    items.retain(|item| !matches!(item, syn::Item::Mod(module) if module.attrs.iter().any(is_test)));
}

fn take_apart(stream: TokenStream, tokens: &mut Vec<String>, texts: &mut Vec<String>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            // An attribute is no code: what documents an item stands there.
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                while trees.next_if(|next| matches!(next, TokenTree::Punct(sign) if sign.as_char() == '!')).is_some() {}
                trees.next_if(|next| matches!(next, TokenTree::Group(_)));
            }
            TokenTree::Punct(sign) if sign.as_char() == ':' && sign.spacing() == Spacing::Joint => {
                trees.next();
                tokens.push("::".to_owned());
            }
            TokenTree::Punct(sign) => tokens.push(sign.to_string()),
            TokenTree::Ident(name) => tokens.push(name.to_string()),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal) {
                    texts.push(text.value());
                }
            }
            TokenTree::Group(group) => {
                let (start, end) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(start.to_owned());
                take_apart(group.stream(), tokens, texts);
                tokens.push(end.to_owned());
            }
        }
    }
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
    let read = |path: PathBuf| {
        let (tokens, texts) = tokens(&fs::read_to_string(&path).expect("the sources can be read"));
        Source { module: module(&path), tokens, texts }
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
fn what_reads_no_schema_names_no_keyword_of_it() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !READERS.contains(&source.module[0].as_str())) {
        let is_keyword = |text: &&String| {
            let of_schemas = |keyword: &Keyword| *keyword <= Keyword::If && !OWN.contains(&keyword.as_str());
            text.parse().is_ok_and(|keyword| of_schemas(&keyword)) || SILENT.contains(&text.as_str())
        };
        wrong
            .extend(source.texts.iter().filter(is_keyword).map(|text| format!("{}: {text}", source.module.join("::"))));
    }
    assert!(wrong.is_empty(), "write `Keyword::...`, or let a reader of schemas say it: {wrong:#?}");
}

#[test]
fn the_reader_of_sources_sees_what_they_mention() {
    let source = |text: &str| {
        let (tokens, texts) = tokens(text);
        Source { module: vec!["one".to_owned(), "two".to_owned()], tokens, texts }
    };
    let seen = |text: &str| source(text).paths().into_iter().collect::<Vec<_>>();
    assert_eq!(seen("use std::{fs, io::{self, Read as _}};"), ["std::fs", "std::io::Read", "std::io::self"]);
    assert_eq!(
        seen("pub(crate) use super::three::{Four, five};"),
        ["crate::one::three::Four", "crate::one::three::five"]
    );
    assert_eq!(seen("fn f() -> super::super::six::S { crate::seven::g() }"), ["crate::seven::g", "crate::six::S"]);
    assert_eq!(
        seen("fn f() { let a = std::time::Instant::now(); println!(\"{a}\"); }"),
        ["println::!", "std::time::Instant::now"]
    );
    assert_eq!(
        seen("fn f() { let t = \"std::fs \\\" std::net\"; // std::env\nlet c = '\"'; let d = 'x'; /* std::io */ }"),
        Vec::<String>::new()
    );
    assert_eq!(seen("fn f<'a>(x: &'a str) { let r = r#\"std::fs \"#; a::b() }"), ["a::b"]);
}
