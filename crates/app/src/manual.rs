//! Shell completions and man pages, from the definition of the command line.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use serde::Serialize;

use crate::cli::Cli;
use crate::file;
use crate::show::{GOOD, counted};

/// The man pages cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the man page `{}`; name a directory that you may write to: `app man DIR`", path.display())]
pub struct ManualError {
    path: PathBuf,
    source: io::Error,
}

/// The man pages that were written.
#[derive(Debug, Serialize)]
pub struct Pages {
    /// The version of this document.
    pub format_version: &'static str,
    /// The files.
    pub pages: Vec<PathBuf>,
}

/// The script that completes the command line in a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "app", &mut script);
    script
}

/// The page of the whole program.
///
/// # Errors
/// Never: it is written to memory.
pub fn page() -> io::Result<Vec<u8>> {
    rendered(command(), "app")
}

/// Writes a page for the program and one for each command into a directory, which is made where it is missing.
///
/// # Errors
/// When a page cannot be written; those before it are there.
pub fn pages(directory: &Path) -> Result<Pages, ManualError> {
    let command = command();
    let mut named = Vec::new();
    collect(&command, "app", &mut named);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ManualError { path, source }
    };
    std::fs::create_dir_all(directory).map_err(failed(directory))?;
    let mut pages = Vec::new();
    for (name, command) in named {
        let path = directory.join(format!("{name}.1"));
        let page = rendered(command, &name).map_err(failed(&path))?;
        file::write(&path, &page).map_err(failed(&path))?;
        pages.push(path);
    }
    Ok(Pages { format_version: "1", pages })
}

/// The command line with every command's flags, and without `help`, for which there is `man`.
fn command() -> Command {
    fn without_help(command: Command) -> Command {
        command.disable_help_subcommand(true).mut_subcommands(without_help)
    }
    let mut command = without_help(Cli::command());
    command.build();
    command
}

/// A command and those below it, each with the name of its page.
fn collect(command: &Command, name: &str, named: &mut Vec<(String, Command)>) {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(inner, &format!("{name}-{}", inner.get_name()), named);
    }
    named.push((name.to_owned(), command.clone()));
}

/// One page. Its examples are shown as they are, line by line, where a man page else fills its text; and its head names program and
/// version, but no date, so that the same program always writes the same pages.
fn rendered(command: Command, name: &str) -> io::Result<Vec<u8>> {
    let examples = command.get_after_help().map(ToString::to_string);
    let command = command.after_help(Resettable::Reset).display_name(name.to_owned());
    let mut filled = Vec::new();
    Man::new(command).render(&mut filled)?;
    let head = format!(".TH {} 1 \"\" \"app {}\" \"Palisade\"", name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let mut page = String::new();
    for line in String::from_utf8_lossy(&filled).lines() {
        page.push_str(if line.starts_with(".TH ") { &head } else { line });
        page.push('\n');
    }
    if let Some(examples) = examples.as_deref().and_then(|text| text.strip_prefix("Examples:\n")) {
        page.push_str(".SH EXAMPLES\n.nf\n");
        for line in examples.lines() {
            page.push_str(&roff(line.strip_prefix("  ").unwrap_or(line)));
            page.push('\n');
        }
        page.push_str(".fi\n");
    }
    Ok(page.into_bytes())
}

/// A line of text that roff shows as it is.
fn roff(line: &str) -> String {
    let line = line.replace('\\', r"\e").replace('-', r"\-");
    if line.starts_with(['.', '\'']) { format!(r"\&{line}") } else { line }
}

/// The pages that were written, and how to read one.
pub(crate) fn show(out: &mut dyn Write, pages: &Pages) -> io::Result<()> {
    // The program's own page is the last one.
    let Some(own) = pages.pages.last() else { return Ok(()) };
    let directory = own.parent().unwrap_or(Path::new("."));
    writeln!(out, "{GOOD}written{GOOD:#}   {} to {}", counted(pages.pages.len(), "man page"), directory.display())?;
    writeln!(out, "next      man {}", own.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_examples_stay_as_they_are() {
        assert_eq!(roff(r"app explain --principal x \"), r"app explain \-\-principal x \e");
        assert_eq!(roff(".x"), r"\&.x");
    }
}
