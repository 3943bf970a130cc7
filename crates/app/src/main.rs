//! The program `app`; everything is in the library.

use std::process::ExitCode;

use app::cli::Cli;
use app::settings::Surroundings;
use clap::Parser;
use mimalloc::MiMalloc;

/// A synthesis makes and lets go some twenty thousand small texts for each tenant, on every core: with the system's allocator that was two
/// fifths of its instructions. Way back: this item.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    app::run(&Cli::parse(), &Surroundings::read())
}
