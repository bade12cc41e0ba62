//! What a run takes of this machine's memory, whatever is sent to it.

use std::time::Duration;

use super::bodies::with_body;
use super::{JSON, twisted};
use crate::command::fencepost;
use crate::server::{Server, bytes_of};

/// The most that a run takes, in megabytes.
fn most(server: &Server) -> usize {
    let url = server.url();
    let mut running = fencepost(&["run", "--only", "body.name*", "--only", "response*", "--target", &url]).start();
    let status = format!("/proc/{}/status", running.process.0.id());
    let mut most = 0;
    while running.process.0.try_wait().expect("it can be waited for").is_none() {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or_default());
        // What happens in its last moments is not seen, and hardly more.
        std::thread::sleep(Duration::from_millis(2));
    }
    let ended = running.ended();
    assert!(ended.stdout.contains(" firm rules have a verdict"), "\n{ended}");
    most / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_stays_small_whatever_is_sent_to_it() {
    let holding =
        |values: Vec<u8>| with_body(&[JSON], move |_| [&b"{\"id\":\"x\",\"n\":["[..], &values, b"1]}"].concat());
    let shelf = [
        ("few bytes", twisted(bytes_of)),
        ("millions of values", holding(b"1,".repeat(2_000_000))),
        ("more than is kept", holding(b"1,".repeat(2_600_000))),
        ("as many objects as are looked into", holding(b"{\"member\":\"a text of some length\"},".repeat(49_000))),
        ("deep objects", holding(b"{\"a\":{\"b\":{\"c\":{}}}},".repeat(180_000))),
        ("a long text", with_body(&[JSON], |_| [&b"{\"id\":\""[..], &vec![b'y'; 4_100_000], b"\"}"].concat())),
    ];
    for (sent, server) in shelf {
        let most = most(&server);
        assert!(most > 0 && most < 120, "{sent}: {most} MB");
    }
}
