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

    /// Transforms the weighted data to coordinates in which the first `columns` columns of the
    /// fixed design Z form an upper triangular matrix R, and calls `f` with the transformed data
    /// and R.
    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output;

    /// For all columns a ≤ b of H = V⁻¹X̃, where X̃ is the transformed design, calls `each` with a,
    /// b and the N×N matrix Σ hₐ h_bᵀ, the sum over subjects. For any symmetric N×N matrix D, entry
    /// (a, b) of Σ HᵀDH is the inner product of D and Σ hₐ h_bᵀ, where hₐ is column a of H.
    fn design_weights(
        &self,
        factors: &Self::Factors,
        each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    );

    /// Returns the sum Σ Hᵀ D V⁻¹ E H over subjects, where H = V⁻¹X̃ for the transformed design X̃
    /// of a subject, and D and E are given symmetric matrices.
    fn design_products(
        &self,
        factors: &Self::Factors,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K>;

    /// Returns the sum over subjects of the diagonal blocks of P D P. The matrix D is block
    /// diagonal, with the given symmetric matrix as the block of each subject, and P is the matrix
    /// of [`Criterion`](crate::reml::Criterion).
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
/// The argument `beta` of a method is β̃, the coefficients of the transformed design X̃. The
/// argument `c` is the matrix C = (X̃ᵀV⁻¹X̃)⁻¹. All formulas use V/τ² in place of V and y/τ in
/// place of y, where τ² is a power of two of the size of V.
pub trait Data<T: Real, const N: usize, const K: usize> {
    /// The Cholesky factors of V, one for each class of subjects.
    type Factors: AsRef<[CovarianceFactor<T, N>]> + AsMut<[CovarianceFactor<T, N>]>;

    /// `true` if the score and the average information need the product of each derivative of V
    /// with only one vector.
    const ONE_VECTOR: bool;

    /// Returns the Cholesky factors of V if V is the identity matrix.
    fn unit_factors(&self) -> Self::Factors;

    /// Returns the number of observations n.
    fn observations(&self) -> usize;

    /// Returns the number of observations n as a scalar.
    fn count(&self) -> T {
        nalgebra::convert(self.observations() as f64)
    }

    /// Returns the largest |y| of the data.
    fn largest(&self) -> T;

    /// Returns the sum of log w over the weights w of the observations. If observations have
    /// weights, the rows of the transformed data X̃ and ỹ are multiplied by √w.
    fn log_weights(&self) -> T;

    /// Returns the coordinates of the data.
    fn reference(&self) -> &Standardisation<T, K>;

    /// Returns the sum Σ aᵀb over subjects for columns a ≤ b of the transformed data [X̃ ỹ], where
    /// ỹ is column K.
    fn product(&self, a: usize, b: usize) -> T;

    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Factors) -> Equations<T, K>;

    /// Returns the sum Σ eᵀV⁻¹e over subjects, where e = ỹ − X̃β̃ are the residuals of a subject.
    fn quadratic(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> T;

    /// Returns the sum Σ (uuᵀ − x V⁻¹ + H C Hᵀ) over subjects, where u = V⁻¹(ỹ − X̃β̃) and H =
    /// V⁻¹X̃ for the transformed data X̃ and ỹ of a subject. If `c` is `None`, the term H C Hᵀ is
    /// omitted. Callers must call [`quadratic`](Self::quadratic) with the same β̃ first.
    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N>;

    /// Returns the average information matrix, which has the entries ½ yᵀP ∂ₖV P ∂ₗV P y. Callers
    /// must call [`quadratic`](Self::quadratic) with the same β̃ first.
    fn average<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<S::ParamCount, T>;

    /// Returns the expected information matrix, which has the entries ½ tr(P ∂ₖV P ∂ₗV). If `c` is
    /// `None`, V⁻¹ replaces P.
    fn expected<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<S::ParamCount, T>;
}
