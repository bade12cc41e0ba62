//! Choices: the finite sequence of small numbers that a generator reads instead of rolling dice.
//!
//! Whoever drives (an enumeration, proptest, libFuzzer, the search) only supplies numbers. Reading never fails: past the
//! end every choice is 0, and 0 is always the simplest. So to cut or to zero choices is to simplify the case.
//!
//! A generator also says which choices belong to which place. With that [`Trace`] a driver can give one place other choices
//! and leave the meaning of all that follow as it was.

use crate::contract::PlaceId;

/// The choices that a generator made, each in its simplest spelling, and what they were about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The numbers: read again they give the same case.
    pub numbers: Vec<u16>,
    /// Which of them belong together, in the order in which they begin; inner ones after those around them.
    pub spans: Vec<Span>,
    /// The numbers of the spans in which a rule was broken on purpose: what they hold is no choice.
    pub broken: Vec<usize>,
    /// The numbers of the spans whose value may be refused: it is legal, but no firm rule says that it must be accepted.
    pub doubtful: Vec<usize>,
}

/// A run of choices about one place: whether it is there, what it holds, and all that stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The place; the body itself for what concerns the case as a whole.
    pub place: PlaceId,
    /// The first of its choices.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// How many spans stand in it; they are the next ones in the trace.
    pub inner: usize,
}

/// Other choices for the span with this number.
pub type Splice<'a> = (usize, &'a [u16]);

/// A reader of choices.
#[derive(Debug, Clone)]
pub struct Choices<'a> {
    numbers: &'a [u16],
    at: usize,
    made: usize,
    /// The number that the next span has in the trace that is being read.
    opened: usize,
    /// How many spans are open.
    depth: usize,
    splicing: Option<Splicing<'a>>,
    record: Option<Record>,
}

/// Where other choices are read.
#[derive(Debug, Clone)]
struct Splicing<'a> {
    trace: &'a Trace,
    /// What is still to come, by rising number of span.
    splices: &'a [Splice<'a>],
    /// The span whose other choices are being read, and the depth at which it is closed.
    replaced: Option<(Span, usize)>,
}

/// What has been made so far.
#[derive(Debug, Clone, Default)]
struct Record {
    trace: Trace,
    open: Vec<usize>,
}

impl<'a> Choices<'a> {
    /// Reads these numbers from the first on.
    pub fn new(numbers: &'a [u16]) -> Self {
        Self { numbers, at: 0, made: 0, opened: 0, depth: 0, splicing: None, record: None }
    }

    /// Reads the choices of a trace, and others for some of its spans, which stand in rising order and not in each other.
    pub fn spliced(trace: &'a Trace, splices: &'a [Splice<'a>]) -> Self {
        Self { splicing: Some(Splicing { trace, splices, replaced: None }), ..Self::new(&trace.numbers) }
    }

    /// The same, and what is made of them is recorded.
    #[must_use]
    pub fn recorded(self) -> Self {
        Self { record: Some(Record::default()), ..self }
    }

    /// One of `options` possibilities; 0, the simplest, where the numbers have run out.
    ///
    /// With no possibility at all the answer is 0 too, and nothing is read.
    pub fn pick(&mut self, options: usize) -> usize {
        if options == 0 {
            return 0;
        }
        let number = usize::from(self.numbers.get(self.at).copied().unwrap_or(0)) % options;
        self.at += 1;
        self.made += 1;
        if let Some(record) = &mut self.record {
            // A remainder of what was a `u16`.
            record.trace.numbers.push(u16::try_from(number).unwrap_or_default());
        }
        number
    }

    /// Records the last choice as this one, which means the same here and does not depend on other choices.
    pub(super) fn settle(&mut self, number: usize) {
        if let Some(last) = self.record.as_mut().and_then(|record| record.trace.numbers.last_mut()) {
            *last = u16::try_from(number).unwrap_or_default();
        }
    }

    /// Notes that a rule is broken in the innermost open span.
    pub(super) fn note_broken(&mut self) {
        if let Some(record) = &mut self.record {
            record.trace.broken.extend(record.open.last());
        }
    }

    /// Notes that the value in the innermost open span may be refused.
    pub(super) fn note_doubtful(&mut self) {
        if let Some(record) = &mut self.record {
            record.trace.doubtful.extend(record.open.last());
        }
    }

    /// A number of up to 64 bits, out of four choices.
    pub fn wide(&mut self) -> u64 {
        (0..4).fold(0, |number, _| (number << 16) | self.pick(1 << 16) as u64)
    }

    /// How many choices were made, those past the end included.
    pub fn made(&self) -> usize {
        self.made
    }

    /// What follows, up to the matching [`close`](Self::close), is about this place.
    pub(super) fn open(&mut self, place: PlaceId) {
        if let Some(splicing) = &mut self.splicing
            && splicing.replaced.is_none()
        {
            if let Some(((number, fresh), rest)) = splicing.splices.split_first()
                && *number == self.opened
            {
                splicing.splices = rest;
                splicing.replaced = splicing.trace.spans.get(*number).map(|span| (*span, self.depth));
                (self.numbers, self.at) = (fresh, 0);
            } else {
                self.opened += 1;
            }
        }
        self.depth += 1;
        if let Some(record) = &mut self.record {
            let start = record.trace.numbers.len();
            record.open.push(record.trace.spans.len());
            record.trace.spans.push(Span { place, start, end: start, inner: 0 });
        }
    }

    /// Closes the span that was opened last.
    pub(super) fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if let Some(splicing) = &mut self.splicing
            && let Some((span, depth)) = splicing.replaced
            && depth == self.depth
        {
            splicing.replaced = None;
            (self.numbers, self.at) = (&splicing.trace.numbers, span.end);
            self.opened += 1 + span.inner;
        }
        if let Some(record) = &mut self.record
            && let Some(number) = record.open.pop()
        {
            let inner = record.trace.spans.len() - number - 1;
            let span = &mut record.trace.spans[number];
            (span.end, span.inner) = (record.trace.numbers.len(), inner);
        }
    }

