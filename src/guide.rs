//! Pages to read: the algebra, how to choose a structure, estimation, and where others do the same.
//!
//! | page | answers |
//! |---|---|
//! | [`covariance_algebra`] | what every structure and operator is, by formula and source, and how its derivatives are made |
//! | [`choosing_a_structure`] | which V for which data, what it costs, and where it degenerates |
//! | [`estimation`] | what is maximised, what an outcome means, which test to use |
//! | [`coming_from`] | models of torch-openreml, lme4, nlme, mmrm and ASReml in this crate, with the numbers of both |
//! | [`performance`] | what it costs on a computer, against what, and where the goal is missed |
//! | [`microcontroller`] | what it takes and costs on a chip |
//!
//! The examples on these pages are tests.

pub mod choosing_a_structure;
pub mod coming_from;
pub mod covariance_algebra;
pub mod estimation;
pub mod microcontroller;
pub mod performance;
