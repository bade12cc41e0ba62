//! Texts of the standards that a document and a request are written in. The ground of the crate: it imports nothing else.

pub(crate) mod formed;
pub(crate) mod media_type;
pub(crate) mod percent;
pub(crate) mod plain;
pub(crate) mod pointer;
pub(crate) mod visible;
