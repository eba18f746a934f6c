//! Cones of subjects: the parts of V that can be any covariance matrix and that all subjects share.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, convert};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::subjects::passes::OnWeights;
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::source::EachSubject;

/// The sums over subjects of the weights Zᵀ W Z of each cone. A Q×Q cone has Q(Q + 1)/2 parameters
/// or more, so that the lower triangle of its weights is stored in the places of its parameters.
pub(super) struct AddCones<'t, P: ArraySize, T> {
    pub(super) theta: &'t P::ArrayType<T>,
    /// The power of two τ² near the largest entry of V.
    pub(super) size: T,
    pub(super) sums: Array<T, P>,
}

impl<P: ArraySize, T: Real, const R: usize> OnWeights<T, P, R> for AddCones<'_, P, T> {
    fn take<V>(&mut self, v: &V, weights: &SMatrix<T, R, R>)
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        v.visit_cones(self.theta, &(weights / self.size), &mut Add(&mut self.sums));
    }
}

struct Add<'s, T>(&'s mut [T]);

/// Returns the places of the lower triangle of a Q×Q matrix: row, column and index.
fn places<const Q: usize>(first: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let pairs = (0..Q).flat_map(|i| (0..=i).map(move |j| (i, j)));
    pairs.enumerate().map(move |(place, (i, j))| (i, j, first + place))
}

impl<T: Real> ConeVisitor<T> for Add<'_, T> {
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

/// A pass that visits the cones of the first subject with the weights of all subjects.
pub(super) struct WithSums<'t, W, P: ArraySize, T> {
    pub(super) theta: &'t P::ArrayType<T>,
    pub(super) sums: &'t Array<T, P>,
    pub(super) visitor: &'t mut W,
}

impl<W, P, T, const R: usize, const K: usize> EachSubject<T, P, R, K> for WithSums<'_, W, P, T>
where
    P: ArraySize,
    T: Real,
    W: ConeVisitor<T>,
{
    /// Returns an error after the first subject, so that the visit stops.
    fn take<V>(&mut self, v: &V, _: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let mut with = With { sums: self.sums, visitor: self.visitor };
        v.visit_cones(self.theta, &SMatrix::zeros(), &mut with);
        Err(Error::LikelihoodNotFinite)
    }
}

struct With<'s, W, T> {
    sums: &'s [T],
    visitor: &'s mut W,
}

impl<W: ConeVisitor<T>, T: Real> ConeVisitor<T> for With<'_, W, T> {
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
