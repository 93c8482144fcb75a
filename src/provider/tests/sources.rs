//! A small server that stands for what gives credentials outside of AWS's services: containers, instances, IAM Identity
//! Center.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// Starts it on a free port of the loopback interface; it ends with the process.
pub fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away is served no more.
            let _ = answer(stream);
        }
    });
    url
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    reader.take(length).read_to_end(&mut Vec::new())?;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let keys =
        r#""AccessKeyId":"local","SecretAccessKey":"local","Token":"t","Expiration":"2099-01-01T00:00:00Z""#;
    let body = match path.split('?').next().unwrap_or_default() {
        "/container" => format!("{{{keys}}}"),
        "/latest/api/token" => "token".to_owned(),
        path if path.ends_with("/security-credentials/") || path.ends_with("/security-credentials-extended/") => {
            "instance-role".to_owned()
        }
        path if path.ends_with("/instance-role") => {
            format!(r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z",{keys}}}"#)
        }
        "/federation/credentials" => {
            r#"{"roleCredentials":{"accessKeyId":"local","secretAccessKey":"local","sessionToken":"t","expiration":4070908800000}}"#
                .to_owned()
        }
        _ => String::new(),
    };
    let status = if body.is_empty() {
        "404 Not Found"
    } else {
        "200 OK"
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
