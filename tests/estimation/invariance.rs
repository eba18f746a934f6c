//! Laws of invariance: what a fit is in other units of measurement, other columns of X, and another order of the data.

mod data;
mod known;
mod laws;
mod structure;
mod subjects;
mod table;

use crate::common::listing::assert_every_matrix_is_in;

use self::data::{Likelihood, Scalar};
use self::laws::{Cell, LAWS, Law};
use self::structure::{Closed, Structure};

/// Data sets for each structure and likelihood.
const SEEDS: std::ops::Range<u64> = 0..2;

/// Checks all laws of a structure. Those that are known to fail must fail.
fn check(structure: &Structure, likelihoods: &[Likelihood]) {
    let mut wrong = Vec::new();
    for &likelihood in likelihoods {
        for scalar in [Scalar::Double, Scalar::Single] {
            if scalar == Scalar::Single && structure.single.is_none() {
                continue;
            }
            let mut cell = Cell::new(structure, likelihood, scalar);
            let others = known::SEEDS.iter().filter(|(name, _)| *name == structure.name);
            for seed in SEEDS.chain(others.map(|&(_, seed)| seed)) {
                cell.check(seed, seed == 0);
            }
            for law in LAWS {
                let cases = cell.cases[law as usize];
                let applies = match law {
                    Law::Distances => structure.closed.contains(&Closed::Distances),
                    Law::Rows => structure.closed.contains(&Closed::Rows),
                    Law::PowersOfTwo | Law::PowersOfTen | Law::Sign => true,
                    Law::Columns | Law::Order | Law::Shift => likelihood != Likelihood::Kalman,
                    Law::Merging => likelihood != Likelihood::Kalman && !structure.is_own,
                    Law::Designs => structure.closed.contains(&Closed::Designs),
                    Law::Precision => structure.is_own && scalar == Scalar::Single,
                    Law::Visits
                    | Law::Unobserved
                    | Law::ZeroWeights
                    | Law::EmptySubject
                    | Law::Workspace
                    | Law::OnePanel
                    | Law::Start => structure.is_own,
                };
                assert_eq!(cases > 0, applies, "{law:?} of {}", structure.name);
                let of_law = cell.failures.iter().filter(|(of, _)| *of == law);
                let failures: Vec<&str> = of_law.map(|(_, why)| why.as_str()).collect();
                let is_known = known::is_known(structure.name, likelihood, scalar, law);
                if is_known == failures.is_empty() {
                    let head =
                        format!("({:?}, {likelihood:?}, {scalar:?}, {law:?})", structure.name);
                    wrong.push(if is_known {
                        format!("{head} holds now, and is on the list of known failures")
                    } else {
                        let first: Vec<&str> = failures.iter().take(4).copied().collect();
                        format!(
                            "{head}: {} of {cases}\n    {}",
                            failures.len(),
                            first.join("\n    ")
                        )
                    });
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A public matrix that is missing from the table fails here.
#[test]
fn every_matrix_is_in_the_table() {
    assert_every_matrix_is_in(table::MODELS);
}

/// A name that is not in the table fails here.
#[test]
fn known_failures_are_of_structures() {
    for (name, ..) in known::FAILURES {
        assert!(table::is_in_table(name), "{name}");
    }
}
