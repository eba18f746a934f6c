//! The names that most programs use, in one import.
//!
//! `use covprop::prelude::*` imports the traits, operators and structures from which models are
//! built, and the types with which models are fitted. The prelude also exports nalgebra, with
//! `matrix!` and `vector!`, so a crate needs no dependency on nalgebra. The prelude leaves out
//! [`Error`](crate::Error), [`Sum`](crate::operator::Sum), [`Product`](crate::operator::Product)
//! and other names that could clash with names of the program. Import these names from their
//! modules.
//!
//! # Example: a variance between batches
//!
//! ```
//! use covprop::prelude::*;
//!
//! // two batches of three: mean squares 24 between, 1 within
//! let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
//! let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
//! let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
//! let fit = model.fit(&SVector::<f64, 6>::repeat(1.0), &y)?;
//! assert_eq!(fit.outcome, Outcome::Converged);
//! // (24 − 1)/3 and 1
//! assert!((fit.params[0] - 23.0 / 3.0).abs() < 1e-9 && (fit.params[1] - 1.0).abs() < 1e-9);
//! # Ok::<(), covprop::Error>(())
//! ```

pub use nalgebra::{self, SMatrix, SVector, matrix, vector};

pub use crate::algebra::{ParamMatrix, ParamMatrixExt, Real, Shape, Theta, Visitor};
pub use crate::inference::LikelihoodRatio;
pub use crate::kalman::{EstimateNoise, LinearGaussian, StateSpace};
pub use crate::operator::{
    Augment, BlockDiagonal, Constrained, CovariancePropagation, HadamardProduct, Inverse,
    KroneckerProduct, OuterGram, Plus, Source, Stack, Transpose, named,
};
pub use crate::optimise::{Edge, Outcome};
#[cfg(feature = "rayon")]
pub use crate::reml::ParallelFits;
pub use crate::reml::{Criterion, Marginal, MixedModel, Model, Panel, Subject, Subjects};
pub use crate::structure::{
    AnteDependenceMatrix, Ar1Matrix, BandedToeplitzMatrix, CompoundSymmetricMatrix, DiagonalMatrix,
    Distances, DummyMatrix, ExponentialMatrix, FactorAnalyticMatrix, GaussianMatrix,
    GroupVarianceMatrix, HeterogeneousAr1Matrix, HeterogeneousCompoundSymmetricMatrix,
    IdentityMatrix, KnownMatrix, KnownScaledMatrix, LogCholeskyMatrix, LowerTriangularMatrix,
    MaternMatrix, ScalarMatrix, ToeplitzMatrix, UnconstrainedMatrix, WeightedMatrix,
};
pub use crate::transform::{Identity, Transform};
