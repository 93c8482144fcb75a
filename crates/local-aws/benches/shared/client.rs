//! The program as a process of its own, and a client that signs and keeps its connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// A process that is stopped when the value is dropped.
pub struct Server {
    child: Child,
    /// What `serve` printed.
    pub seed: serde_json::Value,
}

impl Server {
    /// Starts the program; gives the time from the start of the process to its line.
    pub fn start(arguments: &[&str]) -> io::Result<(Self, Duration)> {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-aws"))
            .args(["serve", "--log", "errors"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let took = began.elapsed();
        let seed = serde_json::from_str(&line)?;
        Ok((Self { child, seed }, took))
    }

    /// Host and port.
    pub fn endpoint(&self) -> &str {
        let url = self.seed["endpoint"].as_str().unwrap_or_default();
        url.trim_start_matches("http://")
    }

    /// Resident memory in MiB.
    pub fn memory(&self) -> io::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        Ok(kib.unwrap_or_default() / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keyed(key: &[u8], text: &str) -> io::Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(io::Error::other)?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

/// `20261122T080910Z` (days since 0000-03-01 into eras of 400 years).
fn amz_date() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let shifted = now / 86_400 + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let second = now % 86_400;
    format!(
        "{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// One signed request, which is good for five minutes: a form, or with a target JSON.
pub fn request(host: &str, service: &str, target: &str, body: &str) -> io::Result<Vec<u8>> {
    let date = amz_date();
    let scope = format!("{}/us-east-1/{service}/aws4_request", &date[..8]);
    let hash = hex::encode(Sha256::digest(body));
    let canonical = format!("POST\n/\n\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n{hash}");
    let canonical = hex::encode(Sha256::digest(canonical));
    let mut key = b"AWS4local".to_vec();
    for part in scope.split('/') {
        key = keyed(&key, part)?;
    }
    let signature = hex::encode(keyed(
        &key,
        &format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}"),
    )?);
    Ok(format!(
        "POST / HTTP/1.1\r\nhost: {host}\r\nx-amz-date: {date}\r\ncontent-length: {}\r\nx-amz-target: {target}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=local/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes())
}

/// A connection that is kept.
pub fn connect(server: &Server) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(server.endpoint())?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// Sends a request and reads its whole answer.
pub fn exchange(stream: &mut BufReader<TcpStream>, request: &[u8], body: &mut Vec<u8>) -> io::Result<()> {
    stream.get_mut().write_all(request)?;
    let mut status = String::new();
    stream.read_line(&mut status)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    body.resize(length, 0);
    stream.read_exact(body)?;
    if status.contains(" 200 ") {
        Ok(())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(body).into_owned()))
    }
}
