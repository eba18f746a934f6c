//! What a likelihood asks of data, and the data of one response vector.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use super::reference::Reference;
use super::square::Square;
use crate::cholesky::Cholesky;
use crate::{Error, ParamMatrix, Real, Theta};

/// Data of which a likelihood can be made: a response vector with its design ([`Single`]), or the subjects of a
/// [`Panel`](super::Panel).
pub trait Sample<T: Real, const N: usize, const K: usize>: Data<T, N, K> {}

impl<D: Data<T, N, K>, T: Real, const N: usize, const K: usize> Sample<T, N, K> for D {}

/// Data [X y] in the coordinates of a [`Reference`], as one or more classes of subjects that share a V.
///
/// A tilde is left out in the names: `beta` is β̃. Everything is by V/τ² for V, `c` is (X̃ᵀV⁻¹X̃)⁻¹ by it, and ỹ is
/// returned as y/τ.
pub trait Data<T: Real, const N: usize, const K: usize> {
    /// A factor of V for each class.
    type Factors: AsRef<[Factor<T, N>]> + AsMut<[Factor<T, N>]>;

    /// Those of V = I.
    fn unit_factors(&self) -> Self::Factors;

    /// n.
    fn observations(&self) -> usize;

    /// The largest |y|.
    fn largest(&self) -> T;

    /// The coordinates.
    fn reference(&self) -> &Reference<T, K>;

    /// Σ X̃ᵀV⁻¹X̃ and Σ X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Factors) -> (SMatrix<T, K, K>, SVector<T, K>);

    /// Σ eᵀV⁻¹e for e = ỹ − X̃β̃.
    fn quadratic(&self, factors: &Self::Factors, beta: &SVector<T, K>) -> T;

    /// Σ uuᵀ with u = V⁻¹e.
    fn squares(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> SMatrix<T, N, N>;

    /// Σ (uuᵀ − V⁻¹ + H C Hᵀ) with H = V⁻¹X̃; without the last term where there is no C.
    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N>;

    /// \[\[½ yᵀP ∂ₖV P ∂ₗV P y\]\].
    fn average<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<M::Params, T>;

    /// \[\[½ tr(P ∂ₖV P ∂ₗV)\]\]; with V⁻¹ for P where there is no C.
    fn expected<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<M::Params, T>;
}

/// V/τ² of a class of subjects, factored over the rows that they have, for a power of two τ² of the size of V: so
/// neither V⁻¹ nor what is made of it leaves the range of the scalar.
#[derive(Clone, Copy, Debug)]
pub struct Factor<T, const N: usize> {
    pub(crate) cholesky: Cholesky<T, N>,
    /// τ
    pub(crate) tau: T,
    /// (V/τ²)⁻¹ over the observed rows, zero elsewhere; only after [`invert`](Self::invert).
    pub(crate) inverse: SMatrix<T, N, N>,
    pub(crate) observed: [bool; N],
    /// How many.
    pub(crate) subjects: T,
}

impl<T: Real, const N: usize> Factor<T, N> {
    pub(crate) fn unit(observed: [bool; N], subjects: usize) -> Self {
        Self {
            cholesky: Cholesky::identity(),
            tau: T::one(),
            inverse: SMatrix::zeros(),
            observed,
            subjects: nalgebra::convert(subjects as f64),
        }
    }

