//! A certificate authority that nobody trusts but these tests, made anew for each, and a server with TLS by its word.

use std::io::{BufReader, Write};
use std::sync::Arc;

use fencepost::Contract;
use fencepost::stub::{Reply, Stub};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::server::{Server, bytes_of, read_request};

pub(crate) struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
pub(crate) struct Signed {
    pub(crate) certificate: String,
    pub(crate) key: String,
    chain: Vec<CertificateDer<'static>>,
    private: PrivateKeyDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut params = CertificateParams::new(Vec::new()).expect("no name is wrong");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate can be signed");
        Self { pem: certificate.pem(), der: certificate.der().clone(), issuer: Issuer::new(params, key) }
    }

    /// The authority's own certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a host, or for a client of that name.
    pub(crate) fn signed(&self, name: &str) -> Signed {
        let key = KeyPair::generate().expect("a key can be made");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("the name is one");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate can be signed");
        Signed {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            chain: vec![certificate.der().clone()],
            private: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        }
    }

    /// A sound target behind TLS, which lets clients in by the word of another authority, where there is one.
    pub(crate) fn server(&self, clients: Option<&Authority>) -> Server {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("ring has every version");
        let builder = match clients {
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.der.clone()).expect("the certificate is one");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.expect("there is an authority"))
            }
            None => builder.with_no_client_auth(),
        };
        let Signed { chain, private, .. } = self.signed("127.0.0.1");
        let config = Arc::new(builder.with_single_cert(chain, private).expect("the key is the certificate's"));
        let stub = Stub::new(&Contract::shipped(), Vec::new());
        Server::at(([127, 0, 0, 1], 0).into(), move |peer| {
            let connection = ServerConnection::new(config.clone()).expect("the configuration is sound");
            let mut stream = BufReader::new(StreamOwned::new(connection, &peer.stream));
            while let Some(request) = read_request(&mut stream) {
                let Reply::Answer(answer) = stub.reply(&request) else { return };
                if stream.get_mut().write_all(&bytes_of(&request, &answer)).is_err() {
                    return;
                }
            }
        })
    }
}
