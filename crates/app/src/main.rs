//! The program `app`; everything is in the library.

use std::process::ExitCode;

use app::cli::Cli;
use app::settings::Surroundings;
use clap::Parser;

fn main() -> ExitCode {
    app::run(&Cli::parse(), &Surroundings::read())
}
