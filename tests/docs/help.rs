//! The examples of `--help`.

use app::cli::Cli;
use clap::CommandFactory;

/// Each as one line.
pub(super) fn examples() -> Vec<String> {
    let mut found = Vec::new();
    collect(&Cli::command(), &mut found);
    found
}

fn collect(command: &clap::Command, found: &mut Vec<String>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for line in help.lines() {
        match lines.last_mut() {
            Some(last) if last.ends_with('\\') => {
                *last = format!("{} {}", last.trim_end_matches(['\\', ' ']), line.trim())
            }
            _ => lines.push(line.to_owned()),
        }
    }
    for line in lines {
        // What explains it stands behind a gap.
        let typed = line.strip_prefix("  app").filter(|rest| rest.is_empty() || rest.starts_with(' '));
        found.extend(typed.map(|rest| format!("app{}", rest.split("  ").next().unwrap_or_default())));
    }
    command.get_subcommands().for_each(|command| collect(command, found));
}
