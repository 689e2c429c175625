//! Links to the pages, one for each role: whoever follows one is let in without a passkey, on this machine
//! and while the demonstration serves.

use std::fmt::Write as _;

use super::super::context::Context;
use super::super::error::CliError;
use super::actor::{Actor, command};
use super::cast::{self, Cast};
use super::consents;

/// A link, and who comes in by it.
pub struct Door {
    who: String,
    link: String,
}

/// Invites one person a role.
///
/// # Errors
/// [`CliError`].
pub fn open(cast: &Cast) -> Result<Vec<Door>, CliError> {
    let dealer = cast.dealers.first().map(|(actor, dealer)| (actor, "Camille Renaud", dealer.name));
    let others = [
        (&cast.brand, "Louise Fabre", "the brand"),
        (&cast.officer, "Samir Haddad", "the compliance officer"),
        (&cast.operator, "Alix Morel", "the operator"),
    ];
    dealer
        .into_iter()
        .chain(others)
        .map(|(actor, name, who)| door(cast, actor, name, who))
        .collect()
}

fn door(cast: &Cast, actor: &Actor, name: &str, who: &str) -> Result<Door, CliError> {
    let invited = actor.run(command![
        "people",
        "invite",
        "--name",
        name,
        "--to",
        cast.url(),
        "--credentials",
        "credentials.json",
    ])?;
    // Passkeys and cookies of the pages are for the name of this machine.
    let here = cast.url().replace("127.0.0.1", "localhost");
    Ok(Door { who: who.to_owned(), link: format!("{here}{}", cast::text(&invited, "path")?) })
}

/// What is said of them, with where a dealer's key and file lie.
pub fn text(doors: &[Door], cast: &Cast, context: &Context) -> String {
    let keys = cast.dealers.first().map(|(actor, dealer)| {
        format!(
            "to deposit as the dealer, choose {} and {}\n  \
             to see what a person agreed to, choose {} and type {}",
            actor.path("keys/party.key").display(),
            actor.path(dealer.file).display(),
            actor.path("rights.key").display(),
            consents::PERSON,
        )
    });
    let style = context.style;
    let mut said = format!("{}\n", style.bold("Open in a browser"));
    for door in doors {
        let _ = writeln!(said, "  {}\n    {}", style.dim(&door.who), door.link);
    }
    let _ = write!(said, "  {}", style.dim(&keys.unwrap_or_default()));
    said
}
