//! The visitor of the inner matrix G that computes the products Z ∂G Zᵀ u.

use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::linalg::kernel::{add_scaled, combination, dot, two_scaled};
use crate::operator::covariance_propagation::computed_once::ComputedOnce;

/// A visitor of G that computes the products (Z ∂G Zᵀ) u as Z ∂G w, where w = Zᵀu, for each
/// derivative ∂G of G.
///
/// If a derivative ∂G has one or two nonzero entries, or is a [`Partial::RowAndColumn`], Z ∂G w is
/// a linear combination of at most two vectors, and is computed without the vector ∂G w.
pub(super) struct Multiplied<'a, T, const N: usize, const Q: usize> {
    z: &'a SMatrix<T, N, Q>,
    w: &'a SVector<T, Q>,
    /// The products Z ∂G w, for the derivatives ∂G for which this product is computed directly.
    pub(super) known: &'a mut [SVector<T, N>],
    /// The products ∂G w, for the derivatives ∂G for which Z ∂G w is not computed directly.
    pub(super) others: &'a mut [SVector<T, Q>],
    /// `true` if a product ∂G w was written to the field `others`.
    pub(super) has_others: bool,
    /// `true` if at least one derivative ∂G was skipped, because it is available only as a full
    /// matrix.
    pub(super) is_incomplete: bool,
    /// The products Z v and vᵀw for each vector v of a derivative ∂G that is a
    /// [`Partial::RowAndColumn`].
    products: ComputedOnce<([T; N], T), Q>,
}

impl<'a, T: Real, const N: usize, const Q: usize> Multiplied<'a, T, N, Q> {
    #[inline]
    pub(super) fn new(
        z: &'a SMatrix<T, N, Q>,
        w: &'a SVector<T, Q>,
        known: &'a mut [SVector<T, N>],
        others: &'a mut [SVector<T, Q>],
    ) -> Self {
        let (has_others, is_incomplete, products) = (false, false, ComputedOnce::new());
        Self { z, w, known, others, has_others, is_incomplete, products }
    }

    /// Adds column `row` of Z, multiplied by the number `x`, to the product Z ∂G w for parameter
    /// `k`.
    #[inline]
    fn add(&mut self, k: usize, row: usize, x: T) {
        if let (Some(out), Some(column)) = (self.known.get_mut(k), self.z.data.0.get(row)) {
            add_scaled(&mut out.data.0[0], x, column);
        }
    }

    #[inline]
    fn w(&self, row: usize) -> T {
        self.w.get(row).copied().unwrap_or_else(T::zero)
    }
}

impl<T: Real, const N: usize, const Q: usize> Visitor<T, Q, Q> for Multiplied<'_, T, N, Q> {
    const VALUE: bool = false;
    const DERIVATIVES: bool = true;

    #[inline]
    fn value(&mut self, _: impl FnOnce(&mut SMatrix<T, Q, Q>)) {}

    #[expect(clippy::inline_always, reason = "the pattern is known where a derivative is offered")]
    #[inline(always)]
    fn derivative(&mut self, k: usize, dg: Partial<'_, T, Q, Q>) {
        match dg {
            Partial::Entry { row, col, value } => self.add(k, row, self.w(col) * value),
            Partial::Pair { row, col, value } => {
                self.add(k, row, self.w(col) * value);
                self.add(k, col, self.w(row) * value);
            }
            // Z x (e vᵀ + v eᵀ) w
            Partial::RowAndColumn { row, vector, value, number } => {
                let product = || (combination(self.z, vector), dot(vector, &self.w.data.0[0]));
                let (image, along) = self.products.get(number, product);
                let (x, y) = (along * value, self.w(row) * value);
                if let (Some(out), Some(column)) = (self.known.get_mut(k), self.z.data.0.get(row)) {
                    two_scaled((column, x), (&image, y), &mut out.data.0[0]);
                }
            }
            _ => {
                self.has_others = true;
                if let Some(out) = self.others.get_mut(k) {
                    dg.mul(self.w, out);
                }
            }
        }
    }

    #[inline]
    fn derivative_by(&mut self, _: usize, _: impl FnOnce(&mut SMatrix<T, Q, Q>)) {
        self.is_incomplete = true;
    }
}
