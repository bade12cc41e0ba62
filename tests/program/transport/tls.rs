//! TLS by the word of a private authority, and a certificate of our own.

use std::fs;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::authority::Authority;
use super::{Fencepost, run};
use crate::server::Server;

const TLS: &str = "ca_file = \"ca.pem\"\n";
const CLIENT: &str = "client_certificate = \"client.pem\"\nclient_key = \"client.key\"\n";

/// A run at a server with TLS, on a machine that trusts nobody else.
fn tested(server: &Server, keys: &str, files: &[(&str, &str)]) -> Fencepost {
    let mut run = run(&format!("url = \"{}\"\n{keys}", server.url().replace("http:", "https:")));
    run.command.env("SSL_CERT_FILE", "none").env("SSL_CERT_DIR", "none");
    for (name, text) in files {
        fs::write(run.folder.path.join(name), text).expect("a file can be written");
    }
    run
}

#[test]
fn a_private_authority_is_believed_where_it_is_named() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.server(None);
    tested(&server, TLS, &[("ca.pem", authority.pem())]).ended().with_code(0);
    let several = format!("{}\n# another\n{}", other.pem(), authority.pem());
    tested(&server, TLS, &[("ca.pem", &several)]).ended().with_code(0);
    let ended = tested(&server, TLS, &[("ca.pem", other.pem())]).ended().with_code(3);
    ended.complains(&["cannot be reached", "certificate"]);
}

#[test]
fn a_certificate_of_our_own_is_shown_to_a_server_that_wants_one() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = authority.server(Some(&clients));
    let client = clients.signed("fencepost.example");
    let files = [("ca.pem", authority.pem()), ("client.pem", &client.certificate), ("client.key", &client.key)];
    tested(&server, &format!("{TLS}{CLIENT}"), &files).ended().with_code(0);
    let ended = tested(&server, TLS, &files).ended().with_code(3);
    assert!(ended.stdout.contains("testing https://"), "\n{ended}");
    let stranger = authority.signed("fencepost.example");
    let files = [("ca.pem", authority.pem()), ("client.pem", &stranger.certificate), ("client.key", &stranger.key)];
    let ended = tested(&server, &format!("{TLS}{CLIENT}"), &files).ended().with_code(3);
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains(&stranger.key[40..80]), "\n{ended}");
}

/// Files that cannot be used: one line, before anything is sent.
#[track_caller]
fn check_files(keys: &str, files: &[(&str, &str)], words: &[&str]) {
    let calls = Arc::new(AtomicUsize::new(0));
    let server = Server::start({
        let calls = calls.clone();
        move |_| {
            calls.fetch_add(1, Ordering::SeqCst);
        }
    });
    tested(&server, keys, files).ended().with_code(2).complains(words);
    let check = tested(&server, keys, files);
    let mut check_profile = super::fencepost(&["profile", "check", "--config"]);
    check_profile.command.arg(check.folder.path.join("fencepost.toml"));
    let ended = check_profile.ended().with_code(2);
    ended.complains(&[&["profile `far`: "], words].concat());
    assert_eq!(calls.load(Ordering::SeqCst), 0, "\n{ended}");
}

#[test]
fn files_that_cannot_be_used_are_named_with_the_remedy() {
    let authority = Authority::new();
    let (one, other) = (authority.signed("one.example"), authority.signed("other.example"));
    let remedy = "give a PEM file with the certificates of the authorities to trust";
    check_files(TLS, &[], &["`ca_file`: ", "ca.pem: cannot be read", remedy]);
    check_files(TLS, &[("ca.pem", "")], &["ca.pem: holds no certificate", remedy]);
    check_files(TLS, &[("ca.pem", &one.key)], &["ca.pem: holds no certificate", remedy]);
    let broken = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    check_files(TLS, &[("ca.pem", broken)], &["`ca_file`: ", "ca.pem: ", remedy]);
    check_files(TLS, &[("ca.pem", &one.certificate[..200])], &["`ca_file`: ", "ca.pem: ", remedy]);

    let key_remedy = "give a PEM file with the private key of the client's certificate, not encrypted";
    let certificate = ("client.pem", one.certificate.as_str());
    check_files(CLIENT, &[], &["`client_certificate` and `client_key`: ", "client.pem: cannot be read"]);
    check_files(CLIENT, &[("client.pem", &one.key)], &["client.pem: holds no certificate"]);
    check_files(CLIENT, &[certificate], &["client.key: cannot be read", key_remedy]);
    check_files(CLIENT, &[certificate, ("client.key", "")], &["client.key: holds no private key", key_remedy]);
    check_files(CLIENT, &[certificate, ("client.key", &other.key)], &["client.key: ", key_remedy]);
}

#[test]
fn a_server_without_tls_is_told_to_have_none() {
    // What a client of TLS sends first is no HTTP, and that is answered in HTTP.
    let server = Server::start(|peer| {
        let mut stream = &peer.stream;
        if stream.read(&mut [0; 16]).is_ok() && stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").is_ok() {
            peer.hang();
        }
    });
    let authority = Authority::new();
    let ended = tested(&server, TLS, &[("ca.pem", authority.pem())]).ended().with_code(3);
    ended.complains(&["it does not speak TLS", "write http:// in place of https://"]);
}
