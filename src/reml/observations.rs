//! The interface between the data and the likelihood.

pub(crate) mod equations;

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::observations::equations::Equations;
use crate::reml::standardisation::Standardisation;
use crate::reml::v_derivatives::VDerivatives;

/// Data that have a likelihood: a response vector with its design
/// ([`ResponseVector`](crate::reml::ResponseVector)), or the subjects of a
/// [`Panel`](crate::reml::Panel).
#[doc(alias = "data")]
pub trait Observations<T: Real, const N: usize, const K: usize>: OwnRows<T, N, K> {}

impl<D: OwnRows<T, N, K>, T: Real, const N: usize, const K: usize> Observations<T, N, K> for D {}

/// Data in their original rows, with methods to reduce them to fewer rows and to compute the
/// products that inference needs.
pub trait OwnRows<T: Real, const N: usize, const K: usize>: Data<T, N, K> {
    /// `true` if the data can be [reduced](Self::reduced) to fewer rows, because all subjects are
    /// seen at the same visits.
    const REDUCIBLE: bool;

    /// Calls `f` with the same data, weighted, in coordinates in which the first `columns` columns
    /// of a fixed design are an upper triangular matrix R. The callback is passed R, too.
    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output;

    /// Calls `each` with a, b and the N×N matrix Σ hₐ h_bᵀ, for all columns a ≤ b of H = V⁻¹X̃.
    /// Entry (a, b) of Σ HᵀDH is the inner product of D and Σ hₐ h_bᵀ.
    fn design_weights(
        &self,
        factors: &Self::Factors,
        each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    );

    /// Returns Σ Hᵀ D V⁻¹ E H with H = V⁻¹X̃, for symmetric D and E.
    fn design_products(
        &self,
        factors: &Self::Factors,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K>;

    /// Returns the sum of the diagonal blocks of P D P, one for each subject, where every diagonal
    /// block of D is the given symmetric matrix.
    fn sandwich(
        &self,
        factors: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N>;
}

/// A callback that is passed data in other coordinates, and the design in the same coordinates.
pub trait OnData<T: Real, const D: usize, const K: usize> {
    /// The result.
    type Output;

    /// Computes the result from the data and the design.
    fn take<S: Data<T, D, K>>(self, data: S, design: &SMatrix<T, D, D>) -> Self::Output;
}

/// Data [X y] in the coordinates of a [`Standardisation`], divided into one or more classes of
/// subjects. All subjects of a class have the same V.
///
/// Names omit the tilde: `beta` is β̃. The argument `c` is C = (X̃ᵀV⁻¹X̃)⁻¹. All formulas use V/τ²
/// in place of V, and residuals are those of y/τ.
pub trait Data<T: Real, const N: usize, const K: usize> {
    /// The factors of V, one for each class of subjects.
    type Factors: AsRef<[CovarianceFactor<T, N>]> + AsMut<[CovarianceFactor<T, N>]>;

    /// `true` if the score and the average information multiply the derivatives of V by a single
    /// vector.
    const ONE_VECTOR: bool;

    /// Returns the factors of V = I.
    fn unit_factors(&self) -> Self::Factors;

    /// Returns the number of observations n.
    fn observations(&self) -> usize;

    /// Returns the number of observations n as a scalar.
    fn count(&self) -> T {
        nalgebra::convert(self.observations() as f64)
    }

    /// Returns the largest |y| of the data.
    fn largest(&self) -> T;

    /// Returns Σ log w over the weights w of the observations. The rows of X̃ and ỹ are multiplied
    /// by √w if they have weights.
    fn log_weights(&self) -> T;

    /// Returns the coordinates of the data.
    fn reference(&self) -> &Standardisation<T, K>;

    /// Returns Σ aᵀb for columns a ≤ b of [X̃ ỹ], where ỹ is column K.
    fn product(&self, a: usize, b: usize) -> T;

    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Factors) -> Equations<T, K>;

    /// Returns Σ eᵀV⁻¹e for e = ỹ − X̃β̃.
    fn quadratic(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> T;

    /// Returns Σ (uuᵀ − x V⁻¹ + H C Hᵀ) with u = V⁻¹(ỹ − X̃β̃) and H = V⁻¹X̃. The term H C Hᵀ is
    /// omitted if `c` is `None`. Callers must call [`quadratic`](Self::quadratic) with the same β̃
    /// first.
    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N>;

    /// Returns the average information \[\[½ yᵀP ∂ₖV P ∂ₗV P y\]\]. Callers must call
    /// [`quadratic`](Self::quadratic) with the same β̃ first.
    fn average<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<S::ParamCount, T>;

    /// Returns the expected information \[\[½ tr(P ∂ₖV P ∂ₗV)\]\], with V⁻¹ in place of P if `c` is
    /// `None`.
    fn expected<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<S::ParamCount, T>;
}
