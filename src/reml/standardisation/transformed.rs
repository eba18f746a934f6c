//! The rows of a subject in the coordinates of a [`Standardisation`].

use core::array::from_fn;

use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;
use crate::linalg::kernel::{dot, sqrt};
use crate::reml::standardisation::Standardisation;
use crate::reml::standardisation::refer::Observed;

/// The columns of the transformed data \[X̃ ỹ\] of one subject, with twice the working precision.
/// Each row is multiplied by the square root of its weight. Entries that were not observed are
/// zero.
pub(crate) struct TransformedRows<T, const N: usize, const K: usize> {
    pub(crate) x: [CompensatedSum<[T; N]>; K],
    pub(crate) y: CompensatedSum<[T; N]>,
}

impl<T: Real, const N: usize, const K: usize> TransformedRows<T, N, K> {
    pub(crate) fn new(
        reference: &Standardisation<T, K>,
        data: &Observed<T, N, K>,
        weights: Option<&[T; N]>,
    ) -> Self {
        let column = |a| {
            let mut column = reference.column(data, a);
            if let Some(weights) = weights {
                column.multiply(&weights.map(sqrt));
            }
            column
        };
        Self { x: from_fn(column), y: column(K) }
    }

    /// Returns column a of the transformed data [X̃ ỹ].
    pub(crate) fn column(&self, a: usize) -> &CompensatedSum<[T; N]> {
        self.x.get(a).unwrap_or(&self.y)
    }

    /// Returns the inner product of columns a and b of the transformed data [X̃ ỹ], rounded to the
    /// working precision.
    pub(crate) fn product(&self, a: usize, b: usize) -> T {
        dot(&self.column(a).value, &self.column(b).value)
    }
}
