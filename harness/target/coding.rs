//! Content codings: an answer's body as it was before the server, or whatever stands before it, compressed it.
//!
//! Every answer is decoded, whatever was asked for: servers and gateways compress unasked. Nothing grows beyond the bound,
//! and what cannot be decoded is kept as far as it goes, with the reason.

use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::bufread::DeflateDecoder;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::exchange::Unread;

/// More of an answer than this is not kept, neither as it comes nor decoded.
pub(super) const MOST_ANSWER_BYTES: usize = 4 << 20;
/// So many codings may have been put on one another.
const MOST_CODINGS: usize = 8;
/// A stream that wants a larger window is not decoded; RFC 9659 allows servers half of it.
const LARGEST_WINDOW: u64 = 16 << 20;
const BUFFER_BYTES: usize = 4_096;
/// So much of an unknown coding's name is told.
const LONGEST_NAME: usize = 40;

/// The body before its codings were put on, and why that is not all of it.
pub(super) fn decoded(headers: &[(String, String)], mut body: Vec<u8>) -> (Vec<u8>, Option<Unread>) {
    let is_long = body.len() > MOST_ANSWER_BYTES;
    body.truncate(MOST_ANSWER_BYTES);
    let mut unread = is_long.then_some(Unread::Long(MOST_ANSWER_BYTES));
    let codings = codings(headers);
    if codings.len() > MOST_CODINGS {
        return (body, Some(Unread::Coding(told(&codings.join(", ")))));
    }
    // The last one was put on last. An answer without a body (to HEAD, or a 304) may name one nevertheless.
    for coding in codings.iter().rev() {
        if body.is_empty() {
            break;
        }
        let mut plain = Vec::new();
        let read = match coding.as_str() {
            "gzip" | "x-gzip" => fill(MultiGzDecoder::new(body.as_slice()), &mut plain),
            "deflate" => inflate(&body, &mut plain),
            "br" => fill(Decompressor::new(body.as_slice(), BUFFER_BYTES), &mut plain),
            "zstd" => zstd(&body, &mut plain),
            _ => return (body, unread.or_else(|| Some(Unread::Coding(told(coding))))),
        };
        if plain.len() > MOST_ANSWER_BYTES {
            plain.truncate(MOST_ANSWER_BYTES);
            unread = unread.or(Some(Unread::Long(MOST_ANSWER_BYTES)));
        } else if read.is_err() {
            unread = unread.or_else(|| Some(Unread::Damaged(coding.clone())));
        }
        if plain.is_empty() && unread.is_some() {
            return (body, unread);
        }
        body = plain;
    }
    (body, unread)
}

