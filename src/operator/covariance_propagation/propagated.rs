//! The visitor of G that passes its value and derivatives on to a visitor of Z G Zᵀ.

use nalgebra::{ArrayStorage, SMatrix};
use typenum::Unsigned;

use crate::algebra::derivative::Partial;
use crate::algebra::shape::Shape;
use crate::algebra::visit::{Cross, Visitor};
use crate::base::scalar::Real;
use crate::linalg::kernel::{combination, product, rank_two, symmetric_product};
use crate::operator::covariance_propagation::CovariancePropagation;

/// A visitor of G that stores the value of G, and passes each derivative ∂G on to a visitor of Z G
/// Zᵀ, as Z ∂G Zᵀ.
pub(super) struct Propagated<'a, Z, G, V, T, const N: usize, const Q: usize> {
    operator: &'a CovariancePropagation<Z, G>,
    z: &'a SMatrix<T, N, Q>,
    outer: &'a mut V,
    value: &'a mut SMatrix<T, Q, Q>,
    /// The products Z v for the vectors v that G passes to the visitor once for several
    /// derivatives; the first `count` products are valid.
    images: [[T; N]; Q],
    count: usize,
    /// `true` if the value of Z G Zᵀ has been passed on.
    pub(super) written: bool,
}

impl<'a, Z, G, V, T: Real, const N: usize, const Q: usize> Propagated<'a, Z, G, V, T, N, Q> {
    #[inline]
    pub(super) fn new(
        operator: &'a CovariancePropagation<Z, G>,
        z: &'a SMatrix<T, N, Q>,
        outer: &'a mut V,
        value: &'a mut SMatrix<T, Q, Q>,
    ) -> Self {
        Self { operator, z, outer, value, images: [[T::zero(); N]; Q], count: 0, written: false }
    }
}

impl<Z, G, V, T, const N: usize, const Q: usize> Visitor<T, Q, Q>
    for Propagated<'_, Z, G, V, T, N, Q>
where
    T: Real,
    Z: Shape,
    G: Shape,
    V: Visitor<T, N, N>,
{
    const VALUE: bool = V::VALUE || V::DERIVATIVES && Z::Params::USIZE > 0;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, Q, Q>)) {
        if Self::VALUE {
            write(self.value);
        }
    }

    #[inline]
    fn derivative(&mut self, k: usize, dg: Partial<'_, T, Q, Q>) {
        let k = Z::Params::USIZE + k;
        self.outer.derivative_by(k, |out| self.operator.propagate_partial(self.z, &dg, out));
    }

    /// Passes on Z X as a root of Z G Zᵀ for G = X Xᵀ, if the value of G is not needed and X has no
    /// more columns than rows.
    #[inline]
    fn value_of_root<const C: usize>(
        &mut self,
        root: &SMatrix<T, Q, C>,
        told: bool,
        write: impl FnOnce(&mut SMatrix<T, Q, Q>),
    ) {
        let for_z = V::DERIVATIVES && Z::Params::USIZE > 0;
        if !V::VALUE || for_z || C > Q || Z::PATTERN.one_per_row() {
            return self.value(write);
        }
        let image = if told {
            let kept = |j| self.images.get(j).copied().unwrap_or([T::zero(); N]);
            SMatrix::from_data(ArrayStorage::<T, N, C>(core::array::from_fn(kept)))
        } else {
            product(self.z, root)
        };
        self.outer.value_of_root(&image, false, |out| symmetric_product(&image, &image, out));
        self.written = true;
    }

    #[inline]
    fn vectors<const C: usize>(&mut self, vectors: &SMatrix<T, Q, C>) {
        let room = C <= Q && !Z::PATTERN.one_per_row();
        self.count = if room { C } else { 0 };
        if room {
            let images = product(self.z, vectors);
            for (kept, image) in self.images.iter_mut().zip(&images.data.0) {
                *kept = *image;
            }
        }
    }

    #[inline]
    fn cross(&mut self, k: usize, cross: Cross<'_, T, Q>) {
        let Cross { row, vector, value, number } = cross;
        if Z::PATTERN.one_per_row() {
            return self.derivative_by(k, |out| cross.write(out));
        }
        let Some(a) = self.z.data.0.get(row) else { return };
        let own;
        let kept = self.images.get(..self.count).and_then(|images| images.get(number?));
        let b = if let Some(image) = kept {
            image
        } else {
            own = combination(self.z, vector);
            &own
        };
        self.outer.derivative_by(Z::Params::USIZE + k, |out| rank_two(a, b, value, out));
    }
}
