//! References to other files: what they lead to is put among the components of the document itself, so that all that comes
//! after knows one document.
//!
//! Reads no file: whoever has the document hands in a reader of files. Nothing is ever fetched from a network.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::components::{Holder, holder, names, part, put};
use super::edition::Edition;
use super::lenience::weight;
use super::lenient;
use super::lines::Lines;
use super::node::{Holds, Node};
use super::remark::Remark;
use crate::text::{percent, pointer};

/// Reads the text of a file; its path is relative to the document's folder, with slashes. An error says why it cannot.
pub type Files<'a> = dyn FnMut(&str) -> Result<String, String> + 'a;

/// So many files are read, and so much text of them all: several times as many as the largest sets of documents have.
const MOST_FILES: usize = 1_000;
const MOST_BYTES: usize = 64 << 20;
/// Values and characters that may be put among the components.
const MOST_COPIED: usize = 30_000_000;
/// References to paths that are references again.
const MOST_HOPS: usize = 32;

/// The document itself among the files.
const MAIN: usize = 0;

/// What was read of other files.
#[derive(Debug, Clone, Default)]
pub(super) struct Others {
    /// Their names, and where each part of them begins.
    files: Vec<(String, Lines)>,
    /// What stands at these pointers of the document, before it is rewritten: a file by its number, and a pointer in it.
    from: BTreeMap<String, (usize, String)>,
}

/// Where something stands in another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Elsewhere {
    pub(super) file: String,
    pub(super) pointer: String,
    pub(super) line: Option<usize>,
}

impl Others {
    /// Where in another file that stands which is at this pointer; nothing where it is the document's own.
    pub(super) fn of(&self, at: &str) -> Option<Elsewhere> {
        let mut end = at.len();
        let (file, from, below) = loop {
            if let Some((file, from)) = self.from.get(&at[..end]) {
                break (*file, from, &at[end..]);
            }
            end = at[..end].rfind('/')?;
        };
        let (name, lines) = &self.files[file];
        let pointer = format!("{from}{below}");
        Some(Elsewhere { file: name.clone(), line: lines.of(&pointer), pointer })
    }
}

/// Puts all that a document refers to in other files into it, and tells what could not be.
pub(super) fn gather(
    tree: &mut Value,
    (name, lines): (&str, &Lines),
    edition: Edition,
    files: Option<&mut Files<'_>>,
) -> (Others, Vec<Remark>) {
    let mut reader = Reader {
        edition,
        files,
        loaded: BTreeMap::from([(file_name(name).to_owned(), Ok(MAIN))]),
        trees: vec![Value::Null],
        others: Others { files: vec![(String::new(), Lines::default())], from: BTreeMap::new() },
        names: names(tree, edition),
        placed: BTreeMap::new(),
        open: Vec::new(),
        bytes: 0,
        copied: 0,
        lost: BTreeMap::new(),
        remarks: Vec::new(),
    };
    reader.node(tree, Node::Document, &At { file: MAIN, pointer: String::new(), hops: 0 }, lines);
    let mut gathered: Vec<(Holder, String, Value)> = Vec::new();
    while let Some(Open { holder, name, file, pointer }) = reader.open.pop() {
        let Some(mut value) = reader.copy(file, &pointer) else { continue };
        reader.node(&mut value, holder.node, &At { file, pointer, hops: 0 }, lines);
        gathered.push((holder, name, value));
    }
    for (holder, name, value) in gathered {
        put(tree, holder.at, name, value);
    }
    reader.tell_lost();
    (reader.others, reader.remarks)
}

/// Something that is referred to, and not put among the components yet.
struct Open {
    holder: Holder,
    name: String,
    file: usize,
    pointer: String,
}

/// Where a value stands that is gone through.
struct At {
    file: usize,
    pointer: String,
    hops: usize,
}

impl At {
    fn below(&self, step: &str) -> Self {
        Self { file: self.file, pointer: pointer::below(&self.pointer, step), hops: self.hops }
    }
}

struct Reader<'a, 'f> {
    edition: Edition,
    files: Option<&'a mut Files<'f>>,
    /// The number of each file, by its path, or why it cannot be read.
    loaded: BTreeMap<String, Result<usize, String>>,
    trees: Vec<Value>,
    others: Others,
    /// The names of the components, by where they are.
    names: BTreeMap<&'static [&'static str], BTreeSet<String>>,
    /// What was put among the components: the reference to each, by its file, its place there and among which it is.
    placed: BTreeMap<(usize, String, &'static [&'static str]), String>,
    open: Vec<Open>,
    bytes: usize,
    copied: usize,
    /// References that lead nowhere, by why: the first, and how many there are.
    lost: BTreeMap<String, (Remark, usize)>,
    remarks: Vec<Remark>,
}

