//! A connection whose peer has to read: a write that makes no progress for too long is an error, so
//! that nobody holds a connection by asking and never listening. Reads are not limited here; the
//! headers, the documents and the uploads each have a limit of their own.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

use super::metrics::Refused;

/// `io`, with a limit to how long it may refuse bytes.
pub(super) struct Stall<T> {
    io: T,
    limit: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
    refused: Refused,
}

impl<T> Stall<T> {
    pub(super) const fn new(io: T, limit: Duration, refused: Refused) -> Self {
        Self { io, limit, stuck: None, refused }
    }

    /// What a write becomes: itself when something happened, an error when nothing did for too long.
    fn within<R>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let limit = self.limit;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stuck.as_mut().poll(context));
        self.refused.by("stalled");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: Read + Unpin> Read for Stall<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: Write + Unpin> Write for Stall<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.within(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, parts);
        self.within(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use hyper_util::rt::TokioIo;

    use super::*;

    #[tokio::test]
    async fn who_does_not_read_is_cut_and_counted() {
        let (ours, _theirs) = tokio::io::duplex(16);
        let refused = Refused::default();
        let mut stall = Stall::new(TokioIo::new(ours), Duration::from_millis(20), refused.clone());
        let mut write = async || {
            std::future::poll_fn(|context| Pin::new(&mut stall).poll_write(context, &[7; 16])).await
        };
        assert_eq!(write().await.expect("there is room"), 16);
        assert_eq!(refused.count("stalled"), 0);
        assert_eq!(write().await.expect_err("nobody reads").kind(), io::ErrorKind::TimedOut);
        assert_eq!(refused.count("stalled"), 1);
    }
}
