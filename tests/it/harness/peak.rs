//! How much memory processes took at most, as Linux keeps it for each: the high-water mark of what is resident.

use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// The mark of a process in KiB; 0 of one that has ended.
pub fn mark_kib(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Begins the mark of a process anew, where the system lets us.
pub fn forget_mark(process: u32) {
    let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
}

/// Runs a command to its end; what it said, and its mark in KiB. Standard error goes nowhere.
pub fn measured(command: &mut Command) -> (Output, u64) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let most = watched(&mut child);
    (child.wait_with_output().unwrap(), most)
}

/// Waits until a process has ended: it must not say more than a pipe holds.
fn watched(child: &mut Child) -> u64 {
    let mut most = 0;
    loop {
        // The mark only rises: what is missed is what the last milliseconds added.
        most = most.max(mark_kib(child.id()));
        if child.try_wait().unwrap().is_some() {
            return most;
        }
        thread::sleep(Duration::from_millis(3));
    }
}
