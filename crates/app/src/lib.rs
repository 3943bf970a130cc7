#![doc = include_str!("../README.md")]

mod artifacts;
pub mod build;
pub mod capacity;
pub mod cli;
pub mod diagram;
mod documents;
pub mod ended;
pub mod events;
mod explain;
mod file;
pub mod fleet;
mod in_order;
pub mod init;
mod inspect;
pub mod local;
pub mod manual;
pub mod output;
pub mod proof;
mod read;
mod recorded;
pub mod release;
pub mod settings;
mod show;
pub mod stacks;
pub mod synth;
pub mod tenants;
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
            if cli.common.format == cli::Format::Json
                && let Some(ended) = ended::Ended::of(cli.command.as_ref(), error.as_ref())
            {
                // Who closed stdout does not want to know.
                let _ = show::print(cli::Format::Json, &ended, |_| Ok(()));
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: &Cli, surroundings: &Surroundings) -> Result<ExitCode, Box<dyn Error>> {
    let settings = || Settings::load(&cli.common.flags(), surroundings);
    let format = cli.common.format;
    match &cli.command {
        None | Some(Command::Synth) => {
            let report = synth::run(&settings()?)?;
            show::print(format, &report, |out| show::report(out, &report))?;
        }
        Some(Command::List(selection)) => {
            let stacks = inspect::stacks(&settings()?, selection)?;
            show::print(format, &stacks, |out| show::stacks(out, &stacks.stacks))?;
        }
        Some(Command::Plan(flags)) => {
            let settings = settings()?;
            let context = fleet::Context::new(&settings, surroundings, &cli.common, &flags.running)?;
            return conclude(format, &fleet::plan(&context, flags)?);
        }
        Some(Command::Deploy(flags)) => {
            let settings = settings()?;
            let context = fleet::Context::new(&settings, surroundings, &cli.common, &flags.running)?;
            return conclude(format, &fleet::deploy(&context, flags)?);
        }
        Some(Command::Destroy(flags)) => {
            let settings = settings()?;
            let context = fleet::Context::new(&settings, surroundings, &cli.common, &flags.running)?;
            return conclude(format, &fleet::destroy(&context, flags)?);
        }
        Some(Command::Outputs(flags)) => {
            let settings = settings()?;
            match fleet::outputs(&settings, surroundings, &cli.common, flags)? {
                Some(values) => {
                    let file = flags.output_file.as_deref();
                    file.map_or(Ok(()), |file| values.write(file))?;
                    show::print(format, &values, |out| fleet::values::show(out, &values, file))?;
                }
                None => {
                    let outputs = inspect::outputs(&settings, &flags.selection)?;
                    show::print(format, &outputs, |out| inspect::show_outputs(out, &outputs))?;
                }
            }
        }
        Some(Command::Verify { dir }) => {
            let output = || settings::output(&cli.common.flags(), surroundings);
            let verified = verify::run(&dir.clone().unwrap_or_else(output))?;
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
        Some(Command::Capacity(asked)) => {
            let report = capacity::run(&settings()?, surroundings, asked)?;
            show::print(format, &report, |out| capacity::show(out, &report))?;
            if !report.fits {
                return Ok(ExitCode::FAILURE);
            }
        }
        Some(Command::Build { architecture, source }) => {
            let project = settings()?.project;
            let built = build::source::run(source.as_deref(), &project, (*architecture).into(), &mut show::say)?;
            show::print(format, &built, |out| inspect::show_artifacts(out, &built))?;
        }
        Some(Command::Release(flags)) => {
            let made = release::run(flags, &settings()?, surroundings, &mut show::say)?;
            show::print(format, &made, |out| release::show(out, &made))?;
        }
        Some(Command::Tenants(command)) => {
            tenants::run(command, &cli.common.flags(), surroundings, format, &mut show::say)?;
        }
        Some(Command::Events(command)) => {
            if !events::run(command, &cli.common.flags(), surroundings, format, &mut show::say)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Some(Command::Diagram { tenant, .. }) => {
            let diagram = diagram::run(&settings()?, tenant.as_deref())?;
            show::print(format, &diagram, |out| diagram::show(out, &diagram, format))?;
        }
        Some(Command::Init { dir }) => {
            let done = init::run(dir, &cli.common.flags(), surroundings)?;
            show::print(format, &done, |out| init::show(out, &done))?;
        }
        Some(Command::Completions { shell }) => show::write(&manual::completions(*shell))?,
        Some(Command::Man { dir: None }) => show::write(&manual::page()?)?,
        Some(Command::Man { dir: Some(dir) }) => {
            let pages = manual::pages(dir)?;
            show::print(format, &pages, |out| manual::show(out, &pages))?;
        }
        Some(Command::Api { tenant, port, endpoint }) => {
            let settings = settings()?;
            let recorded = recorded::Recorded::read(&settings.output);
            let tenant = fleet::select::tenant(&settings.fleet, &recorded, tenant)?;
            let place = local::Place { port: *port, endpoint: *endpoint };
            local::serve(&settings.project, tenant, place, &mut show::say)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows what a run came to. The exit status is 1 if a stack failed or nothing was done, and 2 if something is not as it was left.
fn conclude(format: cli::Format, summary: &fleet::summary::Summary) -> Result<ExitCode, Box<dyn Error>> {
    show::print(format, summary, |out| fleet::summary::show(out, summary))?;
    Ok(match summary.succeeded && summary.not_done.is_none() {
        true if summary.count(runner::Status::Drifted) > 0 => ExitCode::from(2),
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
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
