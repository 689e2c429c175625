//! A body that is read on after nobody wants it any more. An answer that is decided before the body came
//! (a key that may not, a document that is too large) would else close the connection under a client that
//! is still sending: it would find a broken pipe in place of the reason, and so would its next request on
//! the same connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::limits;

/// The body of a request; none once it came to its end.
struct ReadOn {
    body: Option<Body>,
    /// Its client waits to be told to send ("100 Continue", RFC 9110 section 10.1.1): nothing is under way, and
    /// reading would ask for it.
    awaited: bool,
}

/// The request with a body that is read on.
pub(super) async fn read_on(request: Request) -> Request {
    let awaited = request.headers().contains_key(header::EXPECT);
    request.map(|body| Body::new(ReadOn { body: Some(body), awaited }))
}

impl HttpBody for ReadOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        self.awaited = false;
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for ReadOn {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        // Outside the runtime there is no connection left that anybody could write to.
        if let (false, false, Ok(runtime)) =
            (self.awaited, body.is_end_stream(), Handle::try_current())
        {
            runtime.spawn(timeout(limits::DISCARDING, discard(body)));
        }
    }
}

/// Reads and throws away, up to a limit; beyond it the connection is closed.
async fn discard(mut body: Body) {
    let mut length = 0;
    while length < limits::DISCARDED_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        length += frame.data_ref().map_or(0, Bytes::len);
    }
}
