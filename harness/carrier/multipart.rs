//! The parts of a multipart body (RFC 7578): written with their names and media types, and taken apart again.

use std::fmt::Write as _;

use crate::text::media_type;

/// Between the parts of what is written here; no value holds it.
pub(crate) const BOUNDARY: &str = "fencepost-3fa85f64c2b1";

/// A part: its name, what it is, and whether it is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) media_type: Option<String>,
    pub(super) is_file: bool,
    pub(super) content: Vec<u8>,
}

/// The bytes of some parts.
pub(super) fn write(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for Part { name, media_type, is_file, content } in parts {
        // What would end the name, or the line.
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let mut head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        // Writing to a String cannot fail.
        if *is_file {
            // Many servers tell files from fields by the file's name alone.
            let _ = write!(head, "; filename=\"sample\"");
        }
        if let Some(media_type) = media_type {
            let _ = write!(head, "\r\nContent-Type: {media_type}");
        }
        out.extend(head.into_bytes());
        out.extend(b"\r\n\r\n");
        out.extend(content);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    out
}

/// The parts of a body of this media type; nothing where it is none.
pub(super) fn read(media_type: &str, bytes: &[u8]) -> Option<Vec<Part>> {
    let boundary = media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    let line = [b"\r\n--", boundary.as_bytes()].concat();
    // The first line of all has no end of a line before it.
    let bytes = [b"\r\n", bytes].concat();
    let mut parts = Vec::new();
    let (_, mut rest) = cut(&bytes, &line)?;
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let (_, after) = cut(rest, b"\r\n")?;
        let (content, next) = cut(after, &line)?;
        parts.push(part(content)?);
        rest = next;
    }
}

fn part(bytes: &[u8]) -> Option<Part> {
    // A part may have no line of its head.
    let whole = [b"\r\n", bytes].concat();
    let (head, content) = cut(&whole, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head).into_owned();
    let header = |wanted: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        lines
            .into_iter()
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim().to_owned())
    };
    let disposition = header("content-disposition")?;
    let parameter = |wanted: &str| {
        let mut all = disposition.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
        all.find(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let name = parameter("name")?.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
    let (media_type, is_file) = (header("content-type"), parameter("filename").is_some());
    Some(Part { name, media_type, is_file, content: content.to_vec() })
}

/// What stands before and after the first of some bytes.
fn cut<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let found = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..found], &bytes[found + at.len()..]))
}

/// A small file of a media type.
pub(super) fn file(media_type: &str, text: &str) -> Vec<u8> {
    // One dot, as each of these has it.
    const PNG: [u8; 67] = [
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1,
        8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0, 0, 0,
        2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
    ];
    const GIF: [u8; 35] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x2c, 0, 0, 0, 0, 1, 0,
        1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b,
    ];
    let essence = media_type::essence(media_type).to_ascii_lowercase();
    match essence.as_str() {
        "image/png" => PNG.to_vec(),
        "image/gif" => GIF.to_vec(),
        "application/pdf" => b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec(),
        "application/json" => b"{}".to_vec(),
        "text/csv" => b"sample\n1\n".to_vec(),
        _ => text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_back_whoever_wrote_them() {
        let part = |name: &str, media_type: Option<&str>, is_file, content: &[u8]| Part {
            name: name.to_owned(),
            media_type: media_type.map(str::to_owned),
            is_file,
            content: content.to_vec(),
        };
        let parts = [
            part("a \"b\"", None, false, b"one\r\n\r\ntwo\r\n"),
            part("c", Some("application/json"), false, b"{}"),
            part("d", Some("image/png"), true, &file("image/png", "")),
            part("e", None, false, b""),
        ];
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let bytes = write(&parts);
        assert_eq!(read(&media_type, &bytes), Some(parts.to_vec()));
        assert_eq!(read(&media_type, &bytes[..bytes.len() - 6]), None);
        assert_eq!(read("multipart/form-data", &bytes), None);
        let other = b"preamble\r\n--x\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x--  ";
        assert_eq!(
            read("multipart/form-data; charset=utf-8; boundary=\"x\"", other),
            Some(vec![part("a", None, false, b"1")])
        );
        assert_eq!(read("multipart/form-data; boundary=x", b"--x--"), Some(Vec::new()));
    }
}
