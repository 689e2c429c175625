//! What a panic says: where, never what. A library's message could quote a cell of a contact file.

/// Replaces the standard report, which prints the message, by one that prints the place only.
#[expect(clippy::print_stderr, reason = "a panic has no other way to be seen")]
pub(super) fn say_the_place_only() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(
            || "an unknown place".to_owned(),
            |at| format!("{}:{}", at.file(), at.line()),
        );
        eprintln!("tiers: an unexpected stop at {place}; its message is withheld");
    }));
}
