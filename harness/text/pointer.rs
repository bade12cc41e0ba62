//! JSON Pointers (RFC 6901): how a name is written as a step of one, and read back.

/// A pointer one step further down.
pub(crate) fn below(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// The name that a step of a pointer stands for.
pub(crate) fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_as_it_was_written() {
        for name in ["", "a", "a/b", "~", "~1", "~01", "a~/b", "\u{e9}"] {
            let pointer = below("", name);
            assert_eq!(pointer.split('/').count(), 2, "{pointer}");
            assert_eq!(unescaped(&pointer[1..]), name);
        }
    }
}
