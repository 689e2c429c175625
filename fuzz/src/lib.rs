//! What is fuzzed: one function a target, each of which panics when a property does not hold. The same
//! functions run over the kept corpus in the plain tests (`crates/contact/tests/it/fuzz_corpus.rs`,
//! `crates/protocol/tests/fuzz_corpus.rs`), without a fuzzer. See `fuzz/README.md`.

pub mod contact;
pub mod documents;

/// Takes away the hook with which libFuzzer ends at any panic, even one that is caught: the
/// spreadsheet library's are (`crates/contact/src/read/workbook.rs`). What is not caught still ends
/// the run.
pub fn calm() {
    std::panic::set_hook(Box::new(|information| {
        // Only where; the payload could show input.
        if let Some(place) = information.location()
            && !place.file().contains("calamine")
        {
            eprintln!("panic at {place}");
        }
    }));
}
