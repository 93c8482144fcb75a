//! Bodies of answers as they go out: whole, broken off, or without an end.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Frame, SizeHint};

/// Ends the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends here")]
pub(super) struct Hangup;

/// The body of an answer.
pub(super) type Outgoing = Either<Full<Bytes>, Either<Truncated, Endless>>;

/// A body that breaks off: it promises all of its bytes and gives some of them.
pub(super) struct Truncated {
    kept: Bytes,
    promised: u64,
    stage: Stage,
}

enum Stage {
    Sending,
    /// What was sent goes out before the connection ends.
    Flushing,
    Over,
}

impl Body for Truncated {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        match self.stage {
            Stage::Sending => {
                self.stage = Stage::Flushing;
                Poll::Ready(Some(Ok(Frame::data(self.kept.clone()))))
            }
            Stage::Flushing => {
                self.stage = Stage::Over;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Stage::Over => Poll::Ready(Some(Err(Hangup))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

/// A body that never ends: what it begins with, and then blanks for as long as somebody reads.
pub(super) struct Endless {
    first: Option<Bytes>,
}

static BLANKS: [u8; 16 << 10] = [b' '; 16 << 10];

impl Body for Endless {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        let next = self.first.take().unwrap_or(Bytes::from_static(&BLANKS));
        Poll::Ready(Some(Ok(Frame::data(next))))
    }
}

/// The answer as it is.
pub(super) fn whole(reply: Response<Full<Bytes>>) -> Response<Outgoing> {
    reply.map(Either::Left)
}

/// The answer, broken off after so many bytes of its body.
pub(super) async fn truncated(reply: Response<Full<Bytes>>, kept: usize) -> Response<Outgoing> {
    let (parts, body) = read(reply).await;
    let broken = Truncated {
        promised: u64::try_from(body.len()).unwrap_or(u64::MAX),
        kept: body.slice(..kept.min(body.len().saturating_sub(1))),
        stage: Stage::Sending,
    };
    Response::from_parts(parts, Either::Right(Either::Left(broken)))
}

/// The answer, and no end of it: before its last byte, so that no reader has a whole text.
pub(super) async fn endless(reply: Response<Full<Bytes>>) -> Response<Outgoing> {
    let (parts, body) = read(reply).await;
    let first = body.slice(..body.len().saturating_sub(1));
    let endless = Endless { first: Some(first) };
    Response::from_parts(parts, Either::Right(Either::Right(endless)))
}

async fn read(reply: Response<Full<Bytes>>) -> (http::response::Parts, Bytes) {
    let (parts, body) = reply.into_parts();
    match body.collect().await {
        Ok(body) => (parts, body.to_bytes()),
        Err(never) => match never {},
    }
}