impl Reader<'_, '_> {
    /// Goes through a value, and makes what it refers to in other files the document's own.
    fn node(&mut self, value: &mut Value, node: Node, at: &At, lines: &Lines) {
        let Value::Object(members) = value else { return };
        if node == Node::Data {
            return;
        }
        let mut shared = Map::new();
        if node.may_be_reference()
            && let Some(Value::String(reference)) = members.get("$ref")
        {
            let reference = reference.clone();
            shared = self.reference(members, &reference, node, at, lines);
        }
        if node == Node::Schema
            && let Some(Value::Object(mapping)) =
                members.get_mut("discriminator").and_then(|told| told.get_mut("mapping"))
        {
            for target in mapping.values_mut() {
                self.mapped(target, at);
            }
        }
        for (name, value) in members.iter_mut() {
            let at = at.below(name);
            match (part(node, name, self.edition), value) {
                (Holds::One(part), value) => self.node(value, part, &at, lines),
                (Holds::Named(part), Value::Object(named)) => {
                    named.iter_mut().for_each(|(name, value)| self.node(value, part, &at.below(name), lines));
                }
                (Holds::Listed(part), Value::Array(listed)) => {
                    for (index, value) in listed.iter_mut().enumerate() {
                        self.node(value, part, &at.below(&index.to_string()), lines);
                    }
                }
                _ => {}
            }
        }
        // What stands beside the reference is the more exact.
        for (name, value) in shared {
            members.entry(name).or_insert(value);
        }
    }

    /// Makes a reference one within the document; or takes it away, and gives what it leads to.
    fn reference(
        &mut self,
        members: &mut Map<String, Value>,
        reference: &str,
        node: Node,
        at: &At,
        lines: &Lines,
    ) -> Map<String, Value> {
        if at.file == MAIN && reference.starts_with('#') {
            return Map::new();
        }
        let found = self.target(reference, at.file);
        let (file, target) = match found {
            Ok(found) => found,
            Err(why) => {
                self.lose(reference, &why, node, at, lines);
                return Map::new();
            }
        };
        if file == MAIN {
            members.insert("$ref".to_owned(), super::reference::to(&target).into());
            return Map::new();
        }
        if self.trees[file].pointer(&target).is_none() {
            let why = format!("nothing stands at {target} of {}", self.others.files[file].0);
            self.lose(reference, &why, node, at, lines);
            return Map::new();
        }
        if let Some(holder) = holder(node, self.edition) {
            let own = self.place(holder, file, target);
            members.insert("$ref".to_owned(), own.into());
            return Map::new();
        }
        let copied = if at.hops < MOST_HOPS { self.copy(file, &target) } else { None };
        let Some(mut value @ Value::Object(_)) = copied else {
            self.lose(reference, "it leads to no mapping, or in a circle", node, at, lines);
            return Map::new();
        };
        members.shift_remove("$ref");
        self.node(&mut value, node, &At { file, pointer: target.clone(), hops: at.hops + 1 }, lines);
        let Value::Object(shared) = value else { return Map::new() };
        if at.file == MAIN {
            for name in shared.keys().filter(|name| !members.contains_key(*name)) {
                let from = (file, pointer::below(&target, name));
                self.others.from.insert(pointer::below(&at.pointer, name), from);
            }
        }
        shared
    }

    /// A name in a discriminator's mapping, where it is a reference to another file.
    fn mapped(&mut self, target: &mut Value, at: &At) {
        let Some(written) = target.as_str() else { return };
        let is_local = written.starts_with('#');
        let names_a_file = [".yaml", ".yml", ".json"].iter().any(|end| written.ends_with(end)) || written.contains('#');
        if (at.file == MAIN && is_local) || !(is_local || names_a_file) {
            return;
        }
        let Ok((file, pointer)) = self.target(written, at.file) else { return };
        if file == MAIN {
            *target = super::reference::to(&pointer).into();
        } else if let (Some(_), Some(holder)) = (self.trees[file].pointer(&pointer), holder(Node::Schema, self.edition))
        {
            *target = self.place(holder, file, pointer).into();
        }
    }

