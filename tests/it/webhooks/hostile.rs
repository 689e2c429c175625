//! Receivers that mean harm, and names that lead inside: the certifier is no way into its own network, and nobody
//! holds its threads.

use std::io::Write as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tiers::cli::HttpWebhooks;
use tiers::service::webhook::{Reach, Webhooks};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use ureq::tls::Certificate;

use super::receiver::{Receiver, Reply};
use super::{TIME, act, add, added, deliver, deliveries, listed, market, reach, tell_brand};
use crate::consent::Market;
use crate::harness::server::Server;

/// What came of one message, in the words that the party is told.
fn came_of(market: &Market) -> (String, Option<String>) {
    let brand = &market.brand.client;
    let hook = listed(brand).pop().unwrap();
    act(brand, &hook, "test").ok();
    let begun = Instant::now();
    assert_eq!(deliver(market), 1);
    assert!(begun.elapsed() < TIME * 2, "it took {:?}", begun.elapsed());
    let one = deliveries(brand, &hook).remove(0);
    (one.state.as_str().to_owned(), one.last_fault)
}

fn failed(fault: &str) -> (String, Option<String>) {
    ("failed".to_owned(), Some(fault.to_owned()))
}

#[test]
fn endless_slow_and_senseless_answers_end_in_time() {
    let market = market();
    let receiver = Receiver::new([Reply::Endless, Reply::Drip, Reply::Noise, Reply::Silence]);
    added(&market.brand.client, &receiver);
    assert_eq!(came_of(&market), ("delivered".to_owned(), None), "its status was heard");
    for fault in ["timeout", "answer", "timeout"] {
        assert_eq!(came_of(&market), failed(fault));
    }
    let many = format!("x-many: {}\r\n", "a".repeat(64 * 1024));
    receiver.next([Reply::With(200, many)]);
    assert_eq!(came_of(&market), failed("answer"));
}

#[test]
fn a_redirect_is_not_followed() {
    let market = market();
    let inside = Receiver::new([]);
    let to = |status: u16| Reply::With(status, format!("location: {}\r\n", inside.url()));
    let receiver = Receiver::new([301, 302, 303, 307, 308].map(to));
    added(&market.brand.client, &receiver);
    for _ in 0..5 {
        assert_eq!(came_of(&market), failed("redirect"));
    }
    assert_eq!((receiver.got().len(), inside.got().len()), (5, 0));
}

/// A market whose certifier takes these addresses, and calls those.
fn of(taken: &[&str], called: Reach, roots: Option<Vec<Certificate<'static>>>) -> Market {
    let call = HttpWebhooks::with(called, roots, TIME);
    let webhooks = Webhooks { call: Some(Box::new(call)), reach: reach(taken), public: None };
    Market::over(Server::start_with(webhooks))
}

#[test]
fn a_name_that_leads_inside_by_the_time_of_the_call_is_not_called() {
    // As if the name had led elsewhere when the webhook was added.
    let market = of(&["127.0.0.0/8"], Reach::default(), None);
    let receiver = Receiver::new([]);
    let brand = &market.brand.client;
    for url in [
        format!("https://localhost:{}/hook", receiver.port()),
        format!("https://127.0.0.1:{}/hook", receiver.port()),
        format!("http://127.8.9.1:{}/hook", receiver.port()),
    ] {
        add(brand, &url, &[]).ok();
        assert_eq!(came_of(&market), failed("address"), "{url}");
    }
    // Forms that only the system's resolver takes for an address are no names.
    for host in ["0x7f000001", "2130706433", "127.1"] {
        let other = add(brand, &format!("https://{host}:{}/", receiver.port()), &[]);
        assert_eq!(other.outcome(), (422, "webhook.url".to_owned()), "{host}");
    }
    assert!(receiver.got().is_empty());
}

#[test]
fn a_port_where_nobody_is_and_a_name_that_is_unknown_are_told_apart() {
    let market = of(&["127.0.0.0/8"], reach(&["127.0.0.0/8"]), None);
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let brand = &market.brand.client;
    add(brand, &format!("https://127.0.0.1:{free}/"), &[]).ok();
    assert_eq!(came_of(&market), failed("connection"));
    add(brand, "https://nobody.invalid/", &[]).ok();
    let (state, fault) = came_of(&market);
    // A machine without a resolver needs longer to say so than a call may take.
    assert_eq!(state, "failed");
    assert!(matches!(fault.as_deref(), Some("name" | "timeout")), "{fault:?}");
}

/// Serves TLS with a certificate for `localhost`, and answers 204 to whatever is said.
fn over_tls(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> u16 {
    let key = KeyPair::generate().unwrap();
    let wanted = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = wanted.signed_by(&key, authority).unwrap().pem();
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut heard = [0; 4_096];
            // Who refuses the certificate says nothing.
            if matches!(std::io::Read::read(&mut stream, &mut heard), Ok(1..)) {
                let _ = stream.write_all(b"HTTP/1.1 204 X\r\ncontent-length: 0\r\n\r\n");
                let _ = stream.flush();
            }
        }
    });
    port
}

#[test]
fn a_certificate_that_is_not_accepted_gets_no_message() {
    let mut wanted = CertificateParams::new(Vec::new()).unwrap();
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(wanted, KeyPair::generate().unwrap()).unwrap();
    let root = Certificate::from_pem(authority.pem().as_bytes()).unwrap().to_owned();
    let own = || reach(&["127.0.0.0/8"]);
    let trusting = of(&["127.0.0.0/8"], own(), Some(vec![root]));
    let public = of(&["127.0.0.0/8"], own(), None);
    let (right, wrong) = (over_tls(&authority, "localhost"), over_tls(&authority, "other.example"));
    let plain = Receiver::new([]).port();
    for (market, port, expected) in [
        (&trusting, right, ("delivered".to_owned(), None)),
        (&trusting, wrong, failed("tls")),
        (&public, right, failed("tls")),
    ] {
        add(&market.brand.client, &format!("https://localhost:{port}/hook"), &[]).ok();
        assert_eq!(came_of(market), expected, "{port}");
    }
    // Words in clear where TLS is expected.
    add(&trusting.brand.client, &format!("https://localhost:{plain}/hook"), &[]).ok();
    assert_eq!(came_of(&trusting).0, "failed");
}

#[test]
fn nothing_is_sent_where_the_operator_switched_it_off() {
    let off = Webhooks { call: None, reach: reach(&["127.0.0.0/8"]), public: None };
    let market = Market::over(Server::start_with(off));
    let receiver = Receiver::new([]);
    let hook = added(&market.brand.client, &receiver);
    tell_brand(&market, "ada@example.com");
    assert_eq!((deliver(&market), receiver.got().len()), (0, 0));
    assert_eq!(deliveries(&market.brand.client, &hook)[0].state.as_str(), "pending");
}
