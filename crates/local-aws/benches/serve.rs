//! The figures of the README: `cargo bench -p local-aws`. Start-up and memory of the binary, and how many describe
//! calls a second one client gets answered over one kept connection.

#[path = "shared/client.rs"]
mod client;

use std::io::{self, Write};
use std::time::{Duration, Instant};

use client::{Server, connect, exchange, request};

const STARTS: usize = 20;
const MEASURED: Duration = Duration::from_secs(5);
const FORM: &str = "Action=DescribeVpcEndpoints&Version=2016-11-15";

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    let mut starts = (0..STARTS)
        .map(|_| Server::start(&[]).map(|(_, took)| took))
        .collect::<io::Result<Vec<_>>>()?;
    starts.sort();
    writeln!(
        out,
        "start-up, process to line: median {:.1} ms, slowest {:.1} ms of {STARTS}",
        starts[STARTS / 2].as_secs_f64() * 1000.0,
        starts[STARTS - 1].as_secs_f64() * 1000.0
    )?;
    let (server, _) = Server::start(&[])?;
    writeln!(out, "resident memory, idle: {:.1} MiB", server.memory()?)?;
    let request = request(server.endpoint(), "ec2", "", FORM)?;
    let (mut stream, mut body) = (connect(&server)?, Vec::new());
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
