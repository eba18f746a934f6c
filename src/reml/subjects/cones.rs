//! Cones of subjects: the parts of V that can be any covariance matrix and that all subjects share.

use nalgebra::{SMatrix, convert};

use crate::algebra::cone::ConeVisitor;
use crate::base::scalar::Real;

/// A visitor that adds the weights Zᵀ W Z of each cone. A Q×Q cone has Q(Q + 1)/2 parameters or
/// more, so that the lower triangle of its weights is stored in the places of its parameters.
pub(super) struct AddCones<'s, T>(pub(super) &'s mut [T]);

/// Returns the places of the lower triangle of a Q×Q matrix: row, column and index.
fn places<const Q: usize>(first: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let pairs = (0..Q).flat_map(|i| (0..=i).map(move |j| (i, j)));
    pairs.enumerate().map(move |(place, (i, j))| (i, j, first + place))
}

impl<T: Real> ConeVisitor<T> for AddCones<'_, T> {
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        _: &SMatrix<T, Q, Q>,
        weights: &SMatrix<T, Q, Q>,
        _: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    ) {
        for (i, j, place) in places::<Q>(first) {
            if let Some(sum) = self.0.get_mut(place) {
                *sum += (weights[(i, j)] + weights[(j, i)]) * convert(0.5);
            }
        }
    }
}

/// A visitor that replaces the weights of each cone by the sums that [`AddCones`] added.
pub(super) struct WithCones<'s, W, T> {
    pub(super) sums: &'s [T],
    pub(super) visitor: &'s mut W,
}

impl<W: ConeVisitor<T>, T: Real> ConeVisitor<T> for WithCones<'_, W, T> {
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        value: &SMatrix<T, Q, Q>,
        _: &SMatrix<T, Q, Q>,
        theta_of: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    ) {
        let mut weights = SMatrix::zeros();
        for (i, j, place) in places::<Q>(first) {
            let sum = self.sums.get(place).copied().unwrap_or_else(T::zero);
            weights[(i, j)] = sum;
            weights[(j, i)] = sum;
        }
        self.visitor.cone(first, value, &weights, theta_of);
    }
}
