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

    /// For all a ≤ b, calls `each` with a, b and the N×N matrix Σ hₐ h_bᵀ, summed over subjects.
    /// Here, hₐ is column a of the matrix H = V⁻¹X̃, where X̃ is the transformed design of a
    /// subject. The inner product of a symmetric N×N matrix D and Σ hₐ h_bᵀ is entry (a, b) of Σ
    /// HᵀDH, where hₐ is column a of H.
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

    /// Returns the sum over subjects of the diagonal blocks of P D P, where P is the matrix of
    /// [`Criterion`](crate::reml::Criterion) and D is a block diagonal matrix. Each subject has one
    /// block in D, which is the given symmetric matrix.
    fn sandwich(
        &self,
        factors: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N>;
}

/// A callback that receives transformed data, and the design of the random effects after the same
/// transformation.
pub trait OnData<T: Real, const D: usize, const K: usize> {
    /// The result of the callback.
    type Output;

    /// Computes the result from the transformed data and the transformed design of the random
    /// effects.
    fn take<S: Data<T, D, K>>(self, data: S, design: &SMatrix<T, D, D>) -> Self::Output;
}

/// Data [X y] of one or more classes of subjects, in the coordinates of a [`Standardisation`]. A
/// class consists of the subjects that are observed in the same rows and therefore have the same V.
///
/// The argument `beta` of a method is β̃, the coefficients of the transformed design X̃. The
/// argument `c` is the matrix C = (X̃ᵀV⁻¹X̃)⁻¹. All formulas use V/τ² in place of V and y/τ in
/// place of y, where τ² is a power of two near the largest entry of V.
pub trait Data<T: Real, const N: usize, const K: usize> {
    /// The Cholesky factors of V, one for each class of subjects with the same V.
    type Factors: AsRef<[CovarianceFactor<T, N>]> + AsMut<[CovarianceFactor<T, N>]>;

    /// `true` if the score and the average information need the product of each derivative of V
    /// with only one vector.
    const ONE_VECTOR: bool;

    /// Returns the Cholesky factors for the identity matrix as V.
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

    /// Returns the standardisation that transforms the data X and y to X̃ and ỹ.
    fn reference(&self) -> &Standardisation<T, K>;

    /// Returns the inner product of columns a ≤ b of the transformed data [X̃ ỹ], summed over
    /// subjects. Column K is ỹ.
    fn product(&self, a: usize, b: usize) -> T;

    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Factors) -> Equations<T, K>;

    /// Returns the sum Σ eᵀV⁻¹e over subjects, where e = ỹ − X̃β̃ are the residuals of a subject.
    fn quadratic(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> T;

    /// Returns the sum over subjects of the following matrix, where X̃ and ỹ are the transformed
    /// data of a subject:
    ///
    /// ```text
    /// uuᵀ − x V⁻¹ + H C Hᵀ        u = V⁻¹(ỹ − X̃β̃),   H = V⁻¹X̃
    /// ```
    ///
    /// If `c` is `None`, the term H C Hᵀ is omitted from the matrix. Callers must call
    /// [`quadratic`](Self::quadratic) with the same `beta` first.
    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N>;

    /// Returns the average information matrix, which has the entries ½ yᵀP ∂ₖV P ∂ₗV P y with the
    /// matrix P of [`Criterion`](crate::reml::Criterion). Callers must call
    /// [`quadratic`](Self::quadratic) with the same `beta` first.
    fn average<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<S::ParamCount, T>;

    /// Returns the expected information matrix, which has the entries ½ tr(P ∂ₖV P ∂ₗV) with the
    /// matrix P of [`Criterion`](crate::reml::Criterion). If `c` is `None`, V⁻¹ replaces P, as
    /// maximum likelihood requires.
    fn expected<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<S::ParamCount, T>;
}
