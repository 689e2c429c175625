//! How many heaps the C library keeps apart in a process that serves: a thread that meets a busy heap of glibc gets
//! another, eight for each processor, and what is freed in one serves no thread of another. With many uploads at once a
//! server held three times what it used (decision 98).

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What glibc reads at the start of a process (mallopt(3), `M_ARENA_MAX`), and nowhere else.
const WORD: &str = "MALLOC_ARENA_MAX";

/// As many as were no slower than more, by measurement.
const HEAPS: &str = "2";

/// Starts this program anew in its own place, with the same arguments and few heaps; nothing happens where the word is said
/// already (the service's unit says it), or where another C library is linked. It comes before anything is opened.
pub(super) fn keep_few() {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || env::var_os(WORD).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    // It comes back only where it failed; then the server takes more memory, and that is all.
    let _ = Command::new(program).args(env::args_os().skip(1)).env(WORD, HEAPS).exec();
}
