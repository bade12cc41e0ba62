//! Picks the cryptography for https, once for the process.

/// Installs ring; where the embedding program has chosen already, its choice stays.
pub(super) fn install_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that another thread was faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
