//! What rules are about: the JSON Schema keywords, and a short list of words for what no schema can say.

use std::fmt;
use std::str::FromStr;

/// One line for each keyword: what it is about, its name here, and how it is written everywhere.
macro_rules! keywords {
    ($($(#[$meaning:meta])* $name:ident = $written:literal,)*) => {
        /// What a rule is about: a JSON Schema keyword, or one of the short list for what no schema can say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Keyword {
            $($(#[$meaning])* $name,)*
        }

        impl Keyword {
            /// Every keyword, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is written everywhere.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $written,)*
                }
            }
        }
    };
}

keywords! {
    /// The JSON type of a value.
    Type = "type",
    /// A member (or the body) that must be there.
    Required = "required",
    /// A member that may be absent.
    Optional = "optional",
    /// A null.
    Null = "null",
    /// The least number of code points.
    MinLength = "minLength",
    /// The greatest number of code points.
    MaxLength = "maxLength",
    /// The least value.
    Minimum = "minimum",
    /// The greatest value.
    Maximum = "maximum",
    /// The legal values.
    Enum = "enum",
    /// The elements of an array: any number of them, each checked.
    Items = "items",
    /// The one legal value.
    Const = "const",
    /// What a text must look like.
    Pattern = "pattern",
    /// What a text stands for.
    Format = "format",
    /// What a value must be greater than.
    ExclusiveMinimum = "exclusiveMinimum",
    /// What a value must be less than.
    ExclusiveMaximum = "exclusiveMaximum",
    /// What a number must be a multiple of.
    MultipleOf = "multipleOf",
    /// The least number of elements.
    MinItems = "minItems",
    /// The greatest number of elements.
    MaxItems = "maxItems",
    /// No element twice.
    UniqueItems = "uniqueItems",
    /// An element of some kind.
    Contains = "contains",
    /// The least number of elements of some kind.
    MinContains = "minContains",
    /// The greatest number of elements of some kind.
    MaxContains = "maxContains",
    /// The first elements, each of its own kind.
    PrefixItems = "prefixItems",
    /// The least number of members.
    MinProperties = "minProperties",
    /// The greatest number of members.
    MaxProperties = "maxProperties",
    /// What a member may be called.
    PropertyNames = "propertyNames",
    /// Members that must be there beside another.
    DependentRequired = "dependentRequired",
    /// A schema that holds where a member is there.
    DependentSchemas = "dependentSchemas",
    /// Exactly one of several schemas.
    OneOf = "oneOf",
    /// One of several schemas at least.
    AnyOf = "anyOf",
    /// A schema that must not hold.
    Not = "not",
    /// A schema that holds where another does.
    If = "if",
    /// A member that no table names.
    UnknownMember = "unknownMember",
    /// Legal text that servers stumble over.
    Text = "text",
    /// Text that is JSON at all.
    WellFormed = "wellFormed",
    /// The media type of a body.
    MediaType = "mediaType",
    /// Who calls.
    Security = "security",
    /// The HTTP method.
    Method = "method",
    /// The status of an answer.
    Status = "status",
    /// The body of an answer.
    ResponseBody = "responseBody",
    /// A header of an answer.
    ResponseHeader = "responseHeader",
    /// A secret that came back.
    Secret = "secret",
    /// The server's own stack trace in an answer.
    StackTrace = "stackTrace",
    /// No answer in time.
    Timeout = "timeout",
    /// A connection closed without an answer.
    Connection = "connection",
    /// The same request twice.
    Idempotent = "idempotent",
    /// An answer that changes when the request does not.
    Flaky = "flaky",
    /// Values that are legal each and refused together.
    Interaction = "interaction",
    /// The size of a body, or of a number in it.
    Size = "size",
    /// The depth of a body.
    Nesting = "nesting",
    /// A member given twice.
    DuplicateKey = "duplicateKey",
    /// The contract's own example.
    Example = "example",
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Keyword {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|keyword| keyword.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|keyword| keyword.as_str()).collect();
            format!("no keyword is called `{text}`; give one of {}", known.join(", "))
        })
    }
}
