//! What a likelihood asks of data.

pub(crate) mod equations;

use nalgebra::{SMatrix, SVector};

use crate::algebra::factored::Apart;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::{Cholesky, crosses};
use crate::linalg::information_matrix::Square;
use crate::linalg::kernel::{MANY, add_scaled, combination, product};
use crate::reml::reference::Reference;
use crate::reml::sample::equations::Equations;
use crate::reml::slopes::Slopes;

/// Data of which a likelihood can be made: a response vector with its design ([`Single`](crate::reml::single::Single)), or the subjects of a
/// [`Panel`](crate::reml::panel::Panel).
pub trait Sample<T: Real, const N: usize, const K: usize>: OwnRows<T, N, K> {}

impl<D: OwnRows<T, N, K>, T: Real, const N: usize, const K: usize> Sample<T, N, K> for D {}

/// Data in their own rows, which can be reduced, and what inference asks of them.
pub trait OwnRows<T: Real, const N: usize, const K: usize>: Data<T, N, K> {
    /// Whether they can be [reduced](Self::reduced): whether there is one class.
    const REDUCIBLE: bool;

    /// Gives the same data, weighted, in coordinates in which the first columns of a fixed design are R, and R.
    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output;

    /// Shows `each` Σ h gᵀ for the columns h and g with the numbers a ≤ b of H = V⁻¹X̃: what D is weighted with in an
    /// entry of Σ HᵀDH.
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

/// What is done with data in other coordinates, and with the design that comes of them.
pub trait OnData<T: Real, const D: usize, const K: usize> {
    /// The result.
    type Output;

    /// Takes the data.
    fn take<S: Data<T, D, K>>(self, data: S, design: &SMatrix<T, D, D>) -> Self::Output;
}

/// Data [X y] in the coordinates of a [`Reference`], as one or more classes of subjects that share a V.
///
/// A tilde is left out in the names: `beta` is β̃. Everything is by V/τ² for V, `c` is (X̃ᵀV⁻¹X̃)⁻¹ by it, and ỹ is
/// returned as y/τ.
pub trait Data<T: Real, const N: usize, const K: usize> {
    /// A factor of V for each class.
    type Factors: AsRef<[Factor<T, N>]> + AsMut<[Factor<T, N>]>;

    /// Whether score and average information multiply the derivatives of V with a single vector.
    const ONE_VECTOR: bool;

    /// Those of V = I.
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
    fn reference(&self) -> &Reference<T, K>;

    /// Σ aᵀb for columns a ≤ b of [X̃ ỹ], of which ỹ has the number K.
    fn product(&self, a: usize, b: usize) -> T;

    /// Those of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Factors) -> Equations<T, K>;

    /// Σ eᵀV⁻¹e for e = ỹ − X̃β̃.
    fn quadratic(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> T;

    /// Σ (uuᵀ − x V⁻¹ + H C Hᵀ) with u = V⁻¹e and H = V⁻¹X̃, after [`quadratic`](Self::quadratic) of the same β̃; without the last term where there is no C.
    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N>;

    /// \[\[½ yᵀP ∂ₖV P ∂ₗV P y\]\], after [`quadratic`](Self::quadratic) of the same β̃.
    fn average<S: Slopes<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<S::Params, T>;

    /// \[\[½ tr(P ∂ₖV P ∂ₗV)\]\]; with V⁻¹ for P where there is no C.
    fn expected<S: Slopes<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<S::Params, T>;
}

/// V/τ² of a class of subjects, factored over the rows that they have, for a power of two τ² of the size of V: so
/// neither V⁻¹ nor what is made of it leaves the range of the scalar.
#[derive(Clone, Copy, Debug)]
pub struct Factor<T, const N: usize> {
    pub(crate) cholesky: Cholesky<T, N>,
    /// τ
    pub(crate) tau: T,
    /// (V/τ²)⁻¹ over the observed rows, zero elsewhere; after [`invert`](Self::invert).
    pub(crate) inverse: SMatrix<T, N, N>,
    /// Whether it is that of the factor.
    inverted: bool,
    pub(crate) observed: [bool; N],
    /// How many observations there are of each row.
    pub(crate) counts: [T; N],
}

impl<T: Real, const N: usize> Factor<T, N> {
    pub(crate) fn unit(observed: [bool; N], subjects: usize) -> Self {
        let subjects = nalgebra::convert::<_, T>(subjects as f64);
        Self {
            cholesky: Cholesky::identity(),
            tau: T::one(),
            inverse: SMatrix::zeros(),
            inverted: false,
            observed,
            counts: observed.map(|observed| if observed { subjects } else { T::zero() }),
        }
    }

    /// Whether there are observations.
    pub(crate) fn is_used(&self) -> bool {
        self.observed.contains(&true)
    }

