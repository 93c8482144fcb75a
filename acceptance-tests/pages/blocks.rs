//! The blocks of HCL in a page.

use std::path::{Path, PathBuf};

/// One fenced block of a page, without the fence and its indentation.
pub struct Block {
    pub page: PathBuf,
    /// The line of the page on which its text begins, from 1.
    pub line: usize,
    pub text: String,
}

impl Block {
    /// Whether it is of a `.tftest.hcl` file.
    pub fn is_of_a_test(&self) -> bool {
        let begins = |word: &str| self.text.lines().any(|line| line.starts_with(word));
        begins("mock_provider ") || begins("override_") || begins("run ")
    }

    /// Whether it has an `import` block.
    pub fn imports(&self) -> bool {
        self.text.lines().any(|line| line == "import {")
    }
}

/// The blocks of a page that say they are HCL.
///
/// # Panics
/// A block is not closed.
pub fn of_page(page: &Path, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let indentation = line.len() - line.trim_start().len();
        let mut block = Block {
            page: page.to_owned(),
            line: 0,
            text: String::new(),
        };
        let closed = lines.by_ref().find(|(number, line)| {
            if block.line == 0 {
                block.line = number + 1;
            }
            let closes = line.trim() == "```";
            if !closes {
                block.text.push_str(line.get(indentation..).unwrap_or_default());
                block.text.push('\n');
            }
            closes
        });
        assert!(closed.is_some(), "{}: a block is not closed", page.display());
        if matches!(language, "hcl" | "terraform" | "tf") {
            blocks.push(block);
        }
    }
    blocks
}