/// The codings in the order in which they were put on.
fn codings(headers: &[(String, String)]) -> Vec<String> {
    let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    named
        .flat_map(|(_, value)| value.split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect()
}

fn told(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

/// Reads to the end, or to a byte more than is kept; what could be read is there also after an error.
fn fill(reader: impl Read, plain: &mut Vec<u8>) -> io::Result<()> {
    let room = (MOST_ANSWER_BYTES + 1).saturating_sub(plain.len());
    reader.take(room as u64).read_to_end(plain).map(|_| ())
}

/// RFC 9110 means zlib's format by `deflate`; some servers send the bare one.
fn inflate(body: &[u8], plain: &mut Vec<u8>) -> io::Result<()> {
    let zlib = fill(ZlibDecoder::new(body), plain);
    if zlib.is_ok() || !plain.is_empty() {
        return zlib;
    }
    let mut bare = DeflateDecoder::new(body);
    fill(&mut bare, plain)?;
    // It has no checksum: nearly any bytes begin with something that can be inflated.
    let is_whole = plain.len() > MOST_ANSWER_BYTES || bare.into_inner().is_empty();
    if is_whole { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// A stream may have several frames, and frames to be skipped.
fn zstd(mut rest: &[u8], plain: &mut Vec<u8>) -> io::Result<()> {
    while !rest.is_empty() && plain.len() <= MOST_ANSWER_BYTES {
        match StreamingDecoder::new_with_max_window_size(&mut rest, LARGEST_WINDOW) {
            Ok(frame) => fill(frame, plain)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let length = usize::try_from(length).map_err(io::Error::other)?;
                rest = rest.get(length..).ok_or(io::ErrorKind::UnexpectedEof)?;
            }
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = br#"{"id":"1","note":"once, and once more, and once more"}"#;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("into memory");
        encoder.finish().expect("into memory")
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("into memory");
        encoder.finish().expect("into memory")
    }

    fn bare(text: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("into memory");
        encoder.finish().expect("into memory")
    }

    fn zstandard(text: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    }

    /// RFC 7932 without compression: a window of 16 bits, one block of bytes as they are, and an empty last block.
    fn brotli(text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len() - 1).expect("a short text");
        let header = ((1 << 16 | length) << 4).to_le_bytes();
        [&header[..3], text, &[3]].concat()
    }

    fn named(coding: &str) -> Vec<(String, String)> {
        coding.split('|').map(|one| ("content-encoding".to_owned(), one.to_owned())).collect()
    }

    #[track_caller]
    fn check(coding: &str, body: Vec<u8>) {
        assert_eq!(decoded(&named(coding), body), (TEXT.to_vec(), None), "{coding}");
    }

    #[test]
    fn every_coding_is_undone_in_any_spelling_and_combination() {
        check("identity", TEXT.to_vec());
        check("gzip", gzip(TEXT));
        check("X-GZip", gzip(TEXT));
        check("gzip", [gzip(&TEXT[..9]), gzip(&TEXT[9..])].concat());
        check("deflate", zlib(TEXT));
        check("deflate", bare(TEXT));
        check("br", brotli(TEXT));
        check("zstd", zstandard(TEXT));
        let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        check("zstd", [zstandard(&TEXT[..9]), skipped.to_vec(), zstandard(&TEXT[9..])].concat());
        check("gzip, identity , br", brotli(&gzip(TEXT)));
        check("zstd|deflate", zlib(&zstandard(TEXT)));
    }

    #[test]
    fn what_cannot_be_decoded_is_kept_as_far_as_it_goes_with_the_reason() {
        let unread = |coding: &str, body: Vec<u8>| decoded(&named(coding), body).1;
        let damaged = |coding: &str| Some(Unread::Damaged(coding.to_owned()));
        assert_eq!(unread("compress", TEXT.to_vec()), Some(Unread::Coding("compress".to_owned())));
        assert_eq!(unread("gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip", TEXT.to_vec()).map(|_| ()), Some(()));
        for (coding, whole) in [
            ("gzip", gzip(TEXT)),
            ("deflate", zlib(TEXT)),
            ("deflate", bare(TEXT)),
            ("br", brotli(TEXT)),
            ("zstd", zstandard(TEXT)),
        ] {
            assert_eq!(unread(coding, whole[..whole.len() - 2].to_vec()), damaged(coding), "{coding}, cut off");
            assert_eq!(unread(coding, TEXT.to_vec()), damaged(coding), "{coding}, not coded");
            assert_eq!(decoded(&named(coding), Vec::new()), (Vec::new(), None), "{coding}, no body");
        }
        // What can be decoded of it may hold a secret.
        let (kept, _) = decoded(&named("br"), brotli(TEXT)[..20].to_vec());
        assert!(TEXT.starts_with(&kept), "{kept:?}");
    }

    #[test]
    fn nothing_grows_beyond_the_bound() {
        let long = || Some(Unread::Long(MOST_ANSWER_BYTES));
        let text = vec![b'x'; MOST_ANSWER_BYTES + 1];
        for (coding, body) in [("gzip", gzip(&text)), ("deflate", zlib(&text)), ("zstd", zstandard(&text))] {
            let (kept, unread) = decoded(&named(coding), body);
            assert_eq!((kept.len(), unread), (MOST_ANSWER_BYTES, long()), "{coding}");
        }
        assert_eq!(decoded(&[], text.clone()), (text[1..].to_vec(), long()));
        assert_eq!(decoded(&named("gzip"), gzip(&text[1..])), (text[1..].to_vec(), None));
    }
}
