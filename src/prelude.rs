//! The names that most programs use, in one import.
//!
//! `use covprop::prelude::*` brings the traits whose methods are called, the operators and
//! structures of which models are made, and the types of an estimation. It brings nalgebra too,
//! with `matrix!` and `vector!`, so that a crate needs no other dependency. It leaves out
//! [`Error`](crate::Error), [`Sum`](crate::Sum), [`Product`](crate::Product) and other names that a
//! program may have itself; they are at the root of the crate.
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

pub use crate::algebra::matrix::ParamMatrix;
pub use crate::algebra::matrix::ext::ParamMatrixExt;
pub use crate::algebra::shape::Shape;
pub use crate::composed::ante_dependence::AnteDependenceMatrix;
pub use crate::composed::banded_toeplitz::BandedToeplitzMatrix;
pub use crate::composed::factor_analytic::FactorAnalyticMatrix;
pub use crate::composed::heterogeneous::{
    HeterogeneousAr1Matrix, HeterogeneousCompoundSymmetricMatrix,
};
pub use crate::composed::isotropic::{ExponentialMatrix, GaussianMatrix, MaternMatrix};
pub use crate::composed::known::KnownScaledMatrix;
pub use crate::composed::log_cholesky::LogCholeskyMatrix;
pub use crate::composed::toeplitz::ToeplitzMatrix;
pub use crate::inference::kenward_roger::{BoundaryTangent, KenwardRogerMethod};
pub use crate::inference::likelihood_ratio::LikelihoodRatio;
pub use crate::kalman::estimation::EstimateNoise;
pub use crate::kalman::linear_gaussian::LinearGaussian;
pub use crate::kalman::state_space::StateSpace;
pub use crate::operator::augment::Augment;
pub use crate::operator::block_diagonal::BlockDiagonal;
pub use crate::operator::constrained::{Constrained, Source};
pub use crate::operator::covariance_propagation::CovariancePropagation;
pub use crate::operator::gram::OuterGram;
pub use crate::operator::hadamard::HadamardProduct;
pub use crate::operator::inverse::Inverse;
pub use crate::operator::kronecker::KroneckerProduct;
pub use crate::operator::named::named;
pub use crate::operator::stack::Stack;
pub use crate::operator::sum::Plus;
pub use crate::operator::transpose::Transpose;
pub use crate::optimise::outcome::{Edge, Outcome};
pub use crate::reml::criterion::Criterion;
pub use crate::reml::model::{Marginal, MixedModel, Model};
pub use crate::reml::panel::Panel;
pub use crate::structure::ar1::Ar1Matrix;
pub use crate::structure::diagonal::DiagonalMatrix;
pub use crate::structure::distances::Distances;
pub use crate::structure::dummy::DummyMatrix;
pub use crate::structure::equicorrelation::CompoundSymmetricMatrix;
pub use crate::structure::group_variance::GroupVarianceMatrix;
pub use crate::structure::identity::IdentityMatrix;
pub use crate::structure::known::KnownMatrix;
pub use crate::structure::scalar::ScalarMatrix;
pub use crate::structure::unconstrained::UnconstrainedMatrix;
pub use crate::structure::weighted::WeightedMatrix;
pub use crate::transform::affine::Identity;
pub use crate::transform::exponential::Exp;
pub use crate::transform::power::Pow;
pub use crate::transform::sigmoid::Sigmoid;
