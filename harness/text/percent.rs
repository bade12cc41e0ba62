//! Percent coding of URLs (RFC 3986).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// All but the unreserved characters.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same but for the slashes of a path.
#[cfg(feature = "net")]
pub(crate) const IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// What no URL holds as itself.
pub(crate) const UNFIT: &AsciiSet = &RESERVED
    .remove(b'%')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#');

/// The bytes, with those of this set encoded.
pub(crate) fn encoded(bytes: &[u8], set: &'static AsciiSet) -> String {
    percent_encode(bytes, set).to_string()
}

/// The bytes that a text stands for; what is no escape is a percent sign.
#[cfg(feature = "net")]
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// The text that a text stands for.
pub(crate) fn decoded_text(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_reads_back_and_what_is_no_escape_stays() {
        let text = "a-._~/ %\u{e9}\u{1f600}+&=";
        let coded = encoded(text.as_bytes(), RESERVED);
        assert_eq!(coded, "a-._~%2F%20%25%C3%A9%F0%9F%98%80%2B%26%3D");
        assert_eq!(decoded_text(&coded), text);
        let path = "/a%20b/-._~%!$&'()*+,;=:@/?#";
        assert_eq!(encoded(format!("{path} \u{e9}[").as_bytes(), UNFIT), format!("{path}%20%C3%A9%5B"));
        assert_eq!(decoded_text("100%/%zz/%+f/%4"), "100%/%zz/%+f/%4");
    }
}
