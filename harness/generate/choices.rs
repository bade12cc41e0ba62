//! Choices: the finite sequence of small numbers that a generator reads instead of rolling dice.
//!
//! Whoever drives (an enumeration, proptest, libFuzzer) only supplies numbers. Reading never fails: past the end every
//! choice is 0, and 0 is always the simplest. So to cut or to zero choices is to simplify the case.

/// A reader of choices.
#[derive(Debug, Clone)]
pub struct Choices<'a> {
    numbers: &'a [u16],
    at: usize,
}

impl<'a> Choices<'a> {
    /// Reads these numbers from the first on.
    pub fn new(numbers: &'a [u16]) -> Self {
        Self { numbers, at: 0 }
    }

    /// One of `options` possibilities; 0, the simplest, where the numbers have run out.
    ///
    /// With no possibility at all the answer is 0 too, and nothing is read.
    pub fn pick(&mut self, options: usize) -> usize {
        if options == 0 {
            return 0;
        }
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(number) % options
    }

    /// A number of up to 64 bits, out of four choices.
    pub fn wide(&mut self) -> u64 {
        (0..4).fold(0, |number, _| (number << 16) | self.pick(1 << 16) as u64)
    }

    /// How many choices were made, those past the end included.
    pub fn made(&self) -> usize {
        self.at
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
}
