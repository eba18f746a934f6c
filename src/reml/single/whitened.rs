//! V of one response vector, factored, and what is divided by its root.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::Real;
use crate::kernel::{dot, product};
use crate::reml::sample::{Factor, rounding};
use crate::reml::slopes::Slopes;

/// V = L Lᵀ over the rows of the data: R×R of those that are inside, and in its next row the variance of each row that is not; and
/// what the data are divided by L.
#[derive(Clone, Copy, Debug)]
pub struct Whitened<T, const N: usize, const K: usize, const R: usize> {
    pub(super) factor: [Factor<T, R>; 1],
    /// How many rows are inside.
    inside: usize,
    /// L⁻¹X̃
    pub(super) x: SMatrix<T, N, K>,
    /// L⁻¹(ỹ − X̃β̃) s/τ for the last β̃
    pub(super) e: SVector<T, N>,
}

impl<T, const N: usize, const K: usize, const R: usize> AsRef<[Factor<T, R>]>
    for Whitened<T, N, K, R>
{
    fn as_ref(&self) -> &[Factor<T, R>] {
        &self.factor
    }
}

impl<T, const N: usize, const K: usize, const R: usize> AsMut<[Factor<T, R>]>
    for Whitened<T, N, K, R>
{
    fn as_mut(&mut self) -> &mut [Factor<T, R>] {
        &mut self.factor
    }
}

/// [L⁻¹ ∂ₖV v] for a vector v, with the Σᵢⱼ over them that informations are.
pub(super) type Images<T, P, const N: usize> = Array<SVector<T, N>, P>;

impl<T: Real, const N: usize, const K: usize, const R: usize> Whitened<T, N, K, R> {
    /// V = I.
    pub(super) fn unit(inside: usize) -> Self {
        let rows = inside + usize::from(inside < N);
        let mut factor = Factor::unit(core::array::from_fn(|i| i < rows), 1);
        if let Some(count) = factor.counts.get_mut(inside) {
            *count = nalgebra::convert(N.saturating_sub(inside) as f64);
        }
        Self { factor: [factor], inside, x: SMatrix::zeros(), e: SVector::zeros() }
    }

    /// The rows that are inside, with zeros below.
    pub(super) fn head<const M: usize>(&self, b: &SMatrix<T, N, M>) -> SMatrix<T, R, M> {
        let mut head = SMatrix::zeros();
        for (head, b) in head.data.0.iter_mut().zip(&b.data.0) {
            for (head, &b) in head.iter_mut().zip(b).take(self.inside) {
                *head = b;
            }
        }
        head
    }

    /// Takes `solve` of the rows that are inside, and divides the others.
    fn divide<const M: usize>(
        &self,
        b: &mut SMatrix<T, N, M>,
        solve: impl FnOnce(&mut SMatrix<T, R, M>),
    ) {
        let mut head = self.head(b);
        solve(&mut head);
        for (b, head) in b.data.0.iter_mut().zip(&head.data.0) {
            self.join(b, head);
        }
    }

    /// Takes these for the rows that are inside, and divides the others.
    fn join(&self, b: &mut [T; N], head: &[T; R]) {
        for (b, &head) in b.iter_mut().zip(head).take(self.inside) {
            *b = head;
        }
        if self.inside < N {
            let root = self.outer_root();
            for b in b.iter_mut().skip(self.inside) {
                *b /= root;
            }
        }
    }

    /// The root of the variance of rows that are not inside.
    fn outer_root(&self) -> T {
        self.factor[0].cholesky.pivot(self.inside)
    }

    /// Takes L⁻¹ B in the place of B.
    pub(super) fn solve_lower<const M: usize>(&self, b: &mut SMatrix<T, N, M>) {
        self.divide(b, |head| self.factor[0].cholesky.solve_lower_all(head));
    }

    /// Takes L⁻ᵀ B in the place of B.
    pub(super) fn solve_upper<const M: usize>(&self, b: &mut SMatrix<T, N, M>) {
        self.divide(b, |head| self.factor[0].cholesky.solve_upper_all(head));
    }

    /// u = V⁻¹(ỹ − X̃β̃) s/τ
    pub(super) fn weighted_residual(&self) -> SVector<T, N> {
        let mut u = self.e;
        self.solve_upper(&mut u);
        u
    }

    /// H = V⁻¹X̃
    pub(super) fn weighted_design(&self) -> SMatrix<T, N, K> {
        let mut h = self.x;
        self.solve_upper(&mut h);
        h
    }

    /// ⟨A, B⟩ over the rows that are not inside.
    pub(super) fn outer_product<const M: usize>(
        &self,
        a: &SMatrix<T, N, M>,
        b: &SMatrix<T, N, M>,
    ) -> T {
        if self.inside >= N {
            return T::zero();
        }
        let columns = a.data.0.iter().zip(&b.data.0);
        columns.fold(T::zero(), |sum, (a, b)| {
            let mut outer = *a;
            for x in outer.iter_mut().take(self.inside) {
                *x = T::zero();
            }
            sum + dot(&outer, b)
        })
    }

    /// Adds what the rows that are not inside make of the entry of V that stands for them.
    pub(super) fn add_outer(&self, x: T, out: &mut SMatrix<T, R, R>) {
        if let Some(entry) = out.get_mut((self.inside, self.inside)) {
            *entry += x;
        }
    }

    /// \[L⁻¹ ∂ₖV v/τ²\].
    pub(super) fn images<S: Slopes<T, R>>(
        &self,
        slopes: &S,
        v: &SVector<T, N>,
    ) -> Images<T, S::Params, N> {
        let mut heads = Array::<_, S::Params>(slopes.products(&self.head(v)));
        self.factor[0].cholesky.solve_lower_each(&mut heads);
        let mut of_outer = Array::<T, S::Params>::from_fn(|_| T::zero());
        if self.inside < N {
            let mut unit = SVector::<T, R>::zeros();
            if let Some(x) = unit.get_mut(self.inside) {
                *x = T::one();
            }
            let products = Array::<_, S::Params>(slopes.products(&unit));
            let at = |product: &SVector<T, R>| product.get(self.inside).copied();
            of_outer = Array::from_fn(|k| at(&products[k]).unwrap_or_else(T::zero));
        }
        Array::from_fn(|k| {
            let mut image = v * of_outer[k];
            self.join(&mut image.data.0[0], &heads[k].data.0[0]);
            image
        })
    }

    /// Takes (I − Π) a in the place of images a, where Π projects onto the columns of L⁻¹X̃; zero where rounding is what remains.
    pub(super) fn project<P: ArraySize>(&self, images: &mut Images<T, P, N>, c: &SMatrix<T, K, K>) {
        for a in images {
            let whole = dot(&a.data.0[0], &a.data.0[0]);
            let along: [T; K] = self.x.data.0.each_ref().map(|column| dot(column, &a.data.0[0]));
            *a -= product(&self.x, &(c * SVector::from(along)));
            let rest = dot(&a.data.0[0], &a.data.0[0]);
            if rest <= whole * rounding::<T, N>() * rounding::<T, N>() {
                a.fill(T::zero());
            }
        }
    }
}
