//! The visitor of G that computes Z ∂G Zᵀ u.

use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::visit::{Cross, Visitor};
use crate::base::scalar::Real;
use crate::linalg::kernel::{add_scaled, combination, dot, product, two_scaled};

/// A visitor of G that computes the products Z ∂G w for w = Zᵀu.
///
/// If a derivative ∂G has one or two nonzero entries, or is a [`Cross`], Z ∂G w is a combination of
/// one or two columns, and ∂G w is not computed.
pub(super) struct Multiplied<'a, T, const N: usize, const Q: usize> {
    z: &'a SMatrix<T, N, Q>,
    w: &'a SVector<T, Q>,
    /// The products Z ∂G w of the derivatives ∂G for which Z ∂G w is computed directly.
    pub(super) known: &'a mut [SVector<T, N>],
    /// The products ∂G w of the derivatives ∂G for which Z ∂G w is not computed directly.
    pub(super) others: &'a mut [SVector<T, Q>],
    /// `true` if a product was written to `others`.
    pub(super) has_others: bool,
    /// `true` if a derivative was skipped because it is only available as a full matrix.
    pub(super) is_incomplete: bool,
    /// The products Z v and vᵀw for the vectors v that G passes to the visitor once for several
    /// derivatives.
    images: SMatrix<T, N, Q>,
    along: [T; Q],
    count: usize,
}

impl<'a, T: Real, const N: usize, const Q: usize> Multiplied<'a, T, N, Q> {
    #[inline]
    pub(super) fn new(
        z: &'a SMatrix<T, N, Q>,
        w: &'a SVector<T, Q>,
        known: &'a mut [SVector<T, N>],
        others: &'a mut [SVector<T, Q>],
    ) -> Self {
        let (images, along) = (SMatrix::zeros(), [T::zero(); Q]);
        let (has_others, is_incomplete) = (false, false);
        Self { z, w, known, others, has_others, is_incomplete, images, along, count: 0 }
    }

    /// Adds column `row` of Z, multiplied by x, to product k.
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

    #[inline]
    fn derivative(&mut self, k: usize, dg: Partial<'_, T, Q, Q>) {
        match dg {
            Partial::Entry { row, col, value } => self.add(k, row, self.w(col) * value),
            Partial::Pair { row, col, value } => {
                self.add(k, row, self.w(col) * value);
                self.add(k, col, self.w(row) * value);
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

    #[inline]
    fn vectors<const C: usize>(&mut self, vectors: &SMatrix<T, Q, C>) {
        self.count = if C <= Q { C } else { 0 };
        if C > Q {
            return;
        }
        let images = product(self.z, vectors);
        let along = vectors.data.0.iter().map(|v| dot(v, &self.w.data.0[0]));
        let kept = self.images.data.0.iter_mut().zip(&mut self.along);
        for ((kept, kept_along), (image, along)) in kept.zip(images.data.0.iter().zip(along)) {
            (*kept, *kept_along) = (*image, along);
        }
    }

    /// Writes Z x (e vᵀ + v eᵀ) w, where e is the unit vector of `row`, v is `vector` and x is
    /// `value`.
    #[inline]
    fn cross(&mut self, k: usize, Cross { row, vector, value, number }: Cross<'_, T, Q>) {
        let own;
        let kept = number.filter(|&number| number < self.count);
        let kept = kept.and_then(|j| self.images.data.0.get(j).zip(self.along.get(j)));
        let (image, &along) = if let Some(kept) = kept {
            kept
        } else {
            own = (combination(self.z, vector), dot(vector, &self.w.data.0[0]));
            (&own.0, &own.1)
        };
        let (x, y) = (along * value, self.w(row) * value);
        if let (Some(out), Some(column)) = (self.known.get_mut(k), self.z.data.0.get(row)) {
            two_scaled((column, x), (image, y), &mut out.data.0[0]);
        }
    }
}
