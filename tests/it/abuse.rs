//! The edge under abuse: clients that are slow, stop half-way, never listen, or come in crowds. The
//! edge is production's; only its times are shorter. Requests are written by hand, because no client
//! library behaves so badly.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tiers::limits::Timing;
use tiers::service::Dependencies;
use tiers_protocol::encoding::Bytes;
use tiers_protocol::entropy::{Entropy as _, System};
use tiers_protocol::wire::DepositState;

use crate::harness::client::{Answer, Client};
use crate::harness::deposits::Sealed;
use crate::harness::roles::{Company, Operator};
use crate::harness::server::{Server, Stop};
use crate::harness::world::World;

/// No answer of a healthy edge takes longer, however loaded the machine is.
const SOON: Duration = Duration::from_secs(20);

const SHORT: Duration = Duration::from_millis(400);

fn world(timing: Timing) -> (World, Stop) {
    let (server, stop) = Server::start_under(timing);
    (World::over(server), stop)
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
}

/// Sends a head that announces `length` bytes, and `body`, which may be fewer.
fn begin(server: &Server, client: &Client, head: &str, length: usize, body: &[u8]) -> TcpStream {
    let mut stream = connect(server);
    let bearer = client.bearer();
    let head = format!(
        "{head} HTTP/1.1\r\nhost: certifier\r\nauthorization: {bearer}\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    stream
}

/// Begins the upload of a whole body, of which `sent` bytes are sent.
fn begin_upload(server: &Server, company: &Company, sealed: &Sealed, sent: usize) -> TcpStream {
    let head = format!("PUT /v1/deposits/{}/body", sealed.id());
    begin(server, &company.client, &head, sealed.bytes.len(), &sealed.bytes[..sent])
}

/// The next answer on a connection.
fn answer(stream: &mut TcpStream) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let header = |name: &str| {
        let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.unwrap_or_default().to_owned()
    };
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    if status == 503 {
        assert_eq!(header("retry-after"), "5");
    }
    let mut bytes = vec![0; header("content-length").parse().unwrap()];
    stream.read_exact(&mut bytes).unwrap();
    Answer { status, media: header("content-type"), bytes }
}

/// Whether the other side ends a connection before it is time to worry.
fn is_ended(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// A deposit of the first dealer that waits for its body.
fn opened(world: &World) -> Sealed {
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].open(&sealed).ok();
    sealed
}

/// Waits until the certifier has so much of a body, and nobody uploads it any more.
fn wait_until_kept(company: &Company, sealed: &Sealed, bytes: usize) {
    let began = Instant::now();
    while company.status(&sealed.id()).offset != bytes as u64 {
        assert!(began.elapsed() < SOON, "the bytes are not kept");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends the rest of a body, after the upload before it is noticed to be over.
fn finish(company: &Company, sealed: &Sealed, from: usize) {
    let began = Instant::now();
    loop {
        let answer = company.upload(&sealed.id(), from, &sealed.bytes[from..], true);
        if answer.code() != "deposit.upload_busy" || began.elapsed() > SOON {
            answer.ok();
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    company.receipt(&sealed.id()).ok();
}

/// An upload that stops half-way while its connection stays, and what it is told.
pub(super) fn slow_upload() -> Answer {
    let timing = Timing { pace: SHORT, ..Timing::default() };
    let (world, _stop) = world(timing);
    let (partner, sealed) = (&world.partners[0], opened(&world));
    let half = sealed.bytes.len() / 2;
    let told = answer(&mut begin_upload(&world.server, partner, &sealed, half));
    // What came stays, and the rest completes it.
    let status = partner.status(&sealed.id());
    assert_eq!((status.state, status.offset), (DepositState::Open, half as u64));
    finish(partner, &sealed, half);
    told
}

/// A document of which one byte comes, and what its sender is told.
pub(super) fn slow_document() -> Answer {
    let timing = Timing { document: SHORT, ..Timing::default() };
    let (server, _stop) = Server::start_under(timing);
    let operator = Operator::first(&server);
    answer(&mut begin(&server, &operator.0, "POST /v1/parties", 100, b"{"))
}

/// An upload under way when the certifier stops, and what it is told.
pub(super) fn upload_at_the_end() -> Answer {
    // Long enough to outlast the test: nothing may wait for it.
    let (world, stop) = world(Timing { drain: SOON, ..Timing::default() });
    let sealed = opened(&world);
    let half = sealed.bytes.len() / 2;
    let mut upload = begin_upload(&world.server, &world.partners[0], &sealed, half);
    hold(&world, &sealed);
    assert!(stop.ends_within(SOON), "the end waits for the upload");
    let told = answer(&mut upload);
    let world = world.reopen(Dependencies::default());
    let kept = usize::try_from(world.partners[0].status(&sealed.id()).offset).unwrap();
    assert!(kept <= half);
    finish(&world.partners[0], &sealed, kept);
    told
}

/// Waits until an upload of the first dealer is under way.
fn hold(world: &World, sealed: &Sealed) {
    let caller = world.partners[0].client.caller(&world.server);
    let began = Instant::now();
    // An offset that nothing has: this never takes the place of the upload for long.
    let beyond = sealed.bytes.len() as u64 + 1;
    while !world
        .server
        .certifier()
        .receive(&caller, &sealed.id(), beyond)
        .is_err_and(|error| error.code() == "deposit.upload_busy")
    {
        assert!(began.elapsed() < SOON, "the upload does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
}