    /// What was recorded; empty where nothing was asked to be.
    pub fn into_trace(self) -> Trace {
        self.record.map(|record| record.trace).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_end_every_choice_is_the_simplest() {
        let mut choices = Choices::new(&[7, 65_535]);
        assert_eq!([choices.pick(4), choices.pick(10), choices.pick(10), choices.pick(3)], [3, 5, 0, 0]);
        assert_eq!(choices.made(), 4);
        assert_eq!((choices.pick(0), choices.made()), (0, 4));
    }

    #[test]
    fn a_wide_number_is_made_of_four_choices() {
        assert_eq!(Choices::new(&[1, 2, 3, 4]).wide(), 0x0001_0002_0003_0004);
    }

    /// Three spans, the second with as many inner ones as its first choice says.
    fn read(choices: &mut Choices<'_>) -> Vec<usize> {
        let mut read = Vec::new();
        for span in 0..3 {
            choices.open(PlaceId(span));
            let first = choices.pick(100);
            read.push(first);
            for _ in 0..if span == 1 { first } else { 0 } {
                choices.open(PlaceId(9));
                read.push(choices.pick(100));
                choices.close();
            }
            choices.close();
        }
        read
    }

    #[test]
    fn a_trace_read_again_gives_the_same() {
        let mut choices = Choices::new(&[207, 2, 3, 4, 5]).recorded();
        let made = read(&mut choices);
        let trace = choices.into_trace();
        assert_eq!((&made[..], &trace.numbers[..]), (&[7, 2, 3, 4, 5][..], &[7, 2, 3, 4, 5][..]));
        let spans: Vec<(usize, usize, usize)> =
            trace.spans.iter().map(|span| (span.place.0, span.start, span.end)).collect();
        assert_eq!(spans, [(0, 0, 1), (1, 1, 4), (9, 2, 3), (9, 3, 4), (2, 4, 5)]);
        assert_eq!(read(&mut Choices::new(&trace.numbers)), made);
    }

    #[track_caller]
    fn check(splices: &[Splice<'_>], wanted: &[usize]) {
        let mut choices = Choices::new(&[7, 2, 3, 4, 5]).recorded();
        read(&mut choices);
        let trace = choices.into_trace();
        let mut other = Choices::spliced(&trace, splices).recorded();
        assert_eq!(read(&mut other), wanted);
        let again = other.into_trace();
        assert_eq!(read(&mut Choices::new(&again.numbers)), wanted, "what was recorded is something else");
    }

    #[test]
    fn other_choices_for_one_span_leave_those_after_it_alone() {
        check(&[(1, &[0])], &[7, 0, 5]);
        check(&[(1, &[3, 8, 9])], &[7, 3, 8, 9, 0, 5]);
        check(&[(1, &[])], &[7, 0, 5]);
        check(&[(2, &[6])], &[7, 2, 6, 4, 5]);
        check(&[(0, &[1]), (3, &[6]), (4, &[9])], &[1, 2, 3, 6, 9]);
        check(&[(1, &[4, 1, 1, 1, 1]), (4, &[9])], &[7, 4, 1, 1, 1, 1, 9]);
        check(&[(1, &[0]), (4, &[9])], &[7, 0, 9]);
    }
}
