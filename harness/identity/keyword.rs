//! What rules are about: the JSON Schema keywords, and a short list of words for what no schema can say.

use std::fmt;
use std::str::FromStr;

/// What a rule is about: a JSON Schema keyword, or one of the short list for what no schema can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keyword {
    /// The JSON type of a value.
    Type,
    /// A member (or the body) that must be there.
    Required,
    /// A member that may be absent.
    Optional,
    /// A null.
    Null,
    /// The least number of code points.
    MinLength,
    /// The greatest number of code points.
    MaxLength,
    /// The least value.
    Minimum,
    /// The greatest value.
    Maximum,
    /// The legal values.
    Enum,
    /// The elements of an array: any number of them, each checked.
    Items,
    /// A member that no table names.
    UnknownMember,
    /// Legal text that servers stumble over.
    Text,
    /// Text that is JSON at all.
    WellFormed,
    /// The media type of a body.
    MediaType,
    /// The HTTP method.
    Method,
    /// The status of an answer.
    Status,
    /// The body of an answer.
    ResponseBody,
    /// A secret that came back.
    Secret,
    /// The server's own stack trace in an answer.
    StackTrace,
    /// No answer in time.
    Timeout,
    /// A connection closed without an answer.
    Connection,
    /// The same request twice.
    Idempotent,
    /// An answer that changes when the request does not.
    Flaky,
    /// Values that are legal each and refused together.
    Interaction,
    /// The size of a body, or of a number in it.
    Size,
    /// The depth of a body.
    Nesting,
    /// A member given twice.
    DuplicateKey,
    /// The contract's own example.
    Example,
}

impl Keyword {
    /// Every keyword, in the order of the documentation.
    pub const ALL: [Self; 28] = [
        Self::Type,
        Self::Required,
        Self::Optional,
        Self::Null,
        Self::MinLength,
        Self::MaxLength,
        Self::Minimum,
        Self::Maximum,
        Self::Enum,
        Self::Items,
        Self::UnknownMember,
        Self::Text,
        Self::WellFormed,
        Self::MediaType,
        Self::Method,
        Self::Status,
        Self::ResponseBody,
        Self::Secret,
        Self::StackTrace,
        Self::Timeout,
        Self::Connection,
        Self::Idempotent,
        Self::Flaky,
        Self::Interaction,
        Self::Size,
        Self::Nesting,
        Self::DuplicateKey,
        Self::Example,
    ];

    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Null => "null",
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Enum => "enum",
            Self::Items => "items",
            Self::UnknownMember => "unknownMember",
            Self::Text => "text",
            Self::WellFormed => "wellFormed",
            Self::MediaType => "mediaType",
            Self::Method => "method",
            Self::Status => "status",
            Self::ResponseBody => "responseBody",
            Self::Secret => "secret",
            Self::StackTrace => "stackTrace",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Idempotent => "idempotent",
            Self::Flaky => "flaky",
            Self::Interaction => "interaction",
            Self::Size => "size",
            Self::Nesting => "nesting",
            Self::DuplicateKey => "duplicateKey",
            Self::Example => "example",
        }
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Keyword {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|keyword| keyword.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|keyword| keyword.as_str()).collect();
            format!("no keyword is called `{text}`; give one of {}", known.join(", "))
        })
    }
}
