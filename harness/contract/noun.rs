//! What messages call the thing that an operation is about, in the document's own word.

use super::model::{Operation, Parameter, ParameterIn};

/// What it is called where its path tells nothing.
const UNNAMED: &str = "resource";

impl Operation {
    /// What the path leads to, as its last parameter says: `order item` for `/orders/{id}/items/{order_item_id}`.
    pub fn noun(&self) -> String {
        let last = self.path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
        let named = last.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).and_then(before_id);
        named.unwrap_or_else(|| UNNAMED.to_owned())
    }

    /// The parameters of the path, in the order in which they are described.
    pub fn path_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.location == ParameterIn::Path)
    }
}

impl Parameter {
    /// How its value is given on the command line.
    pub fn option(&self) -> String {
        match self.site.as_str() {
            "path.task_id" => "--task-id".to_owned(),
            place => format!("--set {place}=VALUE"),
        }
    }
}

/// The words before `id`, in small letters; nothing where there are none.
fn before_id(name: &str) -> Option<String> {
    let mut words = String::new();
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            words.push(' ');
        } else if character.is_uppercase() && was_small {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.extend(character.to_lowercase());
        }
        was_small = character.is_lowercase();
    }
    let noun = words.trim().strip_suffix(" id")?.trim();
    (!noun.is_empty()).then(|| noun.to_owned())
}

#[cfg(test)]
mod tests {
    use super::before_id;

    #[test]
    fn an_id_names_what_it_is_of() {
        for (name, noun) in [
            ("task_id", Some("task")),
            ("thing-id", Some("thing")),
            ("orderItemId", Some("order item")),
            ("orderID", Some("order")),
            ("id", None),
            ("_id", None),
            ("slug", None),
            ("paid", None),
        ] {
            assert_eq!(before_id(name).as_deref(), noun, "{name}");
        }
    }
}
