//! `tiers deposit`: sends a deposit directory and keeps the receipt. It goes on where an
//! interrupted upload stopped, and sending the same deposit twice is one deposit. The receipt is
//! believed only when its signature and ledger proof hold under the pinned keys.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;
use tiers_protocol::attested::Attested;
use tiers_protocol::encoding::sha256;
use tiers_protocol::receipt::Receipt;
use tiers_protocol::tlog::LedgerProof;
use tiers_protocol::trust::Trust;
use tiers_protocol::wire::{DepositInfo, DepositState, DepositStatus};

use super::args::Remote;
use super::client::Client;
use super::context::Context;
use super::deposit_dir::{Finish, RECEIPT, Ready};
use super::error::{CliError, Compared};
use super::files;
use super::output::{Outcome, aside};
use super::words;

/// Words of `deposit`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tiers deposit deposit --to https://certifier.example \
    --credentials garage-martin.json\n\n\
    An upload that was interrupted goes on where it stopped when you run the command again.")]
pub struct DepositArgs {
    /// A directory that `tiers prepare` made.
    dir: PathBuf,
    #[command(flatten)]
    remote: Remote,
    /// Directory with your party.key, if the manifest is not signed yet.
    #[arg(long, value_name = "DIR")]
    party_key: Option<PathBuf>,
    /// The registered programme file, if the body is not sealed yet.
    #[arg(long, value_name = "FILE")]
    programme: Option<PathBuf>,
}

/// Sends a deposit.
///
/// # Errors
/// [`CliError`].
pub fn run(args: &DepositArgs, context: &Context) -> Result<Outcome, CliError> {
    let party = args.party_key.as_deref().map(files::read_party_key).transpose()?;
    let programme = args.programme.as_deref().map(files::read_programme).transpose()?;
    let trust = match &programme {
        Some(programme) => Some(programme.registered()?.1),
        None => None,
    };
    let bar = context.bytes_bar("Sealing", 0);
    let ready = Ready::open(&args.dir, &Finish { party: party.as_ref(), trust, bar: &bar });
    bar.finish_and_clear();
    let ready = ready?;
    let (client, _) = Client::with_credentials(&args.remote.to, &args.remote.credentials)?;
    let shown: Trust = client.json("/v1/trust")?;
    if shown != ready.trust {
        return Err(CliError::Differs(Compared::Trust));
    }
    if !context.json {
        aside(&summary(&ready));
    }
    let status = client.post_bytes("/v1/deposits", &ready.manifest.to_vec())?;
    let status = upload(&client, &ready, status, context)?;
    if status.state == DepositState::Refused {
        return Err(CliError::DepositRefused { code: refusal_of(&client, &status) });
    }
    if status.state == DepositState::Erased {
        return Err(CliError::DepositErased);
    }
    keep_receipt(&client, &ready, &args.dir)
}

/// What is about to leave this machine.
fn summary(ready: &Ready) -> String {
    let manifest = &ready.manifest.manifest;
    let columns: Vec<&str> = manifest.columns.iter().map(|column| column.name.as_str()).collect();
    format!(
        "Sending        {kind}: {rows} of tokens, {bytes} bytes sealed to {origin}\n\
         Columns        {columns}\n\
         Purpose        {purpose}\n\
         Kept until     {until}",
        kind = manifest.kind,
        rows = words::count(manifest.rows, "line", "lines"),
        bytes = words::grouped(manifest.body.sealed.as_ref().map_or(0, |sealed| sealed.bytes)),
        origin = ready.trust.origin,
        columns = columns.join(", "),
        purpose = manifest.purpose,
        until = manifest.retain_until,
    )
}

