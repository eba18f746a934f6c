//! The library against others who compute the same, in one process: ratios of times, the part of the physical
//! limit that is attained, and whether the goals are reached.
//!
//! ```text
//! cd benches/peers
//! cargo run --release                            everything
//! cargo run --release -- gradient reml           what has one of these words in its name
//! cargo run --release -- --quick V               fewer and shorter turns
//! ```
//!
//! All implementations of an operation agree to 1e-12 of the largest entry, or the program stops. Then they are
//! timed in turns, by the processor time of the thread; a ratio is the median over the turns of the time of the
//! peer by ours in the same turn, so that what disturbs the machine disturbs both. `attained` is the limit by the
//! tenth percentile of our time. The limit is the longer of the time of the multiplications and additions that
//! cannot be avoided at the rate of independent ones, and the time to fill the result with stores of 32 bytes,
//! both measured in the same turns.
//!
//! The peers: nalgebra's static matrices, faer and dual numbers (num-dual) here; Eigen with fixed sizes from
//! `eigen`, by g++ and clang++, which takes minutes to compile (`--no-default-features` leaves it out); torch-openreml and the programs of statistics from
//! `scripts/times.csv`, measured once.

mod covariance;
mod data;
mod fits;
mod goals;
mod limits;
mod operations;
mod peers;
mod recorded;
mod reml;
mod structures;
mod subjects;
mod table;
mod timing;

use goals::Measured;
use recorded::Recorded;
use timing::{Effort, median};

/// Of the thread: gradients are on the stack before they are in their place.
const STACK: usize = 256 << 20;

fn main() {
    let run = std::thread::Builder::new().stack_size(STACK).spawn(run);
    run.expect("a thread").join().expect("a run without disagreement");
}

fn run() {
    let (options, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let quick = options.iter().any(|option| option == "--quick");
    let effort = if quick {
        Effort { turns: 15, nanoseconds: 1e5 }
    } else {
        Effort { turns: 61, nanoseconds: 2.5e5 }
    };
    let wanted = |name: &str| {
        let contains = |word: &String| name.to_lowercase().contains(&word.to_lowercase());
        words.is_empty() || words.iter().any(contains)
    };

    let recorded = Recorded::read();
    let mut tables = operations::all(effort, &wanted);
    tables.extend(reml::all(effort, &wanted));
    let exponential = median(effort, limits::exponentials) / limits::EXPONENTIALS;
    println!("an exponential, of which each variance needs one: {exponential:.1} ns");
    println!("time of the peer / time of covprop, by size; mean: geometric");
    for table in &tables {
        table.print(&recorded);
    }
    let fits = fits::all(effort, &wanted);
    fits.print();
    Measured { tables: &tables, fits: &fits, recorded: &recorded }.print();
}
