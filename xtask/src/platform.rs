//! Names of platforms: Rust's for building, Go's for what registries and CLIs call packages.

use std::env;

/// A platform that packages are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Go's names, `linux_amd64`.
    pub name: &'static str,
    /// Rust's target.
    pub target: &'static str,
}

const ALL: [Platform; 6] = [
    Platform {
        name: "darwin_amd64",
        target: "x86_64-apple-darwin",
    },
    Platform {
        name: "darwin_arm64",
        target: "aarch64-apple-darwin",
    },
    Platform {
        name: "linux_amd64",
        target: "x86_64-unknown-linux-gnu",
    },
    Platform {
        name: "linux_arm64",
        target: "aarch64-unknown-linux-gnu",
    },
    Platform {
        name: "windows_amd64",
        target: "x86_64-pc-windows-msvc",
    },
    Platform {
        name: "windows_arm64",
        target: "aarch64-pc-windows-msvc",
    },
];

impl Platform {
    /// The one that xtask runs on.
    pub fn host() -> Result<Self, String> {
        let os = match env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        let arch = match env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self::named(&format!("{os}_{arch}"))
    }

    /// By Go's name.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = ALL.into_iter().find(|platform| platform.name == name);
        found.ok_or_else(|| {
            let known = ALL.map(|platform| platform.name).join(", ");
            format!("there are no packages for the platform {name:?}; give one of {known}")
        })
    }

    pub fn is_linux(self) -> bool {
        self.name.starts_with("linux_")
    }

    /// Go's name of the architecture, which container images have, too: `amd64`.
    pub fn architecture(self) -> &'static str {
        self.name
            .split_once('_')
            .map_or("", |(_, architecture)| architecture)
    }

    /// The linker for a Linux of another architecture, as distributions call it, and the setting of cargo's that names it.
    pub fn cross_linker(self) -> Option<(String, String)> {
        let architecture = self.target.strip_suffix("-unknown-linux-gnu")?;
        let setting = self.target.to_uppercase().replace('-', "_");
        (architecture != env::consts::ARCH).then(|| {
            (
                format!("CARGO_TARGET_{setting}_LINKER"),
                format!("{architecture}-linux-gnu-gcc"),
            )
        })
    }

    /// What programs end in.
    pub fn exe_suffix(self) -> &'static str {
        if self.name.starts_with("windows") {
            ".exe"
        } else {
            ""
        }
    }

    /// What CLIs look for in a package or a plugin directory.
    pub fn binary_name(self, version: &str) -> String {
        format!("terraform-provider-private_v{version}{}", self.exe_suffix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_a_platform_and_an_unknown_one_is_refused_with_those_there_are() {
        assert!(Platform::host().is_ok());
        let refused = Platform::named("plan9_amd64").expect_err("it is not built for");
        assert!(
            refused.contains("plan9_amd64") && refused.contains("linux_arm64"),
            "{refused}"
        );
        let windows = Platform::named("windows_amd64").expect("it is one");
        assert_eq!(
            windows.binary_name("1.2.3"),
            "terraform-provider-private_v1.2.3.exe"
        );
        assert_eq!((windows.architecture(), windows.is_linux()), ("amd64", false));
    }
}
