//! Random numbers of the operating system.
//!
//! AWS-LC seeds its own generator from the CPU's jitter when the process first needs it. That takes 25 ms and more,
//! unless a variable of the environment was set when it was compiled, which no crate can hand on to those that use it.
//! A CLI starts a provider three or four times per command; so what a start and a handshake need comes from here.

use rustls::crypto::{GetRandomFailed, SecureRandom};

#[derive(Debug)]
pub(super) struct SystemRandom;

impl SecureRandom for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(buffer).map_err(|_| GetRandomFailed)
    }
}
