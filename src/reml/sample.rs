//! The interface between the data and the likelihood.

pub(crate) mod equations;

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::reml::factor::Factor;
use crate::reml::sample::equations::Equations;
use crate::reml::standardisation::Standardisation;
use crate::reml::v_derivatives::VDerivatives;

/// Data of which a likelihood can be made: a response vector with its design
/// ([`Single`](crate::Single)), or the subjects of a [`Panel`](crate::Panel).
pub trait Sample<T: Real, const N: usize, const K: usize>: OwnRows<T, N, K> {}

impl<D: OwnRows<T, N, K>, T: Real, const N: usize, const K: usize> Sample<T, N, K> for D {}

/// Data in their own rows, which can be reduced, and what inference asks of them.
pub trait OwnRows<T: Real, const N: usize, const K: usize>: Data<T, N, K> {
    /// `true` if they can be [reduced](Self::reduced): whether there is one class.
    const REDUCIBLE: bool;

    /// Gives the same data, weighted, in coordinates in which the first columns of a fixed design
    /// are R, and R.
    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output;

    /// Shows `each` Σ h gᵀ for the columns h and g with the numbers a ≤ b of H = V⁻¹X̃: what D is
    /// weighted with in an entry of Σ HᵀDH.
    fn design_weights(
        &self,
        factors: &Self::Factors,
        each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    );

    /// Σ Hᵀ D V⁻¹ E H for symmetric D and E.
    fn design_products(
        &self,
        factors: &Self::Factors,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K>;

    /// Σ P D P for a symmetric D, of each subject its own block.
    fn sandwich(
        &self,
        factors: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N>;
}

/// A function of data in other coordinates, and of the design in them.
pub trait OnData<T: Real, const D: usize, const K: usize> {
    /// The result.
    type Output;

    /// Takes the data.
    fn take<S: Data<T, D, K>>(self, data: S, design: &SMatrix<T, D, D>) -> Self::Output;
}

/// Data [X y] in the coordinates of a [`Standardisation`], as one or more classes of subjects that
/// share a V.
///
/// A tilde is left out in the names: `beta` is β̃. Everything is by V/τ² for V, `c` is (X̃ᵀV⁻¹X̃)⁻¹
/// by it, and ỹ is returned as y/τ.
pub trait Data<T: Real, const N: usize, const K: usize> {
    /// A factor of V for each class.
    type Factors: AsRef<[Factor<T, N>]> + AsMut<[Factor<T, N>]>;

    /// `true` if score and average information multiply the derivatives of V with a single vector.
    const ONE_VECTOR: bool;

    /// Returns the factors of V = I.
    fn unit_factors(&self) -> Self::Factors;

    /// n.
    fn observations(&self) -> usize;

    /// n, as a scalar.
    fn count(&self) -> T {
        nalgebra::convert(self.observations() as f64)
    }

    /// The largest |y|.
    fn largest(&self) -> T;

    /// Σ log w, where observations have weights: X̃ and ỹ are then multiplied by their roots.
    fn log_weights(&self) -> T;

    /// The coordinates.
    fn reference(&self) -> &Standardisation<T, K>;

    /// Σ aᵀb for columns a ≤ b of [X̃ ỹ], of which ỹ has the number K.
    fn product(&self, a: usize, b: usize) -> T;

    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Factors) -> Equations<T, K>;

    /// Σ eᵀV⁻¹e for e = ỹ − X̃β̃.
    fn quadratic(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> T;

    /// Σ (uuᵀ − x V⁻¹ + H C Hᵀ) with u = V⁻¹e and H = V⁻¹X̃, after [`quadratic`](Self::quadratic)
    /// of the same β̃; without the last term where there is no C.
    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N>;

    /// \[\[½ yᵀP ∂ₖV P ∂ₗV P y\]\], after [`quadratic`](Self::quadratic) of the same β̃.
    fn average<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<S::Params, T>;

    /// \[\[½ tr(P ∂ₖV P ∂ₗV)\]\]; with V⁻¹ for P where there is no C.
    fn expected<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<S::Params, T>;
}