/// Tries without any progress before giving up: with their waits about two minutes, longer than a
/// certifier takes to notice that an upload is dead.
const TRIES: u32 = 10;
/// What the bar says while bytes go out.
const SENDING: &str = "Sending";
/// Waits double from here.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Refusals of an upload that say where it stands now, not that it may not go on.
const PASSING: [&str; 7] = [
    "deposit.upload_busy",
    "deposit.wrong_offset",
    "deposit.not_open",
    "deposit.too_many_uploads",
    "request.too_slow",
    "certifier.stopping",
    WAITING,
];

/// The whole body is there, and others are read before it. The certifier is alive and says so: this
/// is no failure, however long it takes.
const WAITING: &str = "deposit.waiting";

fn is_waiting(error: &CliError) -> bool {
    matches!(error, CliError::Refused(problem) if problem.code == WAITING)
}

/// Whether to ask where the upload stands and to go on from there.
fn passes(error: &CliError) -> bool {
    match error {
        CliError::Unreachable(_) => true,
        CliError::Refused(problem) => PASSING.contains(&problem.code.as_str()),
        // A proxy whose certifier is gone for a moment.
        CliError::Answer(status) => matches!(status, 502..=504),
        _ => false,
    }
}

/// Sends the body until the certifier has it whole, through lost connections and busy times.
fn upload(
    client: &Client,
    ready: &Ready,
    mut status: DepositStatus,
    context: &Context,
) -> Result<DepositStatus, CliError> {
    let path = format!("/v1/deposits/{}", status.deposit);
    if status.deposit != ready.manifest.deposit_id() {
        return Err(CliError::Differs(Compared::Receipt));
    }
    let bar = context.bytes_bar(SENDING, status.total);
    let mut failures = 0;
    while status.state == DepositState::Open {
        let before = status.offset;
        let mut lost = CliError::Unreachable("the upload makes no progress");
        let mut waits = false;
        match send_rest(client, ready, &path, &status, &bar) {
            Ok(after) => status = after,
            Err(passing) if passes(&passing) => {
                waits = is_waiting(&passing);
                bar.set_prefix(if waits { "Waiting" } else { SENDING });
                lost = passing;
                thread::sleep((FIRST_WAIT * 2_u32.pow(failures)).min(LONGEST_WAIT));
                // The certifier may be gone for longer than one wait: the next round asks again.
                if let Ok(now) = client.json(&path) {
                    status = now;
                }
            }
            Err(other) => return Err(other),
        }
        failures = if waits || status.offset > before { 0 } else { failures + 1 };
        if failures == TRIES && status.state == DepositState::Open {
            return Err(lost);
        }
    }
    bar.finish_and_clear();
    Ok(status)
}

fn send_rest(
    client: &Client,
    ready: &Ready,
    path: &str,
    status: &DepositStatus,
    bar: &ProgressBar,
) -> Result<DepositStatus, CliError> {
    let failed = |cause: std::io::Error| CliError::read(&ready.body, &cause);
    let mut file = File::open(&ready.body).map_err(failed)?;
    file.seek(SeekFrom::Start(status.offset)).map_err(failed)?;
    bar.set_position(status.offset);
    let headers = [
        ("content-type", "application/octet-stream".to_owned()),
        ("upload-offset", status.offset.to_string()),
        ("upload-complete", "?1".to_owned()),
    ];
    let rest = status.total.saturating_sub(status.offset);
    client.put_stream(&format!("{path}/body"), &headers, &mut bar.wrap_read(file), rest)
}

/// The certifier's reason, from the caller's own list.
fn refusal_of(client: &Client, status: &DepositStatus) -> Option<String> {
    let deposits: Vec<DepositInfo> = client.json("/v1/deposits").ok()?;
    deposits.into_iter().find(|one| one.deposit == status.deposit)?.refusal
}

