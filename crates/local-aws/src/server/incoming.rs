//! The body of a request, as it comes in.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;

/// The most that a request may weigh, in bytes: above every service's own limit.
const MOST_BYTES: usize = 4 << 20;

/// Reads a body to its end; `None` for one that is too large. What is too much of it is read as well and dropped: a
/// client that still writes when its connection ends does not see the answer.
pub(super) async fn whole<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Result<Option<Bytes>, B::Error> {
    let mut kept = BytesMut::new();
    let mut fits = true;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        fits &= kept.len() + data.len() <= MOST_BYTES;
        if fits {
            kept.extend_from_slice(&data);
        }
    }
    Ok(fits.then(|| kept.freeze()))
}