    /// Takes another V/τ².
    ///
    /// # Errors
    ///
    /// [`Error::NotPositiveDefinite`] with the first row that depends on those before it.
    pub(crate) fn factor(&mut self, v: &SMatrix<T, N, N>, tau: T) -> Result<(), Error> {
        self.tau = tau;
        let not_definite = |row| Error::NotPositiveDefinite { row };
        if self.observed.iter().all(|&observed| observed) {
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
        let mut root = self.cholesky.root();
        for (j, column) in root.data.0.iter_mut().enumerate() {
            if !self.observed[j] {
                column[j] = T::zero();
            }
        }
        root
    }

    pub(crate) fn invert(&mut self) {
        self.inverse = self.cholesky.inverse();
        for (j, column) in self.inverse.data.0.iter_mut().enumerate() {
            if !self.observed[j] {
                column[j] = T::zero();
            }
        }
    }
}

/// What rounding makes of a zero that is a difference of ones.
pub(crate) fn rounding<T: Real, const N: usize>() -> T {
    T::default_epsilon() * nalgebra::convert(16.0 * N as f64)
}

/// One response vector with its design.
#[derive(Clone, Copy, Debug)]
pub struct Single<T, const N: usize, const K: usize> {
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    reference: Reference<T, K>,
    largest: T,
}

impl<T: Real, const N: usize, const K: usize> Single<T, N, K> {
    pub(crate) fn new(x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<Self, Error> {
        let mut reference = Reference::unscaled();
        let referred = reference.refer(x, y, &[true; N])?;
        Ok(Self { x: referred.x, y: referred.y, reference, largest: referred.largest })
    }

    /// L⁻¹(ỹ − X̃β̃)
    fn whitened_residual(&self, factor: &Factor<T, N>, beta: &SVector<T, K>) -> SVector<T, N> {
        let mut e = self.y;
        for (column, &b) in self.x.data.0.iter().zip(beta.iter()) {
            for (e, &x) in e.iter_mut().zip(column) {
                *e -= x * b;
            }
        }
        factor.cholesky.solve_lower(&mut e.data.0[0]);
        e
    }

    /// V⁻¹(ỹ − X̃β̃) s/τ
    fn weighted_residual(&self, factor: &Factor<T, N>, beta: &SVector<T, K>) -> SVector<T, N> {
        let mut u = self.whitened_residual(factor, beta);
        factor.cholesky.solve_upper(&mut u.data.0[0]);
        u * (self.reference.scale() / factor.tau)
    }

    /// L⁻¹X̃
    fn whitened_design(&self, factor: &Factor<T, N>) -> SMatrix<T, N, K> {
        let mut x = self.x;
        for column in &mut x.data.0 {
            factor.cholesky.solve_lower(column);
        }
        x
    }
}

/// Adds ½ aₖᵀ aₗ for aₖ = (I − Π) L⁻¹ ∂ₖV u/τ², where Π projects onto the columns of L⁻¹X̃.
fn add_products<M, T: Real, const N: usize, const K: usize>(
    (model, theta): (&M, &Theta<M, T>),
    factor: &Factor<T, N>,
    design: Option<(&SMatrix<T, N, K>, &SMatrix<T, K, K>)>,
    u: &SVector<T, N>,
    out: &mut Square<M::Params, T>,
) where
    M: ParamMatrix<T, N, N>,
{
    let mut products = Array::<_, M::Params>(model.gradient_mul(theta, u));
    for a in &mut products {
        *a /= factor.tau * factor.tau;
        factor.cholesky.solve_lower(&mut a.data.0[0]);
        if let Some((x, c)) = design {
            let whole = a.norm_squared();
            *a -= x * (c * x.tr_mul(a));
            if a.norm_squared() <= whole * rounding::<T, N>() * rounding::<T, N>() {
                a.fill(T::zero());
            }
        }
    }
    let half = nalgebra::convert::<_, T>(0.5);
    for (k, a) in products.iter().enumerate() {
        for (l, b) in products.iter().enumerate() {
            out.add(k, l, half * a.dot(b));
        }
    }
}

impl<T: Real, const N: usize, const K: usize> Data<T, N, K> for Single<T, N, K> {
    type Factors = [Factor<T, N>; 1];

    fn unit_factors(&self) -> Self::Factors {
        [Factor::unit([true; N], 1)]
    }

    fn observations(&self) -> usize {
        N
    }

    fn largest(&self) -> T {
        self.largest
    }

    fn reference(&self) -> &Reference<T, K> {
        &self.reference
    }

    fn equations(&self, [factor]: &mut Self::Factors) -> (SMatrix<T, K, K>, SVector<T, K>) {
        let x = self.whitened_design(factor);
        let y = self.whitened_residual(factor, &SVector::zeros());
        (x.tr_mul(&x), x.tr_mul(&y))
    }

    fn quadratic(&self, [factor]: &Self::Factors, beta: &SVector<T, K>) -> T {
        let scale = self.reference.scale() / factor.tau;
        self.whitened_residual(factor, beta).norm_squared() * (scale * scale)
    }

    fn squares(&self, [factor]: &mut Self::Factors, beta: &SVector<T, K>) -> SMatrix<T, N, N> {
        let u = self.weighted_residual(factor, beta);
        u * u.transpose()
    }

    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = self.squares(factors, beta);
        let [factor] = factors;
        factor.invert();
        weights -= factor.inverse;
        if let Some(c) = c {
            let mut h = self.whitened_design(factor);
            for column in &mut h.data.0 {
                factor.cholesky.solve_upper(column);
            }
            weights += h * c * h.transpose();
        }
        weights
    }

    fn average<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        [factor]: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<M::Params, T> {
        let x = self.whitened_design(factor);
        let u = self.weighted_residual(factor, beta);
        let mut out = Square::zeros();
        add_products((model, theta), factor, Some((&x, c)), &u, &mut out);
        out
    }

    /// With P = R Rᵀ, R = L⁻ᵀ(I − Π): tr(P ∂ₖV P ∂ₗV) = Σⱼ (Rᵀ ∂ₖV R eⱼ)ᵀ (Rᵀ ∂ₗV R eⱼ).
    fn expected<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        [factor]: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<M::Params, T> {
        let x = self.whitened_design(factor);
        let design = c.map(|c| (&x, c));
        let mut out = Square::zeros();
        for j in 0..N {
            let mut r = SVector::zeros();
            r[j] = T::one();
            if let Some(c) = c {
                r -= x * (c * x.row(j).transpose());
            }
            factor.cholesky.solve_upper(&mut r.data.0[0]);
            add_products((model, theta), factor, design, &r, &mut out);
        }
        out
    }
}
