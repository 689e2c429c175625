//! A receiver of webhooks on this machine: a real socket that answers as it is told, and remembers what came.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What it answers.
pub enum Reply {
    /// A status.
    Status(u16),
    /// A status with headers, each with its line end.
    With(u16, String),
    /// Nothing, for a while.
    Silence,
    /// A status and a body without end.
    Endless,
    /// A header, a byte at a time, without end.
    Drip,
    /// What is no HTTP.
    Noise,
    /// Something is done before the answer.
    After(Box<dyn FnOnce() + Send>),
}

/// What came.
#[derive(Clone)]
pub struct Got {
    /// Headers by their names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Got {
    /// One header.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }
}

/// The receiver.
pub struct Receiver {
    port: u16,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// Answers so, in this order, and 204 from then on.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let replies: Arc<Mutex<VecDeque<Reply>>> =
            Arc::new(Mutex::new(replies.into_iter().collect()));
        let got = Arc::new(Mutex::new(Vec::new()));
        let (queue, list) = (Arc::clone(&replies), Arc::clone(&got));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (queue, list) = (Arc::clone(&queue), Arc::clone(&list));
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let Some(one) = read(&stream) else { return };
                    list.lock().unwrap().push(one);
                    let reply = queue.lock().unwrap().pop_front().unwrap_or(Reply::Status(204));
                    // Who does not wait for the end has gone.
                    let _ = answer(&mut stream, reply);
                });
            }
        });
        Self { port, replies, got }
    }

    /// Answers so before whatever comes next.
    pub fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?of=test", self.port)
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// All that came so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Got> {
    let mut reader = BufReader::new(stream);
    let (mut headers, mut line) = (BTreeMap::new(), String::new());
    reader.read_line(&mut line).ok()?;
    assert!(line.starts_with("POST /hook"), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Got { headers, body })
}

fn answer(stream: &mut impl Write, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Status(status) => answer(stream, Reply::With(status, String::new())),
        Reply::With(status, headers) => {
            write!(stream, "HTTP/1.1 {status} X\r\n{headers}content-length: 0\r\n\r\n")
        }
        Reply::Silence => {
            thread::sleep(Duration::from_secs(30));
            Ok(())
        }
        Reply::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(b"4\r\nmore\r\n")?;
            }
        }
        Reply::Drip => {
            write!(stream, "HTTP/1.1 200 OK\r\nx-long: ")?;
            loop {
                stream.write_all(b"a")?;
                thread::sleep(Duration::from_millis(100));
            }
        }
        Reply::Noise => stream.write_all(b"220 mail.example ESMTP\r\n"),
        Reply::After(first) => {
            first();
            answer(stream, Reply::Status(204))
        }
    }
}
