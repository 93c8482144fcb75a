//! The programs that are handed out, and how their packages are named.

use crate::platform::Platform;

/// A program that is packaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Program {
    /// What registries serve
    Provider,
    /// The local AWS: an archive, and for Linux a container image
    LocalAws,
}

impl Program {
    pub const ALL: [Self; 2] = [Self::Provider, Self::LocalAws];

    /// Its package of cargo's, and what all of its packages begin with.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "terraform-provider-private",
            Self::LocalAws => "local-aws",
        }
    }

    /// Its `Cargo.toml`, below the repository's root.
    pub fn manifest(self) -> &'static str {
        match self {
            Self::Provider => "Cargo.toml",
            Self::LocalAws => "crates/local-aws/Cargo.toml",
        }
    }

    /// Whether it can be built for a platform at all.
    pub fn runs_on(self, platform: Platform) -> Result<(), String> {
        match self {
            Self::LocalAws if !platform.exe_suffix().is_empty() => Err(format!(
                "local-aws does not run on {}; it ends by signals of Unix's. Package it for Linux or macOS",
                platform.name
            )),
            Self::LocalAws | Self::Provider => Ok(()),
        }
    }

    /// What it is called in its archive. CLIs look for a provider with its version.
    pub fn binary_name(self, version: &str, platform: Platform) -> String {
        match self {
            Self::Provider => platform.binary_name(version),
            Self::LocalAws => format!("{}{}", self.name(), platform.exe_suffix()),
        }
    }

    /// The name of a package of its, `linux_amd64.zip` for instance at the end.
    pub fn package(self, version: &str, end: &str) -> String {
        format!("{}_{version}_{end}", self.name())
    }
}
