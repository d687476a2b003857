//! One request and its answer over a connection that is open.

use crate::client::OutboundError;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use std::pin::pin;

/// The most that an answer's head may take.
const HEAD: usize = 64 * 1024;

/// The connection is driven here, beside the request, and ends with it: nothing goes on in the background.
pub(crate) async fn over<Io: Read + Write + Unpin>(
    io: Io,
    request: Request<Bytes>,
    host: &str,
    limit: usize,
) -> Result<Response<Bytes>, OutboundError> {
    let broken = || OutboundError::Broken { host: host.to_owned() };
    let handshake = http1::Builder::new().max_buf_size(HEAD).handshake(io).await;
    let (mut sender, connection) = handshake.map_err(|_| broken())?;
    let mut answer = pin!(async {
        let response = sender.send_request(request.map(Full::new)).await.map_err(|_| broken())?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            let large = error.is::<LengthLimitError>();
            if large { OutboundError::TooLarge { host: host.to_owned(), limit } } else { broken() }
        })?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    });
    let mut connection = pin!(connection);
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            answer = &mut answer => return answer,
            _ = &mut connection, if open => open = false,
        }
    }
}
