//! What the verbs work with: in place of a remote service, a folder with a file for each note.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use terraform_plugin::{Diagnostic, Diagnostics, Outcome};

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self(path.as_ref().to_owned())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.txt"))
    }

    /// The text of a note; `None` where there is none of that name.
    pub fn get(&self, name: &str) -> Result<Option<String>, Diagnostics> {
        match fs::read_to_string(self.file(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Diagnostic::because("The note cannot be read")(error).into()),
        }
    }

    pub fn put(&self, name: &str, text: &str) -> Outcome {
        let put = fs::create_dir_all(&self.0).and_then(|()| fs::write(self.file(name), text));
        Ok(put.map_err(Diagnostic::because("The note cannot be written"))?)
    }

    /// Removes a note. That there is none is what was wanted.
    pub fn remove(&self, name: &str) -> Outcome {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Diagnostic::because("The note cannot be removed")(error).into())
            }
            _ => Ok(()),
        }
    }

    /// The names of all notes, in order.
    pub fn names(&self) -> Result<Vec<String>, Diagnostics> {
        let unreadable = || Diagnostic::because("The folder cannot be read");
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(unreadable())? {
            let file = entry.map_err(unreadable())?.file_name();
            names.extend(
                file.to_str()
                    .and_then(|file| file.strip_suffix(".txt"))
                    .map(str::to_owned),
            );
        }
        names.sort();
        Ok(names)
    }
}
