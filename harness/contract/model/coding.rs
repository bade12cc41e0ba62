//! What the bytes of a request body are: JSON, the fields of a form, the parts of a multipart, or text.

use super::style::Style;

/// How a body is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coding {
    /// JSON.
    Json,
    /// The fields of a form (`application/x-www-form-urlencoded`).
    Form(Vec<Field>),
    /// The parts of a form with files (`multipart/form-data`).
    Multipart(Vec<Field>),
    /// A text, as it is.
    Text,
    /// Bytes that mean nothing here.
    Bytes,
}

/// How one member of a body stands in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name of the member.
    pub name: String,
    /// How its value is written.
    pub style: Style,
    /// Whether the types of JSON are kept: the document says that it is JSON.
    pub typed: bool,
    /// The media type of its part, where the document names one.
    pub media_type: Option<String>,
    /// What stands for a file, where it is one: any bytes do.
    pub file: Option<String>,
}

impl Coding {
    /// The field of a member, where one is described.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let (Self::Form(fields) | Self::Multipart(fields)) = self else { return None };
        fields.iter().find(|field| field.name == name)
    }

    /// Whether what stands below a member of the body keeps the types of JSON.
    pub fn keeps_types(&self, member: Option<&str>) -> bool {
        *self == Self::Json || member.and_then(|name| self.field(name)).is_some_and(|field| field.typed)
    }
}
