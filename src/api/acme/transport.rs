//! The way of ACME's library to the network: whoever runs the server brings it ([`AskAuthority`]), as the edges that
//! call out do, and it may block.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use tokio::sync::oneshot;

/// Puts a question to an authority.
pub trait AskAuthority: Send + Sync + 'static {
    /// Asks, and waits for the whole answer; an answer that says no is one as well.
    ///
    /// # Errors
    /// No answer came.
    fn ask(&self, question: Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>>;
}

/// The library's own view of it.
pub(super) struct Transport(pub(super) Arc<dyn AskAuthority>);

impl HttpClient for Transport {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let ask = Arc::clone(&self.0);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = body.collect().await;
            let question = Request::from_parts(parts, body.to_bytes().to_vec());
            // Not a thread of the runtime: one that hangs on an authority would hold the end of the process.
            let (answered, answer) = oneshot::channel();
            let asking = move || {
                // Nobody waits any more when the server stops.
                let _ = answered.send(ask.ask(question));
            };
            let thread = std::thread::Builder::new().name("acme".to_owned());
            thread.spawn(asking).map_err(|cause| Error::Other(Box::new(cause)))?;
            let answer = answer.await.map_err(|_| Error::Str("the question was given up"))?;
            let answer = answer.map_err(|cause| Error::Other(Box::new(cause)))?;
            Ok(BytesResponse::from(answer.map(|body| Full::new(Bytes::from(body)))))
        })
    }
}
