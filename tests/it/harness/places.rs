//! The places where a certifier could keep what it must not know: its memory, its disk, and what went over the
//! wire to it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::server::walk;

/// Everything that went over the wire, each direction of each connection in one piece, so that
/// nothing hides between two.
pub type Traffic = Arc<Mutex<Vec<Vec<u8>>>>;

/// Passes connections on to `to` and keeps what they say; the address to call.
pub fn recording_proxy(to: String, traffic: &Traffic) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let traffic = Arc::clone(traffic);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&to).unwrap());
            for (from, into) in
                [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)]
            {
                let traffic = Arc::clone(&traffic);
                std::thread::spawn(move || pass(from, into, &traffic));
            }
        }
    });
    url
}

/// One direction of a connection.
fn pass(mut from: TcpStream, mut into: TcpStream, traffic: &Traffic) {
    let place = {
        let mut all = traffic.lock().unwrap();
        all.push(Vec::new());
        all.len() - 1
    };
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        // Kept before it is passed on: connections outlive the test.
        traffic.lock().unwrap()[place].extend_from_slice(&buffer[..read]);
        if into.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = into.shutdown(Shutdown::Write);
}

/// Reads every readable region of a process; calls `see` with each.
pub fn memory(process: u32, mut see: impl FnMut(&[u8])) -> u64 {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mem = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut total = 0;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, access) = (words.next().unwrap(), words.next().unwrap());
        if !access.starts_with('r') || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let parse = |text| u64::from_str_radix(text, 16).unwrap();
        let (from, to) = (parse(from), parse(to));
        let mut region = vec![0; usize::try_from(to - from).unwrap()];
        // Some regions of the kernel's are readable in name only.
        if mem.read_exact_at(&mut region, from).is_ok() {
            total += to - from;
            see(&region);
        }
    }
    total
}

/// Files below a folder.
pub fn disk(folder: &Path, mut see: impl FnMut(&[u8])) {
    let mut files = Vec::new();
    walk(folder, &mut files);
    assert!(!files.is_empty());
    files.iter().for_each(|file| see(&fs::read(file).unwrap()));
}
