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
    stream.set_write_timeout(Some(SOON)).unwrap();
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

/// Waits until an upload is under way: the spool is made when it has its place.
fn hold(world: &World, sealed: &Sealed) {
    let spool = world.server.layout().spool().join(sealed.id().to_string());
    let began = Instant::now();
    while !spool.exists() {
        assert!(began.elapsed() < SOON, "the upload does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Open deposits of the first dealer, each with a manifest of its own over the same body.
fn crowd(world: &World, count: usize) -> Vec<Sealed> {
    let (partner, trust) = (&world.partners[0], world.server.trust());
    let mut draft = world.draft_sales();
    let bytes = draft.sealed_bytes(&trust.sealing, &partner.secret);
    let mut another = || {
        draft.manifest.nonce = Bytes::new(System.array());
        let sealed = draft.clone().sign(&trust.sealing, bytes.clone(), &partner.secret);
        partner.open(&sealed).ok();
        sealed
    };
    (0..count).map(|_| another()).collect()
}

/// Takes the connections on which something has come; the others stay.
fn answered(streams: &mut Vec<TcpStream>) -> Vec<TcpStream> {
    let has_answer = |stream: &mut TcpStream| {
        stream.set_nonblocking(true).unwrap();
        let come = matches!(stream.peek(&mut [0]), Ok(1));
        stream.set_nonblocking(false).unwrap();
        come
    };
    streams.extract_if(.., has_answer).collect()
}

#[test]
fn a_hundred_slow_uploads_of_one_party_stop_nobody() {
    let (world, _stop) = world(Timing::default());
    let deposits = crowd(&world, 100);
    let begin = |sealed: &Sealed| begin_upload(&world.server, &world.partners[0], sealed, 9);
    let mut uploads: Vec<TcpStream> = deposits.iter().map(begin).collect();
    let began = Instant::now();
    let mut refused = Vec::new();
    while refused.len() < 96 {
        refused.extend(answered(&mut uploads));
        assert!(began.elapsed() < SOON, "{} were refused", refused.len());
        std::thread::sleep(Duration::from_millis(5));
    }
    for mut stream in refused {
        let refusal = (503, "deposit.too_many_uploads".to_owned());
        assert_eq!(answer(&mut stream).outcome(), refusal);
    }
    let asked = Instant::now();
    world.partners[1].client.get("/v1/deposits").ok();
    world.partners[0].client.get("/v1/deposits").ok();
    assert!(asked.elapsed() < Duration::from_secs(2), "an answer takes {:?}", asked.elapsed());
    world.partners[1].deposit(&world.sales(1, &World::small_sales(1))).ok();
    assert!(answered(&mut uploads).is_empty(), "four go on");
    assert_eq!(uploads.len(), 4);
    // A place that is given back is free.
    drop(uploads);
    let freed = Instant::now();
    while world.partners[0].upload(&deposits[0].id(), 1 << 20, b"x", false).status == 503 {
        assert!(freed.elapsed() < SOON, "the places are not given back");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_upload_that_drips_is_slow_too() {
    let timing = Timing { pace: SHORT, pace_bytes: 1 << 10, ..Timing::default() };
    let (world, _stop) = world(timing);
    let sealed = opened(&world);
    let mut upload = begin_upload(&world.server, &world.partners[0], &sealed, 1);
    let began = Instant::now();
    let mut sent = 1;
    while answered(&mut vec![upload.try_clone().unwrap()]).is_empty() {
        assert!(began.elapsed() < SOON, "bytes that drip keep an upload alive");
        upload.write_all(&sealed.bytes[sent..=sent]).unwrap();
        sent += 1;
        std::thread::sleep(SHORT / 20);
    }
    assert_eq!(answer(&mut upload).outcome(), (408, "request.too_slow".to_owned()));
    let kept = usize::try_from(world.partners[0].status(&sealed.id()).offset).unwrap();
    assert!((1..=sent).contains(&kept), "{kept} of {sent}");
    finish(&world.partners[0], &sealed, kept);
}

#[test]
fn an_upload_whose_connection_is_cut_goes_on_where_it_stopped() {
    let (world, _stop) = world(Timing::default());
    let sealed = opened(&world);
    let half = sealed.bytes.len() / 2;
    let upload = begin_upload(&world.server, &world.partners[0], &sealed, half);
    hold(&world, &sealed);
    drop(upload);
    wait_until_kept(&world.partners[0], &sealed, half);
    finish(&world.partners[0], &sealed, half);
}

/// The answer to a request whose body is still under way when it is refused, and the next one on its connection.
#[test]
fn who_is_refused_before_the_body_came_is_told_and_asks_on() {
    let (world, _stop) = world(Timing::default());
    let dealer = &world.partners[0].client;
    let bearer = dealer.bearer();
    for (head, length, status) in [
        ("POST /v1/parties", 30, 403),
        ("POST /v1/parties", 1 << 20, 403),
        ("POST /v1/no-such-thing", 1 << 20, 404),
        ("POST /v1/searches", 1 << 20, 413),
        ("PUT /v1/deposits/none/body", 1 << 20, 404),
    ] {
        let mut stream = begin(&world.server, dealer, head, length, &[]);
        // Decided, and on its way, before the body is.
        std::thread::sleep(Duration::from_millis(50));
        for piece in vec![b'x'; length].chunks(64 * 1024) {
            stream.write_all(piece).expect("a client may send what it announced");
        }
        assert_eq!(answer(&mut stream).status, status, "{head} {length}");
        let next = format!(
            "GET /v1/deposits HTTP/1.1\r\nhost: certifier\r\nauthorization: {bearer}\r\n\r\n"
        );
        stream.write_all(next.as_bytes()).unwrap();
        assert_eq!(answer(&mut stream).status, 200, "after {head} {length}");
    }
}

/// As above by a client that keeps its connections, whatever comes first: its body, our answer, its next request.
#[test]
fn who_is_refused_a_thousand_times_is_told_so_a_thousand_times() {
    let world = World::new();
    let dealer = &world.partners[0].client;
    for round in 0..1_000 {
        let body = serde_json::json!({ "name": "x".repeat(round % 97) });
        assert_eq!(dealer.post("/v1/parties", &body).status, 403, "{round}");
    }
}

/// Who waits to be told to send is told no instead, and need not send at all.
#[test]
fn who_waits_to_be_told_to_send_is_not_asked_for_what_is_refused() {
    let (world, _stop) = world(Timing::default());
    let bearer = world.partners[0].client.bearer();
    let mut stream = connect(&world.server);
    let head = format!(
        "POST /v1/parties HTTP/1.1\r\nhost: certifier\r\nauthorization: {bearer}\r\n\
         content-length: 1000000\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(answer(&mut stream).status, 403);
    assert!(is_ended(&mut stream), "what was announced and not sent cannot be told from a request");
}

#[test]
fn headers_that_do_not_come_are_cut() {
    let (server, _stop) = Server::start_under(Timing { headers: SHORT, ..Timing::default() });
    let began = Instant::now();
    for half in ["", "GET", "GET /healthz HTTP/1.1\r\nhost: certifier\r\nx-slow: "] {
        let mut stream = connect(&server);
        stream.write_all(half.as_bytes()).unwrap();
        assert!(is_ended(&mut stream), "{half:?}");
    }
    // A connection that was of use once is no better.
    let mut stream = connect(&server);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: certifier\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).bytes, b"ok\n");
    assert!(is_ended(&mut stream));
    assert!(began.elapsed() < SOON);
}

#[test]
fn more_headers_than_any_client_sends_are_refused() {
    let (server, _stop) = Server::start_under(Timing::default());
    let many = "x: y\r\n".repeat(65);
    let long = format!("x: {}\r\n", "y".repeat(256 << 10));
    for headers in [many, long] {
        let mut stream = connect(&server);
        let request = format!("GET /healthz HTTP/1.1\r\nhost: certifier\r\n{headers}\r\n");
        // The certifier may close before all is written.
        let _ = stream.write_all(request.as_bytes());
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 431");
    }
    server.anonymous().get("/healthz").ok();
}

#[test]
fn a_client_that_never_listens_is_cut() {
    let (server, _stop) = Server::start_under(Timing { answer: SHORT, ..Timing::default() });
    let mut stream = connect(&server);
    let length = server.anonymous().get("/openapi.json").ok().bytes.len();
    // More than any buffer between the two takes.
    let request = "GET /openapi.json HTTP/1.1\r\nhost: certifier\r\n\r\n";
    let _ = stream.write_all(request.repeat((64 << 20) / length).as_bytes());
    let began = Instant::now();
    let broken = loop {
        match stream.write_all(b"G") {
            Ok(()) => assert!(began.elapsed() < SOON, "it may wait for ever"),
            Err(error) => break error.kind(),
        }
        std::thread::sleep(SHORT / 20);
    };
    assert!(matches!(broken, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{broken}");
}

#[test]
fn the_end_waits_for_requests_and_no_longer_than_it_says() {
    let (server, stop) = Server::start_under(Timing { drain: SHORT, ..Timing::default() });
    let operator = Operator::first(&server);
    // One at rest, one half-way in its headers, one half-way in its document.
    let _rest = connect(&server);
    let mut half = connect(&server);
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost:").unwrap();
    let _document = begin(&server, &operator.0, "POST /v1/parties", 100, b"{");
    server.anonymous().get("/healthz").ok();
    assert!(stop.ends_within(SOON));
    let refused = TcpStream::connect(server.url().strip_prefix("http://").unwrap());
    assert!(refused.is_err(), "nobody listens any more");
}
