#![doc = include_str!("../README.md")]

mod artifacts;
pub mod build;
pub mod cli;
mod explain;
mod inspect;
pub mod local;
pub mod output;
pub mod proof;
mod read;
pub mod settings;
mod show;
pub mod stacks;
pub mod synth;
pub mod verify;

pub use artifacts::{Artifacts, unbuilt, unbuilt_onboarding};

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use anstyle::AnsiColor;
use cli::{Cli, Command};
use settings::{Settings, Surroundings};

/// Runs one command.
///
/// The exit status is 0 when it is done and 1 when it failed; wrong usage ends with 2 before this is called.
pub fn run(cli: &Cli, surroundings: &Surroundings) -> ExitCode {
    match dispatch(cli, surroundings) {
        Ok(code) => code,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: &Cli, surroundings: &Surroundings) -> Result<ExitCode, Box<dyn Error>> {
    let settings = || Settings::load(&cli.common.flags(), surroundings);
    let format = cli.common.format;
    let mut say = |text: &str| {
        // Nobody to tell where stderr is closed.
        let _ = writeln!(anstream::stderr(), "{text}");
    };
    match &cli.command {
        None | Some(Command::Synth) => {
            let report = synth::run(&settings()?)?;
            show::print(format, &report, |out| show::report(out, &report))?;
        }
        Some(Command::List(selection)) => {
            let stacks = inspect::stacks(&settings()?, selection)?;
            show::print(format, &stacks, |out| show::stacks(out, &stacks.stacks))?;
        }
        Some(Command::Outputs(selection)) => {
            let outputs = inspect::outputs(&settings()?, selection)?;
            show::print(format, &outputs, |out| inspect::show_outputs(out, &outputs))?;
        }
        Some(Command::Verify { dir }) => {
            let verified = verify::run(dir)?;
            show::print(format, &verified, |out| verify::show(out, &verified))?;
            if !verified.proved {
                return Ok(ExitCode::FAILURE);
            }
        }
        Some(Command::Report) => {
            let written = proof::report(&settings()?)?;
            show::print(format, &written, |out| proof::show(out, &written))?;
            if !written.proved {
                return Ok(ExitCode::FAILURE);
            }
        }
        Some(Command::Explain(question)) => {
            let explanation = explain::run(question, settings)?;
            show::print(format, &explanation, |out| explain::show(out, &explanation))?;
        }
        Some(Command::Build { architecture }) => {
            let built = build::run(&settings()?.project, (*architecture).into(), &mut say)?;
            show::print(format, &built, |out| inspect::show_artifacts(out, &built))?;
        }
        Some(Command::Api { tenant, port, endpoint }) => {
            let settings = settings()?;
            let tenant = inspect::tenant(&settings, tenant)?;
            let place = local::Place { port: *port, endpoint: *endpoint };
            local::serve(&settings.project, tenant, place, &mut say)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The error and what caused it, on stderr.
fn complain(error: &dyn Error) {
    let style = AnsiColor::Red.on_default().bold();
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{style}error{style:#}: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = writeln!(err, "  caused by: {inner}");
        cause = inner.source();
    }
}
