//! What the files of one operation among many are called.

use crate::rule::OperationName;
use crate::text::percent::{RESERVED, encoded};

/// A name for a file about an operation, which no other operation has: `GET.items.{id}`.
pub(super) fn file_name(operation: &OperationName) -> String {
    let step =
        |step: &str| encoded(step.as_bytes(), RESERVED).replace('.', "%2E").replace("%7B", "{").replace("%7D", "}");
    let steps: Vec<String> = operation.path().split('/').map(step).collect();
    format!("{}{}", operation.method(), steps.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_a_file_of_its_own() {
        for (path, wanted) in [
            ("/items/{id}", "GET.items.{id}"),
            ("/items.{id}", "GET.items%2E{id}"),
            ("/", "GET."),
            ("/a b/%2E", "GET.a%20b.%252E"),
        ] {
            assert_eq!(file_name(&OperationName::new("GET", path)), wanted);
        }
    }
}
