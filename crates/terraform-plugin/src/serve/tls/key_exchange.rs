//! X25519, which every host offers first, with keys from the system's random numbers (see `random.rs`).

use aws_lc_rs::{
    agreement::{self, PrivateKey, PublicKey, UnparsedPublicKey},
    error::Unspecified,
};
use rustls::{
    Error, NamedGroup, PeerMisbehaved,
    crypto::{ActiveKeyExchange, GetRandomFailed, SecureRandom as _, SharedSecret, SupportedKxGroup},
    ffdhe_groups::FfdheGroup,
};

use super::random::SystemRandom;

/// Bytes of a key, private or public.
const KEY: usize = 32;

#[derive(Debug)]
pub(super) struct X25519;

impl SupportedKxGroup for X25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut key = [0; KEY];
        SystemRandom.fill(&mut key)?;
        let private = PrivateKey::from_private_key(&agreement::X25519, &key).map_err(|_| GetRandomFailed)?;
        let public = private.compute_public_key().map_err(|_| GetRandomFailed)?;
        Ok(Box::new(Exchange { private, public }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

struct Exchange {
    private: PrivateKey,
    public: PublicKey,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let misbehaved = || Error::from(PeerMisbehaved::InvalidKeyShare);
        // AWS-LC also takes keys in forms that TLS does not allow.
        if peer.len() != KEY {
            return Err(misbehaved());
        }
        let peer = UnparsedPublicKey::new(&agreement::X25519, peer);
        agreement::agree(&self.private, peer, Unspecified, |secret| {
            Ok(SharedSecret::from(secret))
        })
        .map_err(|_| misbehaved())
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_ref()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

#[cfg(test)]
mod tests {
    use rustls::crypto::aws_lc_rs;

    use super::*;

    #[test]
    fn both_sides_come_to_the_same_secret() {
        let (ours, theirs) = (X25519.start(), aws_lc_rs::kx_group::X25519.start());
        let (ours, theirs) = (ours.expect("a key"), theirs.expect("a key"));
        let (our_key, their_key) = (ours.pub_key().to_vec(), theirs.pub_key().to_vec());
        let (ours, theirs) = (ours.complete(&their_key), theirs.complete(&our_key));
        let (ours, theirs) = (ours.expect("a secret"), theirs.expect("a secret"));
        assert_eq!(ours.secret_bytes(), theirs.secret_bytes());
    }

    #[test]
    fn keys_differ_from_one_exchange_to_the_next() {
        let key = || X25519.start().expect("a key").pub_key().to_vec();
        assert_ne!(key(), key());
    }

    #[test]
    fn a_key_of_another_length_or_of_small_order_is_refused() {
        for bad in [&[9; 31][..], &[9; 33], &[0; 32], &[]] {
            let refused = X25519.start().expect("a key").complete(bad).err();
            assert_eq!(refused, Some(PeerMisbehaved::InvalidKeyShare.into()), "{bad:?}");
        }
    }
}
