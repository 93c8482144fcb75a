//! The figures of the README: `cargo bench -p local-aws`. Start-up and memory of the binary, and how many describe
//! calls a second one client gets answered over one kept connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const STARTS: usize = 20;
const MEASURED: Duration = Duration::from_secs(5);
const FORM: &str = "Action=DescribeVpcEndpoints&Version=2016-11-15";

/// A process that is stopped when the value is dropped.
struct Server {
    child: Child,
    endpoint: String,
    took: Duration,
}

impl Server {
    fn start() -> io::Result<Self> {
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-aws"))
            .args(["serve", "--log", "errors"])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let took = began.elapsed();
        let seed: serde_json::Value = serde_json::from_str(&line)?;
        let endpoint = seed["endpoint"].as_str().unwrap_or_default();
        Ok(Self {
            child,
            endpoint: endpoint.trim_start_matches("http://").to_owned(),
            took,
        })
    }

    /// Resident memory in MiB.
    fn memory(&self) -> io::Result<f64> {
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

/// One signed request, which is good for five minutes.
fn request(host: &str) -> io::Result<Vec<u8>> {
    let date = amz_date();
    let scope = format!("{}/us-east-1/ec2/aws4_request", &date[..8]);
    let hash = hex::encode(Sha256::digest(FORM));
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
        "POST / HTTP/1.1\r\nhost: {host}\r\nx-amz-date: {date}\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=local/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}\r\n\r\n{FORM}",
        FORM.len()
    )
    .into_bytes())
}

/// Sends a request and reads its whole answer.
fn exchange(stream: &mut BufReader<TcpStream>, request: &[u8], body: &mut Vec<u8>) -> io::Result<()> {
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

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    let mut starts = (0..STARTS)
        .map(|_| Server::start().map(|server| server.took))
        .collect::<io::Result<Vec<_>>>()?;
    starts.sort();
    writeln!(
        out,
        "start-up, process to line: median {:.1} ms, slowest {:.1} ms of {STARTS}",
        starts[STARTS / 2].as_secs_f64() * 1000.0,
        starts[STARTS - 1].as_secs_f64() * 1000.0
    )?;
    let server = Server::start()?;
    writeln!(out, "resident memory, idle: {:.1} MiB", server.memory()?)?;
    let request = request(&server.endpoint)?;
    let stream = TcpStream::connect(&server.endpoint)?;
    stream.set_nodelay(true)?;
    let (mut stream, mut body) = (BufReader::new(stream), Vec::new());
    let (began, mut calls) = (Instant::now(), 0_u32);
    while began.elapsed() < MEASURED {
        exchange(&mut stream, &request, &mut body)?;
        calls += 1;
    }
    writeln!(
        out,
        "DescribeVpcEndpoints, one client, one connection: {:.0} calls/s over {:.1} s",
        f64::from(calls) / began.elapsed().as_secs_f64(),
        began.elapsed().as_secs_f64()
    )?;
    writeln!(
        out,
        "resident memory after {calls} calls: {:.1} MiB",
        server.memory()?
    )
}
