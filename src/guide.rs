//! Pages to read: the algebra, the choice of a structure, estimation, other software, costs and
//! design.
//!
//! | page | answers |
//! |---|---|
//! | [`covariance_algebra`] | what every structure and operator is, by formula and source, and how its derivatives are made |
//! | [`choosing_a_structure`] | which V for which data, what it costs, and where it degenerates |
//! | [`estimation`] | what is maximised, what an outcome means, which test to use |
//! | [`coming_from`] | models of torch-openreml, lme4, nlme, mmrm and ASReml in this crate, with the numbers of both |
//! | [`compare`] | typed-kalman, adskalman, SymForce, lme4, MixedModels.jl, mmrm and torch-openreml: the strengths of each, one task in code on both sides, and when to choose which |
//! | [`performance`] | what things cost on a computer, against what, how to measure it, and where the limit is |
//! | [`microcontroller`] | what it takes and costs on a chip |
//! | [`design`] | why sizes are types, why libm, why no repair and other decisions, what each costs, and when it is the wrong choice |
//!
//! The examples on these pages are tests.

pub mod choosing_a_structure;
pub mod coming_from;
pub mod compare;
pub mod covariance_algebra;
pub mod design;
pub mod estimation;
pub mod microcontroller;
pub mod performance;
