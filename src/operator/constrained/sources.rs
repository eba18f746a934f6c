//! The mapping between free parameters and the parameters of a matrix of which some are fixed or
//! tied.

use nalgebra::{Const, SMatrix};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::write_combination;
use crate::algebra::shape::{PerParam, Shape, Theta};
use crate::base::arrays::{filled, tabulate};
use crate::base::dim::Countable;
use crate::base::scalar::Real;
use crate::operator::constrained::{Constrained, Source};

impl<M: Shape, T, const K: usize> Constrained<M, T, K> {
    /// Iterates over the parameters of the inner matrix that are equal to the free parameter
    /// `free`.
    pub(super) fn tied_to(&self, free: usize) -> impl Iterator<Item = usize> {
        let sources = self.sources.as_ref().iter().enumerate();
        sources
            .filter(move |(_, source)| matches!(source, Source::Free(i) if *i == free))
            .map(|(k, _)| k)
    }

    /// Returns the index of the free parameter that determines parameter `inner` of the inner
    /// matrix, or `None` if that parameter is fixed.
    pub(super) fn free_of(&self, inner: usize) -> Option<usize> {
        match self.sources.as_ref().get(inner) {
            Some(&Source::Free(free)) => Some(free),
            _ => None,
        }
    }
}

impl<M: Shape, T: Real, const K: usize> Constrained<M, T, K>
where
    Const<K>: Countable,
{
    /// Writes the sum of the derivatives with respect to all parameters that are tied to the free
    /// parameter `free`, at the θ of the inner matrix.
    pub(super) fn write_sum<const R: usize, const C: usize>(
        &self,
        inner: &Theta<M, T>,
        free: usize,
        out: &mut SMatrix<T, R, C>,
    ) where
        M: ParamMatrix<T, R, C>,
    {
        let tied = |k: usize| (self.free_of(k) == Some(free)).then(T::one);
        write_combination(&self.inner, inner, tied, out);
    }

    /// Returns the θ of the inner matrix. If any parameter of the inner matrix is tied to a free
    /// parameter that does not exist, all elements of the result are NaN.
    #[inline]
    pub(super) fn inner_theta(&self, theta: &Theta<Self, T>) -> Theta<M, T> {
        let (theta, sources) = (theta.as_ref(), self.sources.as_ref());
        let nonsense = sources.iter().any(|s| matches!(s, Source::Free(free) if *free >= K));
        tabulate::<M::ParamCount, T>(T::zero(), |k| match sources[k] {
            _ if nonsense => T::zero() / T::zero(),
            Source::Free(free) => theta[free],
            Source::Fixed(x) => x,
        })
        .0
    }

    /// Sums `inner`, which has one element for each parameter of the inner matrix, over the
    /// parameters that are tied to the same free parameter. Returns one sum for each free
    /// parameter.
    #[inline]
    pub(super) fn summed<E: Copy>(
        &self,
        inner: &[E],
        zero: E,
        add: impl Fn(&mut E, &E),
    ) -> PerParam<Self, E> {
        let mut sums = filled::<<Self as Shape>::ParamCount, E>(zero);
        for (k, x) in inner.iter().enumerate() {
            if let Some(out) = self.free_of(k).and_then(|free| sums.as_mut().get_mut(free)) {
                add(out, x);
            }
        }
        sums
    }
}
