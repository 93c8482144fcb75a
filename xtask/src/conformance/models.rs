//! Whether the service models of local-aws are what the environment's botocore says.

use std::path::Path;
use std::process::Command;

use crate::models::{Botocore, check, recorded};

/// Holds the models against the botocore of a Python. Models of another version cannot be compared with it: that is
/// told, and no failure.
pub fn are_current(python: &Path) -> Result<bool, String> {
    let asked = Command::new(python)
        .args(["-c", "import botocore; print(botocore.__path__[0])"])
        .output()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let folder = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    let botocore = Botocore::at(Path::new(&folder))?;
    if let Err(sources) = recorded(&botocore) {
        eprintln!(
            "skipped: the environment has botocore {}, and the models were cut from {sources}",
            botocore.version()
        );
        return Ok(true);
    }
    match check(&botocore) {
        Ok(()) => {
            eprintln!("the models are what botocore {} says", botocore.version());
            Ok(true)
        }
        Err(differences) => {
            eprintln!("{differences}");
            Ok(false)
        }
    }
}
