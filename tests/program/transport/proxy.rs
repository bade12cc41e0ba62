//! A proxy: requests for plain http are handed to it, and for TLS it is asked for a tunnel.

use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use fencepost::Contract;
use fencepost::exchange::Request;
use fencepost::stub::{Reply, Stub};

use super::authority::Authority;
use super::run;
use crate::server::{Peer, Server, bytes_of, json, read_request};

/// `user:a password`, as a header writes it.
const AUTHORIZATION: &str = "Basic dXNlcjphIHBhc3N3b3Jk";
/// The same, as a URL writes it.
const USER: &str = "user:a%20password@";

/// A proxy that lets in whom it knows, and what it was asked for.
fn proxy(tunnel_to: Option<String>) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let stub = Stub::new(&Contract::shipped(), Vec::new());
    let server = Server::start({
        let asked = asked.clone();
        move |peer| {
            let mut reader = BufReader::new(&peer.stream);
            while let Some(mut request) = read_request(&mut reader) {
                let large = request.body.as_ref().is_some_and(|body| body.len() > 10_240);
                let line = format!("{} {}{}", request.method, request.path, if large { " at length" } else { "" });
                asked.lock().expect("no thread panics").push(line);
                let answer = if request.header("proxy-authorization") != Some(AUTHORIZATION) {
                    json(407, "{}")
                } else if request.method == "CONNECT" {
                    tunnel(peer, tunnel_to.as_deref().unwrap_or_default());
                    return;
                } else {
                    request.path = request.path.trim_start_matches("http://far.example").to_owned();
                    let Reply::Answer(answer) = stub.reply(&request) else { return };
                    answer
                };
                if (&peer.stream).write_all(&bytes_of(&request, &answer)).is_err() {
                    return;
                }
            }
        }
    });
    (server, asked)
}

/// Carries bytes both ways until one end closes.
fn tunnel(peer: &Peer, context: &str) {
    let Ok(far) = TcpStream::connect(context) else { return };
    let _ = (&peer.stream).write_all(b"HTTP/1.1 200 Established\r\n\r\n");
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = io::copy(&mut &peer.stream, &mut &far);
            let _ = far.shutdown(Shutdown::Both);
        });
        let _ = io::copy(&mut &far, &mut &peer.stream);
        let _ = peer.stream.shutdown(Shutdown::Both);
    });
}

fn keys(scheme: &str, proxy: &Server, user: &str) -> String {
    let proxy = proxy.url().replace("http://", &format!("http://{user}"));
    format!("url = \"{scheme}://far.example\"\nproxy = \"{proxy}\"\nallow_host = [\"far.example\"]\ntask_id = \"1\"\n")
}

#[test]
fn plain_http_is_handed_to_the_proxy() {
    let (proxy, asked) = proxy(None);
    let ended = run(&keys("http", &proxy, USER)).ended().with_code(0);
    let asked = asked.lock().expect("no thread panics");
    let handed = |line: &String| line.contains(" http://far.example/v3/tasks/");
    assert!(asked.len() > 2_000 && asked.iter().all(handed), "{:?}\n{ended}", asked.iter().find(|line| !handed(line)));
}

#[test]
fn what_may_harm_others_is_sent_to_a_target_elsewhere_only_on_demand() {
    let harmful = |line: &String| ["DELETE ", "POST ", "PATCH "].iter().any(|method| line.starts_with(method));
    let large = |line: &String| line.ends_with(" at length");
    // The proxy is on this machine; the target is not.
    for (flags, wanted) in [(&[][..], false), (&["--invasive"][..], true)] {
        let (proxy, asked) = proxy(None);
        let mut run = run(&keys("http", &proxy, USER));
        run.command.args(flags);
        let ended = run.ended().with_code(0);
        let asked = asked.lock().expect("no thread panics");
        assert_eq!((asked.iter().any(harmful), asked.iter().any(large)), (wanted, wanted), "{flags:?}\n{ended}");
    }
}

#[test]
fn tls_goes_through_a_tunnel() {
    let authority = Authority::new();
    let target = authority.server(None);
    let context = target.url().replace("http://", "");
    let (proxy, asked) = proxy(Some(context));
    // The tunnel leads to a server that is known as 127.0.0.1.
    let text = keys("https", &proxy, USER).replace("far.example", "127.0.0.1");
    let run = run(&format!("{text}ca_file = \"ca.pem\"\n"));
    std::fs::write(run.folder.path.join("ca.pem"), authority.pem()).expect("a file can be written");
    let ended = run.ended().with_code(0);
    let asked = asked.lock().expect("no thread panics");
    assert!(!asked.is_empty() && asked.iter().all(|line| line == "CONNECT 127.0.0.1:443"), "{asked:?}\n{ended}");
}

#[test]
fn a_proxy_that_wants_to_know_who_asks_is_told_as_such() {
    for (scheme, words) in [("http", ["proxy", "407"]), ("https", ["cannot be reached", "proxy"])] {
        let (proxy, _) = proxy(None);
        run(&keys(scheme, &proxy, "")).ended().with_code(3).complains(&words);
        run(&keys(scheme, &proxy, "user:wrong@")).ended().with_code(3).complains(&words);
    }
}

#[test]
fn a_proxy_that_hangs_is_not_waited_for_long() {
    let silent = Server::http(|_, peer| {
        peer.hang();
        None
    });
    let keys = format!("timeout = \"100ms\"\n{}", keys("http", &silent, USER));
    let ended = run(&keys).ended().with_code(3);
    assert!(ended.stderr.contains("fencepost: the target answers nothing in time"), "\n{ended}");
}

#[test]
fn a_proxy_of_the_environment_is_not_asked() {
    let stub = Stub::new(&Contract::shipped(), Vec::new());
    let target = Server::http(move |request: &Request, _| match stub.reply(request) {
        Reply::Answer(answer) => Some(bytes_of(request, &answer)),
        Reply::Hang | Reply::Drop => None,
    });
    let (proxy, asked) = proxy(None);
    let mut run = run(&format!("url = \"{}\"\n", target.url()));
    run.command.env("http_proxy", proxy.url()).env("HTTP_PROXY", proxy.url()).env("ALL_PROXY", proxy.url());
    let ended = run.ended().with_code(0);
    assert!(asked.lock().expect("no thread panics").is_empty(), "\n{ended}");
}
