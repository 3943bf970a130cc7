//! What people and programs see: tables for the ones, JSON for the others.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::cli::Format;
use crate::synth::{Report, StackReport};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const CAREFUL: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Writes a result to stdout; colour only where it is a terminal. A closed pipe is nobody's error.
pub(crate) fn print(
    format: Format,
    value: &impl Serialize,
    human: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    to_stdout(|out| match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from).and_then(|()| writeln!(out))
        }
        Format::Human | Format::Svg | Format::Mermaid => human(out),
    })
}

/// Writes what has one form only to stdout. A closed pipe is nobody's error.
pub(crate) fn write(bytes: &[u8]) -> io::Result<()> {
    to_stdout(|out| out.write_all(bytes))
}

fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| io::Error::new(error.kind(), format!("cannot write to stdout: {error}"))),
    }
}

/// Rows under a head, columns as wide as their widest cell; columns of numbers to the right.
pub(crate) fn table(out: &mut dyn Write, head: &[&str], numbers: &[usize], rows: &[Vec<String>]) -> io::Result<()> {
    let widest = |(column, title): (usize, &&str)| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([title.len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = head.iter().enumerate().map(widest).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| -> String {
        let cells = cells.zip(&widths).enumerate().map(|(column, (cell, width))| {
            if numbers.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    writeln!(out, "{DIM}{}{DIM:#}", line(&mut head.iter().copied()))?;
    for row in rows {
        writeln!(out, "{}", line(&mut row.iter().map(String::as_str)))?;
    }
    Ok(())
}

/// `1 stack`, `2 stacks`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    format!("{count} {what}{}", if count == N::from(1) { "" } else { "s" })
}

/// Says something to whoever runs it, on stderr.
pub(crate) fn say(text: &str) {
    // Nobody to tell where stderr is closed.
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn state(stack: &StackReport) -> String {
    match stack.state {
        None => "shared".to_owned(),
        Some(state) => {
            serde_json::to_value(state).ok().and_then(|state| Some(state.as_str()?.to_owned())).unwrap_or_default()
        }
    }
}

/// The stacks as a table.
pub(crate) fn stacks(out: &mut dyn Write, stacks: &[StackReport]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = stacks
        .iter()
        .map(|stack| {
            let network = stack.network.clone().unwrap_or_else(|| "-".to_owned());
            vec![stack.stack.clone(), state(stack), network, stack.resources.to_string(), stack.directory.clone()]
        })
        .collect();
    table(out, &["STACK", "STATE", "NETWORK", "RESOURCES", "DIRECTORY"], &[3], &rows)
}

/// The summary of a synthesis.
pub(crate) fn report(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    stacks(out, &report.stacks)?;
    writeln!(out)?;
    for stack in &report.removed_stacks {
        let why = match report.destroyed_stacks.contains(stack) {
            true => "its destroy is recorded",
            false => "its tenant is gone from the tenants file; its resources, if any, are not",
        };
        writeln!(out, "{CAREFUL}removed{CAREFUL:#}  {stack}: {why}")?;
    }
    for directory in &report.kept_directories {
        writeln!(
            out,
            "{CAREFUL}kept{CAREFUL:#}     {directory}: the directory of such a stack; it holds more than was written here"
        )?;
    }
    for warning in &report.warnings {
        writeln!(out, "{CAREFUL}warning{CAREFUL:#}  {warning}")?;
    }
    let resources: usize = report.stacks.iter().map(|stack| stack.resources).sum();
    let tenants = report.stacks.iter().filter(|stack| stack.tenant.is_some()).count();
    let checked = &report.isolation;
    writeln!(
        out,
        "{GOOD}isolated{GOOD:#}  {} tenant pairs judged by {} rules: networks, names, policies; {} argument{} cover{} all pairs",
        checked.pairs,
        checked.rules.len(),
        checked.arguments,
        if checked.arguments == 1 { "" } else { "s" },
        if checked.arguments == 1 { "s" } else { "" },
    )?;
    writeln!(
        out,
        "{GOOD}written{GOOD:#}   {tenants} tenant stacks and the platform, {resources} resources, {} files changed, to {} in {:.0?}",
        report.files_written,
        report.output.display(),
        report.took
    )
}