/// Fetches the receipt, checks it under the pinned keys, writes it beside the manifest.
fn keep_receipt(client: &Client, ready: &Ready, dir: &Path) -> Result<Outcome, CliError> {
    let deposit = ready.manifest.deposit_id();
    let bytes = client.bytes(&format!("/v1/deposits/{deposit}/receipt"))?;
    let attested = Attested::<Receipt>::verify(&bytes, &ready.trust)?;
    let receipt = &attested.document;
    if receipt.deposit != deposit
        || receipt.programme != ready.manifest.manifest.programme
        || receipt.kind != ready.manifest.manifest.kind
        || receipt.manifest_sha256 != sha256(&ready.manifest.to_vec())
    {
        return Err(CliError::Differs(Compared::Receipt));
    }
    let path = dir.join(RECEIPT);
    files::replace(&path, &bytes)?;
    let proof = LedgerProof::parse(attested.evidence.proof.as_bytes());
    let index = proof.map(|proof| proof.index()).ok();
    let text = format!(
        "Accepted       {deposit}: {rows}, kept until {until}\n\
         Verified       signature, and proof that entry {entry} of ledger {origin} commits to it\n\
         Receipt        {path}: keep it, it is your evidence",
        rows = words::count(receipt.rows, "row", "rows"),
        until = receipt.retain_until,
        entry = index.map_or_else(String::new, |index| index.to_string()),
        origin = ready.trust.origin,
        path = path.display(),
    );
    let json = json!({
        "deposit": deposit, "rows": receipt.rows, "snapshot": receipt.snapshot,
        "received_at": receipt.received_at, "ledger_index": index, "receipt": path,
    });
    Ok(Outcome::new(text, json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    use tiers_protocol::encoding::Bytes;
    use tiers_protocol::entropy::{Entropy as _, System};
    use tiers_protocol::manifest::{Draft, Manifest};
    use tiers_protocol::party::PartySecret;
    use tiers_protocol::programme::{Campaign, Programme};
    use tiers_protocol::programme_key::ProgrammeKey;
    use tiers_protocol::wire::Problem;

    use super::super::deposit_dir;
    use super::super::output::Style;

    /// What a client sent: the line of the request, its `upload-offset`, its body.
    struct Seen {
        request: String,
        offset: Option<u64>,
        body: Vec<u8>,
    }

    /// Reads one request; of a body at most `most` bytes, as if the line broke there.
    fn read_request(stream: &TcpStream, most: usize) -> Seen {
        let mut reader = BufReader::new(stream);
        let mut seen = Seen { request: String::new(), offset: None, body: Vec::new() };
        reader.read_line(&mut seen.request).expect("a request");
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).expect("a header");
            let Some((name, value)) = header.trim().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a number"),
                "upload-offset" => seen.offset = Some(value.parse().expect("a number")),
                _ => {}
            }
        }
        seen.body = vec![0; length.min(most)];
        reader.read_exact(&mut seen.body).expect("a body");
        seen
    }

    fn answer(stream: &TcpStream, status: &DepositStatus) {
        say(stream, "200 OK", &serde_json::to_string(status).expect("a document"));
    }

    fn refuse(stream: &TcpStream, status: u16, code: &str) {
        let problem = Problem {
            kind: format!("urn:tiers:problem:{code}"),
            title: "no".into(),
            status,
            code: code.into(),
            detail: "no".into(),
        };
        say(stream, &format!("{status} No"), &serde_json::to_string(&problem).expect("a document"));
    }

    fn say(mut stream: &TcpStream, status: &str, body: &str) {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    }

    fn ready(dir: &Path) -> Ready {
        let party = PartySecret::generate(&mut System);
        let key = ProgrammeKey::generate(&mut System);
        let policy = include_str!("../../policies/disclosure/standard.toml");
        let programme = Programme::new(
            "Test".into(),
            "Test".into(),
            vec![Campaign { name: "A".into(), cost_cents: 1 }],
            tiers_protocol::policy::Policy::from_toml(policy).expect("standard"),
            jiff::civil::date(2030, 1, 1),
            &mut System,
        );
        let body = vec![b'x'; 300_000];
        let draft = Draft {
            nonce: Bytes::new(System.array()),
            kind: tiers_contact::FileKind::Sales,
            columns: Vec::new(),
            rows: 1,
            rejects: 0,
            retain_until: jiff::civil::date(2027, 1, 1),
            tool: "test".into(),
            plain_bytes: body.len() as u64,
        };
        let mut manifest = Manifest::new(&programme, key.id(), draft);
        let public = party.public();
        let trust = Trust::new("o".into(), "k".into(), public.signing, public.sealing);
        let (plain, path) = (dir.join(deposit_dir::PREVIEW), dir.join(deposit_dir::SEALED));
        files::replace(&plain, &body).expect("writes");
        let bar = ProgressBar::hidden();
        deposit_dir::seal(&mut manifest, &plain, &trust, &party, &path, &bar).expect("seals");
        Ready { manifest: manifest.sign(&party), body: path, trust }
    }

    fn context() -> Context {
        Context {
            today: jiff::civil::date(2026, 1, 1),
            style: Style::PLAIN,
            interactive: false,
            terminal: false,
            json: true,
        }
    }

    #[test]
    fn an_upload_goes_on_where_the_connection_was_lost() {
        let dir = tempfile::tempdir().expect("a directory");
        let ready = ready(dir.path());
        let whole = files::read(&ready.body).expect("the body");
        let total = whole.len() as u64;
        let deposit = ready.manifest.deposit_id();
        let status = move |offset, state| DepositStatus { deposit, state, offset, total };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, requests) = mpsc::channel();
        let kept = 100_000;
        let server = thread::spawn(move || {
            let first = listener.accept().expect("a connection").0;
            sender.send(read_request(&first, kept)).expect("heard");
            drop(first);
            let second = listener.accept().expect("a connection").0;
            sender.send(read_request(&second, 0)).expect("heard");
            answer(&second, &status(kept as u64, DepositState::Open));
            drop(second);
            let third = listener.accept().expect("a connection").0;
            sender.send(read_request(&third, usize::MAX)).expect("heard");
            answer(&third, &status(total, DepositState::Accepted));
        });
        let client = Client::public(&url).expect("local");
        let done = upload(&client, &ready, status(0, DepositState::Open), &context());
        assert_eq!(done.expect("uploads").state, DepositState::Accepted);
        server.join().expect("no panic");
        let seen: Vec<Seen> = requests.iter().collect();
        assert!(seen[0].request.starts_with("PUT ") && seen[0].offset == Some(0));
        assert!(seen[1].request.starts_with("GET "), "it asks where to go on");
        assert_eq!(seen[2].offset, Some(kept as u64));
        assert_eq!([seen[0].body.as_slice(), &seen[2].body].concat(), whole);
    }

    /// What a certifier says to each request in turn; the offset of each upload that came.
    fn offsets_of(turns: Vec<Turn>) -> (Result<DepositState, CliError>, Vec<Option<u64>>) {
        let dir = tempfile::tempdir().expect("a directory");
        let ready = ready(dir.path());
        let total = files::read(&ready.body).expect("the body").len() as u64;
        let deposit = ready.manifest.deposit_id();
        let status = move |offset, state| DepositStatus { deposit, state, offset, total };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = thread::spawn(move || {
            let turn = |turn: Turn| {
                let stream = listener.accept().expect("a connection").0;
                let seen = read_request(&stream, usize::MAX);
                match turn {
                    Turn::Refuse(code, problem) => refuse(&stream, code, problem),
                    Turn::Tell(offset, state) => answer(&stream, &status(offset, state)),
                }
                seen.request.starts_with("PUT ").then_some(seen.offset).flatten()
            };
            turns.into_iter().map(turn).collect()
        });
        let client = Client::public(&url).expect("local");
        let done = upload(&client, &ready, status(0, DepositState::Open), &context());
        (done.map(|status| status.state), server.join().expect("no panic"))
    }

    enum Turn {
        Refuse(u16, &'static str),
        Tell(u64, DepositState),
    }

    #[test]
    fn an_upload_goes_on_when_the_certifier_was_busy_or_had_more_than_it_said() {
        use Turn::{Refuse, Tell};
        let (done, seen) = offsets_of(vec![
            Refuse(409, "deposit.upload_busy"),
            Tell(10, DepositState::Open),
            // The upload before was still writing when it told.
            Refuse(409, "deposit.wrong_offset"),
            Tell(20, DepositState::Open),
            Refuse(503, "deposit.too_many_uploads"),
            Tell(20, DepositState::Open),
            Refuse(408, "request.too_slow"),
            Tell(30, DepositState::Open),
            Refuse(503, "certifier.stopping"),
            Tell(30, DepositState::Open),
            Refuse(503, "deposit.waiting"),
            Tell(30, DepositState::Open),
            // The upload before has completed it.
            Refuse(409, "deposit.not_open"),
            Tell(0, DepositState::Accepted),
        ]);
        assert_eq!(done.expect("goes on"), DepositState::Accepted);
        let puts: Vec<u64> = seen.into_iter().flatten().collect();
        assert_eq!(puts, [0, 10, 20, 20, 30, 30, 30]);
    }

    #[test]
    fn who_is_told_to_wait_does_not_give_up() {
        use Turn::{Refuse, Tell};
        let waits = (0..=TRIES)
            .flat_map(|_| [Refuse(503, "deposit.waiting"), Tell(1_000, DepositState::Open)]);
        let accepted = [Tell(0, DepositState::Accepted)];
        let (done, seen) = offsets_of(waits.chain(accepted).collect());
        assert_eq!(done.expect("goes on"), DepositState::Accepted);
        assert_eq!(seen.into_iter().flatten().count(), TRIES as usize + 2);
    }

    #[test]
    fn a_certifier_without_room_is_told_at_once() {
        let (done, seen) = offsets_of(vec![Turn::Refuse(507, "certifier.no_room")]);
        assert!(matches!(done, Err(CliError::Refused(problem)) if problem.status == 507));
        assert_eq!(seen, [Some(0)]);
    }

    #[test]
    fn an_upload_ends_at_a_refusal_of_what_is_in_it() {
        let (done, _) = offsets_of(vec![Turn::Refuse(422, "deposit.body_altered")]);
        assert!(matches!(done, Err(CliError::Refused(problem)) if problem.status == 422));
    }

    #[test]
    fn the_answer_of_another_deposit_is_refused_before_anything_is_sent() {
        let dir = tempfile::tempdir().expect("a directory");
        let ready = ready(dir.path());
        let other = tiers_protocol::ids::DepositId::from_bytes([7; 16]);
        let status =
            DepositStatus { deposit: other, state: DepositState::Open, offset: 0, total: 1 };
        let client = Client::public("http://127.0.0.1:1").expect("local");
        let refused = upload(&client, &ready, status, &context());
        assert!(matches!(refused, Err(CliError::Differs(Compared::Receipt))));
    }

    #[test]
    fn sec_14_a_changed_body_is_found_before_anything_is_sent() {
        let dir = tempfile::tempdir().expect("a directory");
        let ready = ready(dir.path());
        let write = |name: &str, bytes: &[u8]| {
            files::replace(&dir.path().join(name), bytes).expect("writes");
        };
        write(deposit_dir::MANIFEST, &ready.manifest.to_vec());
        write(deposit_dir::TRUST, files::trust_text(&ready.trust).as_bytes());
        let open = || {
            Ready::open(
                dir.path(),
                &Finish { party: None, trust: None, bar: &ProgressBar::hidden() },
            )
        };
        assert!(open().is_ok());
        let whole = files::read(&ready.body).expect("the body");
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        for body in [&changed[..], &whole[1..], &whole[..whole.len() - 1], &[]] {
            write(deposit_dir::SEALED, body);
            assert!(matches!(open(), Err(CliError::Differs(Compared::Body))));
        }
    }
}