    /// s/τ, which takes ỹ to y/τ.
    pub(crate) fn scale<const K: usize>(&self, reference: &Reference<T, K>) -> T {
        reference.scale() / self.tau
    }

    /// Whether there are observations of every row.
    pub(crate) fn is_complete(&self) -> bool {
        self.observed.iter().all(|&observed| observed)
    }

    /// Takes another V, factored apart.
    pub(crate) fn take(&mut self, apart: &Apart<T, N, N>, tau: T) {
        self.cholesky.take(&apart.root, tau);
        self.inverse = apart.inverse.map(|x| x * tau * tau);
        self.inverted = true;
    }

    /// Takes another V/τ².
    ///
    /// # Errors
    ///
    /// [`Error::NotPositiveDefinite`] with the first row that depends on those before it.
    pub(crate) fn factor(&mut self, v: &SMatrix<T, N, N>) -> Result<(), Error> {
        self.inverted = false;
        let not_definite = |row| Error::NotPositiveDefinite { row };
        if self.is_complete() {
            return self.cholesky.factor(v).map_err(not_definite);
        }
        // Missing rows are those of the identity: they change neither determinant nor solutions.
        let kept = |i: usize, j: usize| self.observed[i] && self.observed[j];
        let unit = |i: usize, j: usize| if i == j { T::one() } else { T::zero() };
        let masked = SMatrix::from_fn(|i, j| if kept(i, j) { v[(i, j)] } else { unit(i, j) });
        self.cholesky.factor(&masked).map_err(not_definite)
    }

    /// L with L Lᵀ = V over the observed rows, zero elsewhere.
    pub(crate) fn observed_root(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.root())
    }

    /// L⁻¹ over the observed rows, zero elsewhere.
    pub(crate) fn observed_inverse_root(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.inverse_root().transpose())
    }

    /// A matrix whose other rows and columns are those of the identity, with zeros there.
    fn over_observed(&self, mut matrix: SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        for (j, column) in matrix.data.0.iter_mut().enumerate() {
            if !self.observed[j] {
                column[j] = T::zero();
            }
        }
        matrix
    }

    /// V⁻¹ B V⁻¹.
    #[inline(never)]
    pub(crate) fn weighted(&self, b: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        self.add_weighted(b, &mut out);
        out
    }

    /// Adds V⁻¹ B V⁻¹.
    pub(crate) fn add_weighted(&self, b: &SMatrix<T, N, N>, out: &mut SMatrix<T, N, N>) {
        if const { N >= MANY } {
            if !self.add_weighted_crosses(b, out) {
                *out += product(&product(&self.inverse, b), &self.inverse);
            }
            return;
        }
        for (out, column) in out.data.0.iter_mut().zip(&self.inverse.data.0) {
            let product = combination(&self.inverse, &combination(b, column));
            for (out, x) in out.iter_mut().zip(product) {
                *out += x;
            }
        }
    }

    /// The same for a B of few ranks, as few subjects make it: of p qᵀ it is V⁻¹p (V⁻¹q)ᵀ. Whether it was one.
    fn add_weighted_crosses(&self, b: &SMatrix<T, N, N>, out: &mut SMatrix<T, N, N>) -> bool {
        let most = N / MANY;
        let Some(&subjects) = self.counts.iter().find(|count| !count.is_zero()) else {
            return true;
        };
        if subjects > nalgebra::convert(most as f64) {
            return false;
        }
        let mut sum = SMatrix::<T, N, N>::zeros();
        let few = crosses(*b, most, |p, q| {
            let (p, q) = (combination(&self.inverse, p), combination(&self.inverse, q));
            for (sum, &q) in sum.data.0.iter_mut().zip(&q) {
                add_scaled(sum, q, &p);
            }
        });
        if few {
            *out += sum;
        }
        few
    }

    /// Adds x V⁻¹ for each observation.
    pub(crate) fn add_inverse(&self, x: T, out: &mut SMatrix<T, N, N>) {
        self.add_for_each(&self.inverse, x, out);
    }

    /// Adds x A for each observation, by the columns of A.
    pub(crate) fn add_for_each(&self, a: &SMatrix<T, N, N>, x: T, out: &mut SMatrix<T, N, N>) {
        for ((out, a), &count) in out.data.0.iter_mut().zip(&a.data.0).zip(&self.counts) {
            add_scaled(out, count * x, a);
        }
    }

    pub(crate) fn invert(&mut self) {
        if !self.inverted {
            self.inverse = self.over_observed(self.cholesky.inverse());
            self.inverted = true;
        }
    }
}

/// What rounding makes of a zero that is a difference of ones.
pub(crate) fn rounding<T: Real, const N: usize>() -> T {
    T::default_epsilon() * nalgebra::convert(16.0 * N as f64)
}
