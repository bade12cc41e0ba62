//! The table of styles: for each place, style, explosion and kind of value, how it is written, and what of that is sure.
//!
//! Writer and reader share it, and no code. Sure is what every edition of OpenAPI prints alike and no two readers take for
//! different values; all else is written only where a request could not be made without it.

use crate::contract::{Holds, ParameterIn, Style, StyleName};

/// What stands before the first piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Nothing.
    Nothing,
    /// `.`
    Dot,
    /// `;`
    Semicolon,
    /// `;name=`
    Matrix,
    /// `name=`
    Name,
}

/// What one piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A value: `blue`.
    Bare,
    /// A value after the name of the parameter: `color=blue`.
    Named,
    /// A member's name, then its value, as two pieces: `R,100`.
    Alternating,
    /// A value after the name of its member: `R=100`.
    Keyed,
    /// The same with the parameter's name around: `color[R]=100`.
    Bracketed,
}

/// How much of what is written so everybody reads alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// All of it.
    All,
    /// What has one piece.
    Single,
    /// Nothing.
    Never,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) start: Start,
    pub(super) separator: &'static str,
    pub(super) piece: Piece,
    pub(super) sure: Sure,
}

/// The layout of a style at a place; nothing where it has no such.
pub(super) fn layout(place: ParameterIn, style: Style) -> Option<Layout> {
    let Style { name, explode, holds } = style;
    let row = |start, separator, piece, sure| Some(Layout { start, separator, piece, sure });
    let one = |start| row(start, "", Piece::Bare, Sure::All);
    // One piece of a cookie is read by everybody; commas, and the same cookie again, by nobody alike (RFC 6265).
    let (array, object) =
        if place == ParameterIn::Cookie { (Sure::Single, Sure::Never) } else { (Sure::All, Sure::All) };
    if !fits(place, name) {
        return None;
    }
    match (name, holds, explode) {
        (StyleName::Simple, Holds::One | Holds::Json, _) => one(Start::Nothing),
        (StyleName::Simple, Holds::Array, _) => row(Start::Nothing, ",", Piece::Bare, Sure::All),
        (StyleName::Simple, Holds::Object, false) => row(Start::Nothing, ",", Piece::Alternating, Sure::All),
        (StyleName::Simple, Holds::Object, true) => row(Start::Nothing, ",", Piece::Keyed, Sure::All),
        (StyleName::Label, Holds::One | Holds::Json, _) => one(Start::Dot),
        // The editions differ in whether a comma or a dot stands between the pieces.
        (StyleName::Label, Holds::Array, false) => row(Start::Dot, ",", Piece::Bare, Sure::Single),
        (StyleName::Label, Holds::Array, true) => row(Start::Dot, ".", Piece::Bare, Sure::All),
        (StyleName::Label, Holds::Object, false) => row(Start::Dot, ",", Piece::Alternating, Sure::Never),
        (StyleName::Label, Holds::Object, true) => row(Start::Dot, ".", Piece::Keyed, Sure::All),
        (StyleName::Matrix, Holds::One | Holds::Json, _) => one(Start::Matrix),
        (StyleName::Matrix, Holds::Array, false) => row(Start::Matrix, ",", Piece::Bare, Sure::All),
        (StyleName::Matrix, Holds::Array, true) => row(Start::Semicolon, ";", Piece::Named, Sure::All),
        (StyleName::Matrix, Holds::Object, false) => row(Start::Matrix, ",", Piece::Alternating, Sure::All),
        (StyleName::Matrix, Holds::Object, true) => row(Start::Semicolon, ";", Piece::Keyed, Sure::All),
        // A lone value has no parts to keep apart.
        (
            StyleName::Form
            | StyleName::SpaceDelimited
            | StyleName::PipeDelimited
            | StyleName::TabDelimited
            | StyleName::DeepObject,
            Holds::One | Holds::Json,
            _,
        ) => one(Start::Name),
        (StyleName::Form, Holds::Array, false) => row(Start::Name, ",", Piece::Bare, array),
        (StyleName::Form, Holds::Array, true) => row(Start::Nothing, between(place), Piece::Named, array),
        (StyleName::Form, Holds::Object, false) => row(Start::Name, ",", Piece::Alternating, object),
        (StyleName::Form, Holds::Object, true) => row(Start::Nothing, between(place), Piece::Keyed, object),
        (StyleName::SpaceDelimited, Holds::Array, false) => row(Start::Name, "%20", Piece::Bare, Sure::All),
        (StyleName::PipeDelimited, Holds::Array, false) => row(Start::Name, "%7C", Piece::Bare, Sure::All),
        // Swagger 2.0 alone has it, for arrays.
        (StyleName::TabDelimited, Holds::Array, false) => row(Start::Name, "%09", Piece::Bare, Sure::All),
        (StyleName::TabDelimited, Holds::Array | Holds::Object, _) => None,
        (StyleName::SpaceDelimited, Holds::Object, false) => row(Start::Name, "%20", Piece::Alternating, Sure::All),
        (StyleName::PipeDelimited, Holds::Object, false) => row(Start::Name, "%7C", Piece::Alternating, Sure::All),
        // What these are when exploded no edition says: one piece is the same in any case.
        (StyleName::SpaceDelimited | StyleName::PipeDelimited, Holds::Array, true) => {
            row(Start::Nothing, "&", Piece::Named, Sure::Single)
        }
        (StyleName::SpaceDelimited | StyleName::PipeDelimited, Holds::Object, true) => {
            row(Start::Nothing, "&", Piece::Keyed, Sure::Never)
        }
        (StyleName::DeepObject, Holds::Object, _) => row(Start::Nothing, "&", Piece::Bracketed, Sure::All),
        // No edition knows it, and those who do not number the elements leave the brackets empty.
        (StyleName::DeepObject, Holds::Array, _) => row(Start::Nothing, "&", Piece::Bracketed, Sure::Never),
    }
}

/// Whether a style is one of a place's.
pub(crate) fn fits(place: ParameterIn, style: StyleName) -> bool {
    match place {
        ParameterIn::Path => matches!(style, StyleName::Simple | StyleName::Label | StyleName::Matrix),
        ParameterIn::Header => style == StyleName::Simple,
        ParameterIn::Cookie => style == StyleName::Form,
        ParameterIn::Query => !matches!(style, StyleName::Simple | StyleName::Label | StyleName::Matrix),
    }
}

/// The style of a place whose document names none.
pub(crate) fn usual(place: ParameterIn) -> StyleName {
    match place {
        ParameterIn::Path | ParameterIn::Header => StyleName::Simple,
        ParameterIn::Query | ParameterIn::Cookie => StyleName::Form,
    }
}

/// What stands between what goes by a name of its own.
fn between(place: ParameterIn) -> &'static str {
    if place == ParameterIn::Cookie { "; " } else { "&" }
}
