//! The visitor of the inner matrix G that passes the value and the derivatives of Z G Zᵀ to another
//! visitor.

use core::marker::PhantomData;

use nalgebra::SMatrix;
use typenum::Unsigned;

use crate::algebra::derivative::Partial;
use crate::algebra::shape::Shape;
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::linalg::kernel::{combination, product, rank_two, symmetric_product};
use crate::operator::covariance_propagation::CovariancePropagation;
use crate::operator::covariance_propagation::computed_once::ComputedOnce;
use crate::operator::covariance_propagation::products::factor_partial;

/// A visitor of G that stores the value of G. For each derivative ∂G, it passes Z ∂G Zᵀ to a
/// visitor of Z G Zᵀ.
pub(super) struct Propagated<'a, Z, G, V, T, const N: usize, const Q: usize> {
    operator: &'a CovariancePropagation<Z, G>,
    z: &'a SMatrix<T, N, Q>,
    outer: &'a mut V,
    value: &'a mut SMatrix<T, Q, Q>,
    /// The products Z v for each vector v of a derivative ∂G that is a [`Partial::RowAndColumn`].
    images: ComputedOnce<[T; N], Q>,
    /// `true` if the value of Z G Zᵀ has been passed to the visitor of Z G Zᵀ.
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
        Self { operator, z, outer, value, images: ComputedOnce::new(), written: false }
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
    const VALUE: bool = V::VALUE || V::DERIVATIVES && Z::ParamCount::USIZE > 0;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, Q, Q>)) {
        if Self::VALUE {
            write(self.value);
        }
    }

    #[expect(clippy::inline_always, reason = "the pattern is known where a derivative is offered")]
    #[inline(always)]
    fn derivative(&mut self, k: usize, dg: Partial<'_, T, Q, Q>) {
        let k = Z::ParamCount::USIZE + k;
        match dg {
            Partial::RowAndColumn { row, vector, value, number } if !Z::SPARSITY.one_per_row() => {
                let Some(column) = self.z.data.0.get(row) else { return };
                let image = self.images.get(number, || combination(self.z, vector));
                self.outer.derivative_by(k, |out| rank_two(column, &image, value, out));
            }
            _ => {
                let write = |out: &mut _| self.operator.propagate_partial(self.z, &dg, out);
                self.outer.derivative_by(k, write);
            }
        }
    }

    /// If G = X Xᵀ, then Z X is a root of Z G Zᵀ = (Z X)(Z X)ᵀ. If the value of G is not needed and
    /// X has no more columns than rows, passes Z X to the visitor of Z G Zᵀ.
    #[inline]
    fn value_of_root<const C: usize>(
        &mut self,
        root: &SMatrix<T, Q, C>,
        write: impl FnOnce(&mut SMatrix<T, Q, Q>),
    ) {
        let for_z = V::DERIVATIVES && Z::ParamCount::USIZE > 0;
        if !V::VALUE || for_z || C > Q || Z::SPARSITY.one_per_row() {
            return self.value(write);
        }
        let image = if V::DERIVATIVES {
            let mut image = SMatrix::zeros();
            let columns = image.data.0.iter_mut().zip(&root.data.0).enumerate();
            for (j, (out, vector)) in columns {
                *out = self.images.get(Some(j), || combination(self.z, vector));
            }
            image
        } else {
            product(self.z, root)
        };
        self.outer.value_of_root(&image, |out| symmetric_product(&image, &image, out));
        self.written = true;
    }
}

/// A visitor of Z. For each derivative ∂Z, it passes ∂Z G Zᵀ + Z G ∂Zᵀ to a visitor of Z G Zᵀ.
pub(super) struct OfZ<'a, G, V, T, const N: usize, const Q: usize> {
    /// The product Z G.
    pub(super) z_g: &'a SMatrix<T, N, Q>,
    /// The product Z Gᵀ.
    pub(super) z_gt: &'a SMatrix<T, N, Q>,
    pub(super) outer: &'a mut V,
    pub(super) g: PhantomData<G>,
}

impl<G, V, T, const N: usize, const Q: usize> Visitor<T, N, Q> for OfZ<'_, G, V, T, N, Q>
where
    T: Real,
    G: Shape,
    V: Visitor<T, N, N>,
{
    const VALUE: bool = false;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, _: impl FnOnce(&mut SMatrix<T, N, Q>)) {}

    #[inline]
    fn derivative(&mut self, k: usize, dz: Partial<'_, T, N, Q>) {
        match dz {
            Partial::Entry { row, col, value } if G::SYMMETRIC => {
                if let Some(vector) = self.z_g.data.0.get(col) {
                    let number = Some(col);
                    self.outer.derivative(k, Partial::RowAndColumn { row, vector, value, number });
                }
            }
            Partial::Row { row, values } if G::SYMMETRIC => {
                let vector = &combination(self.z_g, values);
                let (value, number) = (T::one(), None);
                self.outer.derivative(k, Partial::RowAndColumn { row, vector, value, number });
            }
            _ => {
                let write =
                    |out: &mut _| factor_partial::<_, G, N, Q>(self.z_g, self.z_gt, &dz, out);
                self.outer.derivative_by(k, write);
            }
        }
    }
}
