//! A request as a line for the shell that sends the very same bytes.

use super::shell::{generator, is_plain, is_tame, printing, quoted, quoted_pieces};
use crate::exchange::Request;
use crate::request_context::RequestContext;
use crate::secret::Piece;

/// For a longer body some versions of curl ask first whether it is wanted.
const UNASKED: usize = 1_024;

/// The line. The target stands in `$FENCEPOST_TARGET`, a credential in the variable that it came from. Names of headers are
/// in lower case, as they go out.
pub fn line(request: &Request, context: &RequestContext) -> String {
    let mut words = vec!["curl -sS".to_owned()];
    if request.header("user-agent").is_none() {
        // curl would name itself.
        words.push("-A ''".to_owned());
    }
    if request.path.contains(['[', ']', '{', '}']) {
        // curl would make several requests of it.
        words.push("-g".to_owned());
    }
    words.push(if request.method == "HEAD" { "-I".to_owned() } else { format!("-X {}", request.method) });
    words.push(url(&context.pieces(&request.path)));
    words.extend(request.headers.iter().map(|(name, value)| header(&name.to_ascii_lowercase(), value, context)));
    let Some(body) = &request.body else { return words.join(" ") };
    if request.header("content-type").is_none() {
        // curl would add a type of its own.
        words.push("-H 'content-type:'".to_owned());
    }
    if body.len() > UNASKED {
        words.push("-H 'expect:'".to_owned());
    }
    match std::str::from_utf8(body) {
        // What begins with `@` would be the name of a file.
        Ok(text) if is_plain(text) && !text.starts_with('@') => {
            words.push(format!("--data-binary {}", quoted(text)));
            words.join(" ")
        }
        _ => format!("{} | {} --data-binary @-", printing(body), words.join(" ")),
    }
}

/// The target and the path, in which variables may stand.
fn url(path: &[Piece<'_>]) -> String {
    match path {
        [Piece::Plain(path)] if is_tame(path) => format!("\"$FENCEPOST_TARGET{path}\""),
        [Piece::Plain(path)] => format!("\"$FENCEPOST_TARGET\"{}", quoted(path)),
        pieces => format!("\"$FENCEPOST_TARGET\"{}", quoted_pieces(pieces)),
    }
}

fn header(name: &str, value: &str, context: &RequestContext) -> String {
    let pieces = context.pieces(value);
    if pieces.iter().any(|piece| matches!(piece, Piece::Secret(_))) {
        let start = format!("{name}: ");
        let mut all = vec![Piece::Plain(&start)];
        all.extend(pieces);
        return format!("-H {}", quoted_pieces(&all));
    }
    if value.is_empty() {
        // With a colon curl would leave the header out; a semicolon sends it empty.
        return format!("-H {}", quoted(&format!("{name};")));
    }
    match generator(value) {
        Some(command) => format!("-H {}\"$({command})\"", quoted(&format!("{name}: "))),
        None => format!("-H {}", quoted(&format!("{name}: {value}"))),
    }
}
