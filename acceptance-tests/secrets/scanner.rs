//! Looks for the secrets of one run, in every form in which a program may write them down.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::DeflateDecoder;
use serde_json::json;

/// Secrets that nobody else knows, and the forms that they may have.
pub struct Scanner {
    secrets: Vec<String>,
    forms: Vec<String>,
}

impl Scanner {
    /// So many secrets, others in each run. Their signs are quoted by JSON, URLs and shells, each in its own way.
    pub fn new(count: usize) -> Self {
        let random = RandomState::new();
        let secret = |nth: usize| format!("s3cr3t-{:016x}\"+/%&'{nth}", random.hash_one(nth));
        let secrets: Vec<String> = (0..count).map(secret).collect();
        let forms = secrets.iter().flat_map(|secret| forms(secret)).collect();
        Self { secrets, forms }
    }

    /// One of the secrets.
    pub fn secret(&self, nth: usize) -> &str {
        &self.secrets[nth]
    }

    /// Every secret as a server may quote it: as it is, escaped for JSON and URLs, and as Base64 of itself and of
    /// credentials.
    pub fn quoted(&self) -> String {
        let forms = self.secrets.iter().flat_map(|secret| {
            let whole = ["", "u:", "me:"].map(|user| BASE64_STANDARD.encode(format!("{user}{secret}")));
            let written = forms(secret).into_iter().take(WRITTEN);
            written.chain(whole).collect::<Vec<_>>()
        });
        forms.collect::<Vec<_>>().join(" | ")
    }

    /// Whether a secret is in these bytes.
    pub fn finds(&self, content: &[u8]) -> bool {
        let is_in = |form: &String| content.windows(form.len()).any(|part| part == form.as_bytes());
        self.forms.iter().any(is_in)
    }

    /// The names of the files below a folder that hold a secret, ZIP archives unpacked, in the order of names.
    pub fn files(&self, folder: &Path) -> Vec<String> {
        let holds = |file: &PathBuf| {
            let content = fs::read(file).expect("it is readable");
            self.finds(&content) || unzipped(&content).iter().any(|entry| self.finds(entry))
        };
        let found = files(folder).into_iter().filter(holds);
        let mut names: Vec<String> = found
            .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
            .collect();
        names.sort_unstable();
        names
    }
}

/// So many forms are what a text may have: the others are parts of what is encoded.
const WRITTEN: usize = 4;

/// As it is, as JSON and Go's JSON escape it, in a URL, in hexadecimal digits, and as Base64 wherever it begins in what is
/// encoded.
fn forms(secret: &str) -> Vec<String> {
    let json = json!(secret).to_string();
    // Go writes `&` into JSON like this.
    let go = json.replace('&', "\\u0026");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let percent = secret.bytes().map(|byte| match byte {
        byte if is_plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    let hexadecimal = secret.bytes().map(|byte| format!("{byte:02x}"));
    let mut forms = vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        go.trim_matches('"').to_owned(),
        percent.collect(),
        hexadecimal.collect(),
    ];
    for before in 0..3 {
        let encoded = BASE64_STANDARD.encode([vec![0; before], secret.as_bytes().to_vec()].concat());
        // Letters that hold bits of what stands before or after are left out.
        let (first, last) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
        let whole = encoded[first..last].to_owned();
        forms.push(whole.replace('+', "-").replace('/', "_"));
        forms.push(whole);
    }
    forms
}

/// The deflated entries of a ZIP archive, which a plan file is: its bytes as they are show nothing. Each follows a local
/// header: signature, method (8: deflate) at 8, lengths of name and extra field at 26 and 28, which end the header
/// (APPNOTE.TXT, 4.3.7).
fn unzipped(archive: &[u8]) -> Vec<Vec<u8>> {
    const SIGNATURE: &[u8] = b"PK\x03\x04";
    let headers = (0..archive.len()).filter(|&at| archive[at..].starts_with(SIGNATURE));
    let entry = |at: usize| {
        let number = |offset: usize| {
            Some(usize::from(u16::from_le_bytes(
                archive.get(at + offset..)?.get(..2)?.try_into().ok()?,
            )))
        };
        let start = at + 30 + number(26)? + number(28)?;
        let mut content = Vec::new();
        let deflated = archive.get(start..).filter(|_| number(8) == Some(8))?;
        DeflateDecoder::new(deflated).read_to_end(&mut content).ok()?;
        Some(content)
    };
    headers.filter_map(entry).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable").flatten();
    entries
        .flat_map(|entry| {
            let (path, kind) = (entry.path(), entry.file_type().expect("the entry has a type"));
            if kind.is_dir() {
                files(&path)
            } else {
                Vec::from_iter(kind.is_file().then_some(path))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_is_planted_is_found_in_every_form_and_what_is_not_is_not() {
        let scanner = Scanner::new(2);
        assert!(!scanner.finds(b"nothing of note"));
        assert!(
            !Scanner::new(2).finds(scanner.forms.join(" ").as_bytes()),
            "each has its own"
        );
        for form in &scanner.forms {
            assert!(scanner.finds(format!("before {form} after").as_bytes()), "{form}");
        }
        for before in ["", "u", "us", "user:"] {
            for after in ["", "!", "!!"] {
                let header = BASE64_STANDARD.encode(format!("{before}{}{after}", scanner.secret(1)));
                assert!(scanner.finds(header.as_bytes()), "{before}…{after}");
            }
        }
    }

    #[test]
    fn what_is_planted_is_found_in_files_archives_arguments_and_environment() {
        let scanner = Scanner::new(1);
        let secret = scanner.secret(0);
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("below");
        fs::create_dir(&below).expect("it is new");
        fs::write(folder.path().join("clean"), "nothing").expect("it is ours");
        fs::write(below.join("state"), format!("{{ {secret} }}")).expect("it is ours");
        fs::write(below.join("plan"), zipped(secret.as_bytes())).expect("it is ours");
        assert_eq!(scanner.files(folder.path()), ["plan", "state"]);

        for (arguments, variable, shown) in [(secret, "", "cmdline"), ("", secret, "environ")] {
            let mut process = Command::new("sh")
                .args(["-c", "echo begun; read line", "sh", arguments])
                .env("PLANTED", variable)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("it starts");
            // The kernel shows both only when the program has taken the place of what started it.
            let said = process.stdout.as_mut().expect("it is piped");
            said.read_exact(&mut [0; 6]).expect("it begins");
            let told = fs::read(format!("/proc/{}/{shown}", process.id())).expect("it waits");
            // The end of its input ends it.
            drop(process.stdin.take());
            process.wait().expect("it ends");
            assert!(scanner.finds(&told), "{shown}");
        }
    }

    /// An archive with one deflated entry.
    fn zipped(content: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        deflated.write_all(content).expect("it is written");
        let mut archive = b"PK\x03\x04".to_vec();
        archive.extend([20, 0, 0, 0, 8, 0]);
        archive.resize(26, 0);
        archive.extend([1, 0, 0, 0, b'a']);
        archive.extend(deflated.finish().expect("it is written"));
        archive
    }
}
