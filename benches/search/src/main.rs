//! A study of the search: fits of simulated data under many models, from the default start and from random ones. See
//! `run.sh`.

mod check;
mod cone;
mod models;
mod problem;
mod report;
mod scenario;
mod slow;
mod study;
mod tally;

use std::process::ExitCode;

/// What is to be done.
struct Options {
    seed: u64,
    data_sets: usize,
    /// The only model shapes, by a part of their names.
    shape: Option<String>,
    /// The only data set.
    only: Option<usize>,
    /// Whether each kind of finding is listed.
    findings: bool,
}

const USAGE: &str =
    "options: [--quick | --data-sets N] [--seed S] [--shape NAME] [--only DATA_SET] [--findings]";

fn options() -> Option<Options> {
    let mut options =
        Options { seed: 20, data_sets: 500, shape: None, only: None, findings: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.data_sets = 20,
            "--data-sets" => options.data_sets = arguments.next()?.parse().ok()?,
            "--seed" => options.seed = arguments.next()?.parse().ok()?,
            "--shape" => options.shape = Some(arguments.next()?),
            "--only" => options.only = Some(arguments.next()?.parse().ok()?),
            "--findings" => options.findings = true,
            _ => return None,
        }
    }
    Some(options)
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut scenarios = models::all();
    if let Some(shape) = &options.shape {
        scenarios.retain(|scenario| scenario.name.contains(shape.as_str()));
    }
    if scenarios.is_empty() {
        eprintln!("no model shape has this name");
        return ExitCode::from(2);
    }
    report::head();
    let mut misses = Vec::new();
    let mut tallies = Vec::new();
    for scenario in &scenarios {
        let first = options.only.unwrap_or(0);
        let last = options.only.map_or(options.data_sets, |only| only + 1);
        let tally = study::study(scenario, options.seed, first..last);
        report::row(scenario, &tally);
        misses.extend(report::misses(scenario, &tally, scenarios.len()));
        tallies.push(tally);
    }
    if options.findings {
        for (scenario, tally) in scenarios.iter().zip(&tallies) {
            report::findings(scenario, tally, options.only.is_some());
        }
    }
    if !misses.is_empty() {
        println!();
    }
    for miss in &misses {
        println!("- {miss}");
    }
    if misses.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
