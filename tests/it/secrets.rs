//! What never reaches the certifier: the programme key, raw contacts, and what derives from them. All
//! are planted on the parties' side; then the server's memory, its disk, its keyring and all traffic
//! are searched for them in every form, and a decoy shows that each search would have found them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tiers::crypto::keyring::Keyring;
use tiers_contact::{FileKind, Kind, NORMALISATION, Token, labels, read_and_normalise};
use tiers_protocol::encoding::decode;

use crate::harness::deposits::{Draft, options};
use crate::harness::people::{Lead, Person, leads_csv, sales_csv};
use crate::harness::places::{Traffic, disk, memory, recording_proxy};
use crate::harness::roles::{Partner, canaries};
use crate::harness::server::Server;
use crate::harness::world::{MONTH, World};
use crate::search::Needles;

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// The key of one kind: HKDF-SHA-256 (RFC 5869) written out.
fn kind_key(programme_key: &[u8], domain: &str, kind: Kind) -> Vec<u8> {
    let extracted = mac(&[0; 32], programme_key);
    let mut info = format!("{}{domain}/{kind}", labels::TOKEN_PREFIX).into_bytes();
    info.push(1);
    mac(&extracted, &info)
}

/// The people whose data are searched for; both the brand and a dealer know them.
const PLANTED: [Person; 4] = [Person(96), Person(99), Person(105), Person(90_123)];

/// The secrets of the parties.
struct Secrets {
    /// Never anywhere on the certifier's side, nor on the wire.
    everywhere: Needles,
    /// Never on its disk, nor on the wire: it sees them in memory, for a moment.
    tokens: Needles,
}

fn secrets(world: &World) -> Secrets {
    let (mut everywhere, mut tokens) = (Needles::new(), Needles::new());
    let file = world.key.to_file();
    let key = decode(file.split_whitespace().nth(1).unwrap()).unwrap();
    everywhere.bytes("programme key", &key);
    for kind in world.programme.policy.kinds() {
        everywhere.bytes("kind key", &kind_key(&key, &world.programme.id.to_string(), kind));
    }
    let lead = |person| Lead { person, day: "2025-04-10", campaign: "P25-ETE" };
    let csv = leads_csv(&PLANTED.map(lead));
    for person in PLANTED {
        everywhere.text("e-mail", &person.email());
        everywhere.text("mobile as typed", &person.mobile());
        everywhere.text("mobile, E.164", &format!("+33{}", &person.mobile()[1..]));
        everywhere.text("name", &person.last());
    }
    let options = options(&world.programme, FileKind::Leads);
    let prepared = read_and_normalise("leads.csv", &csv, &options).unwrap();
    let tokeniser = world.key.tokeniser(&world.programme.id);
    for row in &prepared.rows {
        for kind in world.programme.policy.kinds() {
            let digests: Vec<_> = row.digest(kind).into_iter().chain(row.near(kind)).collect();
            let known = if kind == Kind::NearLandline { 0 } else { 1 };
            assert!(digests.len() >= known, "planted people have every identifier");
            for digest in digests {
                let token = tokeniser.token_of_digest(kind, digest.as_bytes());
                everywhere.bytes("digest", digest.as_bytes());
                tokens.bytes("token", token.as_bytes());
            }
        }
    }
    Secrets { everywhere, tokens }
}

const DECOY: &str = "a-decoy-that-is-sent-in-clear@exemple.fr";

/// The whole flow of a programme, with the planted people in every file.
fn play(world: &World) {
    let sale = |person| crate::harness::people::Sale { person, day: "2025-06-02", euros: 11_000 };
    for partner in &world.partners {
        assert_eq!(partner.unwrap_key(&world.programme.id).id(), world.key.id());
    }
    let mut leads = World::small_leads();
    leads.extend(PLANTED.map(|person| Lead { person, day: "2025-04-10", campaign: "P25-ETE" }));
    world.principal.deposit(&world.leads(&leads)).ok();
    for (dealer, partner) in world.partners.iter().enumerate() {
        let mut sales = World::small_sales(u32::try_from(dealer).unwrap());
        sales.extend(PLANTED.map(sale));
        partner.deposit(&world.sales(dealer, &sales)).ok();
    }
    refused_deposits(&world.partners[0], world);
    let release = world.principal.release(&world.programme.id, MONTH);
    world.principal.documents(&release.release);
    // The decoy: an officer's reason goes over the wire and stays in memory and on disk.
    world.officer.client.get(&format!("/v1/acts?reason={DECOY}")).ok();
}

