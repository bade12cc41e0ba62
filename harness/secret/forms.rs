//! The codes in which a value may be written as a whole, and how they are found in a text, whole or in part.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memmem::{self, Finder};

use super::view::View;

/// A shorter part of a value is no clue to it.
const PIECE: usize = 8;
/// A part of words alone is likely to stand in a text for its own sake unless it is so long.
const WORDS: usize = 12;

/// What a value looks like: plain, in base 64 and 32 (whatever stands before it), and in hexadecimal digits; with ASCII
/// letters in lower case. It has no `Debug`: no format may show the value.
pub(super) struct Forms {
    value: Vec<u8>,
    written: Vec<Form>,
    /// Each piece, with the numbers of the forms that hold it.
    pieces: BTreeMap<[u8; PIECE], Vec<usize>>,
}

/// One thing that a value looks like.
struct Form {
    /// What it is, made ready to be looked for: that is asked of every answer of a run.
    whole: Finder<'static>,
    /// The length of its shortest part that tells something.
    least: usize,
}

impl Form {
    fn new(form: &[u8], least: usize) -> Self {
        Self { whole: Finder::new(form).into_owned(), least }
    }

    fn bytes(&self) -> &[u8] {
        self.whole.needle()
    }
}

impl Forms {
    pub(super) fn of(value: &str) -> Self {
        let bytes = value.as_bytes();
        let mut forms = vec![Form::new(value.to_ascii_lowercase().as_bytes(), PIECE)];
        let mut add = |form: Vec<u8>, least: usize| {
            let form = form.to_ascii_lowercase();
            if form.len() >= PIECE && forms.iter().all(|other| *other.bytes() != form) {
                forms.push(Form::new(&form, least));
            }
        };
        add(bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(), 2 * PIECE);
        for (alphabet, bits, group) in [(BASE64, 6, 3), (BASE64_URL, 6, 3), (BASE32, 5, 5)] {
            for before in 0..group {
                add(coded(bytes, alphabet, bits, before), PIECE * 8 / bits + 1);
            }
        }
        let mut pieces: BTreeMap<[u8; PIECE], Vec<usize>> = BTreeMap::new();
        for (number, form) in forms.iter().enumerate() {
            for piece in form.bytes().windows(PIECE) {
                let known = pieces.entry(piece.try_into().unwrap_or_default()).or_default();
                if known.last() != Some(&number) {
                    known.push(number);
                }
            }
        }
        Self { value: bytes.to_vec(), written: forms, pieces }
    }

    /// Where the whole value stands, in any letter case, and whether that is in a code.
    pub(super) fn whole<'a>(&'a self, view: &'a View) -> impl Iterator<Item = (Range<usize>, bool)> + 'a {
        let forms = self.written.iter().enumerate().filter(|(_, form)| !form.bytes().is_empty());
        forms.flat_map(|(number, form)| {
            form.whole.find_iter(&view.bytes).map(move |at| (at..at + form.bytes().len(), number > 0))
        })
    }

    /// Where a part of the value stands that is a clue to it.
    pub(super) fn parts(&self, view: &View) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        // For each form, where the run of its pieces began that goes on.
        let mut runs: Vec<Option<usize>> = vec![None; self.written.len()];
        let mut end = |form: usize, run: Range<usize>| {
            if self.tells(form, &view.bytes[run.clone()]) {
                found.push(run);
            }
        };
        for (at, piece) in view.bytes.windows(PIECE).enumerate() {
            let known = self.pieces.get(piece);
            for (form, run) in runs.iter_mut().enumerate() {
                match (known.is_some_and(|known| known.contains(&form)), *run) {
                    (true, None) => *run = Some(at),
                    (false, Some(start)) => {
                        end(form, start..at + PIECE - 1);
                        *run = None;
                    }
                    _ => {}
                }
            }
        }
        for (form, run) in runs.into_iter().enumerate() {
            if let Some(start) = run {
                end(form, start..view.bytes.len());
            }
        }
        found
    }

    /// Whether a part of a form is a clue to the value.
    fn tells(&self, form: usize, part: &[u8]) -> bool {
        let Form { whole, least } = &self.written[form];
        // Words are told by the letter case that the value has.
        let own = || memmem::find(whole.needle(), part).map(|at| &self.value[at..at + part.len()]);
        let is_of_words = form == 0 && own().is_some_and(is_of_words);
        let least = if is_of_words { WORDS.max(whole.needle().len() / 2) } else { *least };
        part.len() >= least
    }
}

/// Whether a part could be of ordinary words.
fn is_of_words(part: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        let rest = word.get(1..).unwrap_or_default();
        rest.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase)
    };
    !part.iter().any(u8::is_ascii_digit) && part.split(|byte| !byte.is_ascii_alphabetic()).all(is_word)
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What is sure of a value's code in a base of so many bits a digit, where so many bytes stand before it: the digits that
/// depend on nothing beside it.
fn coded(bytes: &[u8], alphabet: &[u8], bits: usize, before: usize) -> Vec<u8> {
    let bit = |index: usize| usize::from(bytes[index / 8] >> (7 - index % 8) & 1);
    let skipped = (bits - before * 8 % bits) % bits;
    let digits = (bytes.len() * 8).saturating_sub(skipped) / bits;
    (0..digits)
        .map(|digit| {
            let first = skipped + digit * bits;
            alphabet[(first..first + bits).fold(0, |number, index| number << 1 | bit(index))]
        })
        .collect()
}
