//! The address that the host dials: a unix socket, or TCP on loopback where there can be none.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
};

use tokio::net::{TcpListener, TcpStream};

use super::{StartError, connection::Io, host_request::HostRequest};

#[cfg(unix)]
mod unix;

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Go's name of the network: `unix` or `tcp`.
    pub network: &'static str,
    /// The socket's path, which holds no `|` and no newline, or `127.0.0.1:port`.
    pub place: String,
}

/// An open door. A unix socket's file is removed when this is dropped.
#[derive(Debug)]
pub(crate) enum Listener {
    #[cfg(unix)]
    Unix(unix::Socket),
    Tcp(TcpListener, SocketAddr),
}

impl Listener {
    /// Listens as the host wishes: on a fresh unix socket where there are such sockets and the path fits,
    /// else on TCP. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// When the socket cannot be made or no port is free.
    pub(super) fn bind(request: &HostRequest) -> Result<Self, StartError> {
        #[cfg(unix)]
        if let Some(socket) = unix::Socket::bind(request)? {
            return Ok(Listener::Unix(socket));
        }
        bind_tcp(&request.ports).map_err(|source| StartError::Listen {
            address: format!(
                "127.0.0.1, ports {} to {}",
                request.ports.start(),
                request.ports.end()
            ),
            source,
        })
    }

    pub(super) fn address(&self) -> Address {
        match self {
            #[cfg(unix)]
            Listener::Unix(socket) => Address {
                network: "unix",
                place: socket.path().to_string(),
            },
            Listener::Tcp(_, address) => Address {
                network: "tcp",
                place: address.to_string(),
            },
        }
    }

    /// The next connection. Dropping the future loses none.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Io>> {
        match self {
            #[cfg(unix)]
            Listener::Unix(socket) => Ok(Box::new(socket.accept().await?)),
            Listener::Tcp(listener, _) => {
                let (stream, _): (TcpStream, _) = listener.accept().await?;
                // Without it each exchange that waits for a delayed acknowledgement takes 40 ms longer.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// The first free port in `ports`, in their order, as go-plugin does it. Loopback only.
fn bind_tcp(ports: &RangeInclusive<u16>) -> io::Result<Listener> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for port in ports.clone() {
        match std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                return Ok(Listener::Tcp(TcpListener::from_std(listener)?, address));
            }
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tcp_takes_the_first_free_port_of_the_range() {
        let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let first = taken.local_addr().expect("an address").port();
        let listener = bind_tcp(&(first..=u16::MAX)).expect("a later port is free");
        let Address { network, place } = listener.address();
        let address: SocketAddr = place.parse().expect("an address and a port");
        assert!(
            network == "tcp" && address.ip().is_loopback() && address.port() > first,
            "{network} {address}"
        );
    }

    #[tokio::test]
    async fn no_free_port_is_an_error() {
        let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("an address").port();
        assert_eq!(
            bind_tcp(&(port..=port)).expect_err("taken").kind(),
            io::ErrorKind::AddrInUse
        );
    }
}