/// Bodies that are refused half way must leave as little as accepted ones.
fn refused_deposits(partner: &Partner, world: &World) {
    let sale = |person| crate::harness::people::Sale { person, day: "2025-06-02", euros: 11_000 };
    let csv = sales_csv(&PLANTED.map(sale));
    let draft = || Draft::of(&world.programme, &world.key, FileKind::Sales, &csv);
    let mut short = draft();
    short.manifest.rows += 1;
    let mut ragged = draft();
    ragged.plain.extend_from_slice(b"no such line\n");
    for draft in [short, ragged] {
        let sealed = draft.seal(&world.server.trust().sealing, &partner.secret);
        assert_eq!(partner.deposit(&sealed).status, 422);
    }
    let sealed = draft().seal(&world.server.trust().sealing, &partner.secret);
    partner.open(&sealed).ok();
    let half = sealed.bytes.len() / 2;
    partner.upload(&sealed.id(), 0, &sealed.bytes[..half], false).ok();
}

/// What was found in one place, by name.
#[derive(Default)]
struct Seen {
    place: &'static str,
    secrets: Vec<&'static str>,
    tokens: Vec<&'static str>,
    decoys: Vec<&'static str>,
}

#[test]
fn pse_04_pse_09_no_key_and_no_contact_ever_reaches_the_certifier() {
    assert_eq!(NORMALISATION, "1", "the forms searched for are those of this version");
    let traffic: Traffic = Traffic::default();
    let mut server = Server::process();
    let address = server.url().trim_start_matches("http://").to_owned();
    server.reach_through(recording_proxy(address, &traffic));
    let world = World::over(server);
    play(&world);
    let Secrets { everywhere, tokens } = secrets(&world);
    assert!(everywhere.len() > 1_000 && tokens.len() > 300);
    let mut decoy = Needles::new();
    decoy.text("decoy", DECOY);

    let mut places: Vec<Seen> = Vec::new();
    let mut look = |place: &'static str, bytes: &[u8]| {
        if places.last().is_none_or(|last| last.place != place) {
            places.push(Seen { place, ..Seen::default() });
        }
        let seen = places.last_mut().unwrap();
        everywhere.find(bytes, &mut seen.secrets);
        tokens.find(bytes, &mut seen.tokens);
        decoy.find(bytes, &mut seen.decoys);
    };
    // Nothing moves while it is looked at.
    world.server.child().signal("STOP");
    let read = memory(world.server.child().id(), |region| look("memory", region));
    assert!(read > 1 << 20, "the memory of the server was not read");
    disk(&world.server.folder().join("data"), |file| look("disk", file));
    disk(&world.server.folder().join("data.keyring"), |file| look("keyring", file));
    traffic.lock().unwrap().iter().for_each(|connection| look("traffic", connection));

    let [memory, disk, keyring, traffic] = &places[..] else { panic!("four places") };
    for seen in &places {
        assert!(seen.secrets.is_empty(), "{}: {:?}", seen.place, seen.secrets);
    }
    for seen in [disk, keyring, traffic] {
        assert!(seen.tokens.is_empty(), "{}: tokens as they were sent", seen.place);
    }
    // The same search finds what is there.
    for seen in [memory, disk, traffic] {
        assert_eq!(seen.decoys, ["decoy"], "{}: the search finds nothing", seen.place);
    }
    assert!(keyring.decoys.is_empty());
    tokens_at_rest_are_found(&world);
}

/// The canaries lie in the database as the vault's chain makes them: the search of the disk sees
/// them in that form, and would see them as they were sent.
fn tokens_at_rest_are_found(world: &World) {
    let keyring = Keyring::open(&world.server.folder().join("data.keyring")).unwrap();
    let (mut at_rest, mut as_sent) = (Needles::new(), Needles::new());
    for canary in canaries(&world.programme, &world.key) {
        let token = Token::from_bytes(*canary.token.as_bytes());
        at_rest.bytes("at rest", keyring.vault().rekey(&token).as_bytes());
        as_sent.bytes("as sent", token.as_bytes());
    }
    let (mut found, mut leaked) = (Vec::new(), Vec::new());
    disk(&world.server.folder().join("data"), |file| {
        at_rest.find(file, &mut found);
        as_sent.find(file, &mut leaked);
    });
    assert_eq!(found, ["at rest"]);
    assert!(leaked.is_empty(), "canary tokens as they were sent");
}

#[test]
fn the_search_of_a_memory_finds_what_is_planted_there() {
    let planted = b"planted-in-this-process-0123456789".to_vec();
    let mut needles = Needles::new();
    needles.bytes("planted", &planted);
    let mut found = Vec::new();
    memory(std::process::id(), |region| needles.find(region, &mut found));
    assert_eq!(found, ["planted"]);
    assert_eq!(planted.len(), 34);
}
