//! HTTP as any client speaks it: requests go out, whatever comes back is an answer.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tiers::store::credential::Caller;
use tiers_protocol::wire::{ApiKey, Problem};

use super::server::Server;

/// What came back.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub media: String,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The document of a success; panics with the code of a refusal.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        self.ok();
        serde_json::from_slice(&self.bytes).expect("the answer is the expected document")
    }

    /// Asserts a success.
    #[track_caller]
    pub fn ok(&self) -> &Self {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.code());
        self
    }

    /// The problem document of a refusal, whose form is checked.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert!(self.status >= 400, "expected a refusal, got {}", self.status);
        assert_eq!(self.media, "application/problem+json");
        let problem: Problem = serde_json::from_slice(&self.bytes).expect("RFC 9457");
        assert_eq!(problem.status, self.status);
        assert_eq!(problem.kind, format!("urn:tiers:problem:{}", problem.code));
        assert!(!problem.title.is_empty() && !problem.detail.is_empty());
        problem
    }

    /// The code of a refusal; empty for anything else.
    pub fn code(&self) -> String {
        serde_json::from_slice::<Problem>(&self.bytes).map(|p| p.code).unwrap_or_default()
    }

    /// Status and code, to be compared at once.
    pub fn outcome(&self) -> (u16, String) {
        (self.status, self.code())
    }
}

/// A caller: an address and perhaps a key.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    key: Option<ApiKey>,
}

impl Client {
    /// Calls a server, as the holder of a key if one is given.
    pub fn new(url: &str, key: Option<ApiKey>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A certifier closes what is idle for ten seconds, and so long a test may think between two requests.
            .max_idle_age(Duration::from_secs(5))
            .build();
        Self { agent: config.into(), url: url.to_owned(), key }
    }

    /// The same caller at another address (after a restart, or through a proxy).
    pub fn at(&self, url: &str) -> Self {
        Self::new(url, self.key.clone())
    }

    /// The text of the key, for a request that no client would make.
    pub fn key(&self) -> &str {
        self.key.as_ref().expect("a caller with a key").expose()
    }

    /// The value of the header that holds the key, for requests that no client library sends.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.key.as_ref().expect("a caller with a key").expose())
    }

    /// Who the certifier takes this caller for.
    pub fn caller(&self, server: &Server) -> Caller {
        server.certifier().authenticate(self.key()).expect("a key of this certifier").0
    }

    /// Any request; `body` is sent as it is.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let answer = self.try_send(method, path, headers, body);
        answer.unwrap_or_else(|error| panic!("{method} {path} has an answer: {error:?}"))
    }

    /// As [`Client::send`], when the connection may break.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {}", key.expose()));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = if method == "GET" {
            self.agent.run(request.body(()).expect("a request"))?
        } else {
            self.agent.run(request.body(body).expect("a request"))?
        };
        let sniffed = response.headers().get("x-content-type-options");
        assert!(sniffed.is_some_and(|value| value == "nosniff"), "{method} {path}");
        let media = response.headers().get("content-type");
        let media = media.and_then(|m| m.to_str().ok()).unwrap_or_default().to_owned();
        let status = response.status().as_u16();
        let bytes = response.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Ok(Answer { status, media, bytes })
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    /// GET by a client that reads hundreds of objects, and waits when it is told that it asks too often.
    pub fn get_in_turn(&self, path: &str) -> Answer {
        loop {
            let answer = self.get(path);
            if answer.status != 429 {
                return answer;
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
    }

    /// POST of a document.
    pub fn post(&self, path: &str, document: &impl Serialize) -> Answer {
        self.send("POST", path, JSON, &serde_json::to_vec(document).expect("a document"))
    }

    /// PUT of a document.
    pub fn put(&self, path: &str, document: &impl Serialize) -> Answer {
        self.send("PUT", path, JSON, &serde_json::to_vec(document).expect("a document"))
    }
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
