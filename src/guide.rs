//! The guide: pages on the algebra, the choice of a structure, estimation, other software, costs
//! and design.
//!
//! | page | content |
//! |---|---|
//! | [`covariance_algebra`] | the formula, parameters and source of every structure and operator, and the rules for their derivatives |
//! | [`choosing_a_structure`] | which V suits which data, how many parameters it has, and where it degenerates |
//! | [`estimation`] | what is maximised, what an outcome means, how precise estimates are, and which test to use |
//! | [`coming_from`] | models of lme4, nlme, mmrm, ASReml and torch-openreml written with covprop, with the results of both |
//! | [`compare`] | the strengths of typed-kalman, adskalman, SymForce, lme4, MixedModels.jl, mmrm and torch-openreml, one task in code on both sides, and when to choose which library |
//! | [`performance`] | measured costs on a computer, a comparison with other software, how to measure, and the limits |
//! | [`beyond_one_machine`] | subjects in files that are larger than the memory, many machines, and SQL |
//! | [`microcontroller`] | how to build for a microcontroller, and what each part costs in flash, stack and instructions |
//! | [`design`] | the reason for each design decision, its cost, and when it is the wrong choice |
//!
//! The examples on the pages of the guide are compiled and run as tests.

pub mod beyond_one_machine;
pub mod choosing_a_structure;
pub mod coming_from;
pub mod compare;
pub mod covariance_algebra;
pub mod design;
pub mod estimation;
pub mod microcontroller;
pub mod performance;