    /// The file that a reference leads to, and the place there.
    fn target(&mut self, reference: &str, from: usize) -> Result<(usize, String), String> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = percent::decoded_text(fragment);
        if !(fragment.is_empty() || fragment.starts_with('/')) {
            return Err("it names an anchor, which is not followed into other files".to_owned());
        }
        if path.is_empty() {
            return Ok((from, fragment));
        }
        let is_remote = path.split_once("://").is_some() || path.starts_with("//");
        if is_remote {
            return Err("it is a URL, and nothing is ever fetched".to_owned());
        }
        let path = percent::decoded_text(path);
        if path.starts_with(['/', '\\']) || path.contains('\0') || path.get(1..3).is_some_and(|two| two == ":\\") {
            return Err("its path is not relative".to_owned());
        }
        let base = if from == MAIN { "" } else { self.others.files[from].0.as_str() };
        let path = joined(base, &path);
        Ok((self.file(&path)?, fragment))
    }

    /// The number of a file, which is read when it is met first.
    fn file(&mut self, path: &str) -> Result<usize, String> {
        if let Some(known) = self.loaded.get(path) {
            return known.clone();
        }
        let read = self.read(path);
        self.loaded.insert(path.to_owned(), read.clone());
        read
    }

    fn read(&mut self, path: &str) -> Result<usize, String> {
        let Some(files) = self.files.as_mut() else {
            return Err("other files are not read here".to_owned());
        };
        if self.trees.len() > MOST_FILES || self.bytes > MOST_BYTES {
            return Err(format!("no more than {MOST_FILES} files and {} MB are read", MOST_BYTES >> 20));
        }
        let text = files(path).map_err(|why| format!("{path} cannot be read ({why})"))?;
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            return Err(format!("no more than {} MB of other files are read", MOST_BYTES >> 20));
        }
        let read = lenient::tree(&text).map_err(|flaw| flaw.named(path).to_string())?;
        let of_this = |remark: Remark| Remark { file: Some(path.to_owned()), ..remark };
        self.remarks.extend(read.remarks.into_iter().map(of_this));
        self.trees.push(read.value);
        self.others.files.push((path.to_owned(), read.lines));
        Ok(self.trees.len() - 1)
    }

    /// The reference to what stands there, once it is among the components.
    fn place(&mut self, holder: Holder, file: usize, target: String) -> String {
        let key = (file, target.clone(), holder.at);
        if let Some(known) = self.placed.get(&key) {
            return known.clone();
        }
        let file_name = &self.others.files[file].0;
        let last = target.rsplit('/').next().filter(|last| !last.is_empty()).map(pointer::unescaped);
        let wanted = last.unwrap_or_else(|| stem(file_name).to_owned());
        let taken = self.names.entry(holder.at).or_default();
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(wanted);
        taken.insert(name.clone());
        let at = holder.at.iter().chain([&name.as_str()]).fold(String::new(), |at, step| pointer::below(&at, step));
        self.others.from.insert(at.clone(), (file, target.clone()));
        let own = super::reference::to(&at);
        self.placed.insert(key, own.clone());
        self.open.push(Open { holder, name, file, pointer: target });
        own
    }

    /// What stands there, once more; nothing where that is not there, or would be too much.
    fn copy(&mut self, file: usize, at: &str) -> Option<Value> {
        let value = self.trees[file].pointer(at)?;
        self.copied = self.copied.saturating_add(weight(value));
        (self.copied <= MOST_COPIED).then(|| value.clone())
    }

    /// Notes a reference that leads nowhere.
    fn lose(&mut self, reference: &str, why: &str, node: Node, at: &At, lines: &Lines) {
        let (file, line) = match at.file {
            MAIN => (None, lines.of(&at.pointer)),
            other => {
                let (name, lines) = &self.others.files[other];
                (Some(name.clone()), lines.of(&at.pointer))
            }
        };
        let cost = match node {
            Node::Schema => "nothing is demanded of this value",
            Node::Parameter => "the parameter is never sent",
            Node::Response => "answers are held against nothing there",
            Node::Body => "the operation has no body",
            Node::PathItem => "its operations are not tested",
            _ => "it is left out",
        };
        let what = format!("`$ref` {reference} leads nowhere: {why}");
        let remark = Remark { file, line, ..Remark::new(at.pointer.clone(), what, cost) };
        self.lost.entry(why.to_owned()).or_insert((remark, 0)).1 += 1;
    }

    /// Tells of each reason once.
    fn tell_lost(&mut self) {
        for (mut remark, count) in std::mem::take(&mut self.lost).into_values() {
            if count > 1 {
                remark.cost = format!("{}; so it is with {} more references", remark.cost, count - 1);
            }
            self.remarks.push(remark);
        }
    }
}

/// A path that is relative to another file's folder, relative to the document's.
fn joined(base: &str, path: &str) -> String {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_they_stand_in() {
        for (base, path, wanted) in [
            ("", "a.yaml", "a.yaml"),
            ("", "./a.yaml", "a.yaml"),
            ("", "../a.yaml", "../a.yaml"),
            ("paths/pets.yaml", "../schemas/pet.yaml", "schemas/pet.yaml"),
            ("paths/pets.yaml", "pet.yaml", "paths/pet.yaml"),
            ("../common/a.yaml", "../../b.yaml", "../../b.yaml"),
            ("../common/a.yaml", "../b.yaml", "../b.yaml"),
            ("a/b/c.yaml", "../../../d.yaml", "../d.yaml"),
        ] {
            assert_eq!(joined(base, path), wanted, "{base} {path}");
        }
    }
}
