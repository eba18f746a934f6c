//! Diagonal covariances with a variance for each group of observations.

use core::fmt;

use nalgebra::{Const, SMatrix};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, SparsityPattern, Theta};
use crate::algebra::visit::Visitor;
use crate::base::dim::Countable;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::structure::dummy::DummyMatrix;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Transform, TransformVisitor};

/// The N×N diagonal covariance matrix of independent observations in G groups. Entry (i, i) is the
/// variance of the group g(i) of observation i: diag(σ²_g₍₀₎, …, σ²_g₍N₋₁₎).
///
/// The G parameters are the variances `sigma^2_0`, …, `sigma^2_{G-1}`. By default, σ² = e²ˣ, so
/// that the element x of θ is the logarithm of the standard deviation. The structure corresponds to
/// `varIdent` in Pinheiro & Bates 2000, Mixed-Effects Models in S and S-PLUS, 5.2.1.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
///
/// let r = GroupVarianceMatrix::<3, 2>::from_indices([0, 1, 0]).with_transform(Identity);
/// assert_eq!(r.value(&[2.0, 3.0]).diagonal().as_slice(), &[2.0, 3.0, 2.0]);
/// let [by_first, _] = r.gradient(&[2.0, 3.0]);
/// assert_eq!(by_first.diagonal().as_slice(), &[1.0, 0.0, 1.0]);
///
/// // by labels
/// let r = GroupVarianceMatrix::new(DummyMatrix::<3, 2>::from_labels(&["f", "m", "f"])?);
/// assert_eq!(r, GroupVarianceMatrix::from_indices([0, 1, 0]));
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "varIdent")]
#[doc(alias = "heteroscedastic")]
pub struct GroupVarianceMatrix<const N: usize, const G: usize, F = ExpPow2> {
    groups: DummyMatrix<N, G>,
    transform: F,
}

impl<const N: usize, const G: usize> GroupVarianceMatrix<N, G> {
    /// Creates the matrix with one group for each column of a design, and with the default
    /// transform σ² = e²ˣ of each element x of θ. An observation that is in none of the groups has
    /// the variance 0.
    #[must_use]
    pub const fn new(groups: DummyMatrix<N, G>) -> Self {
        Self { groups, transform: ExpPow2 }
    }

    /// Creates the matrix with observation i in group `groups[i]`, for groups known at compile
    /// time.
    ///
    /// Use [`try_from_indices`](Self::try_from_indices) for groups that are read at run time.
    ///
    /// # Panics
    ///
    /// Panics if a group is not below G. In a `const` or a `static`, a group index that is not
    /// below the number of groups G is a compile error.
    #[must_use]
    pub const fn from_indices(groups: [usize; N]) -> Self {
        Self::new(DummyMatrix::from_indices(groups))
    }

    /// Creates the matrix with observation i in group `groups[i]`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::LevelIndex`] for the first group index that is not below the number of
    /// groups G.
    pub const fn try_from_indices(groups: [usize; N]) -> Result<Self, Error> {
        match DummyMatrix::try_from_indices(groups) {
            Ok(groups) => Ok(Self::new(groups)),
            Err(error) => Err(error),
        }
    }

    /// Returns this matrix with another transform from each free parameter x to the variance σ².
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> GroupVarianceMatrix<N, G, F> {
        GroupVarianceMatrix { groups: self.groups, transform }
    }
}

impl<const N: usize, const G: usize, F> Shape for GroupVarianceMatrix<N, G, F>
where
    Const<G>: Countable,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<G> as Countable>::Count;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Diagonal;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::new(degree, 1.0));
        true
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "sigma^2_{index}")
    }
}

impl<T, F, const N: usize, const G: usize> ParamMatrix<T, N, N> for GroupVarianceMatrix<N, G, F>
where
    T: Real,
    F: Transform,
    Const<G>: Countable,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let mut value = SMatrix::<T, N, N>::zeros();
        for (group, &x) in theta.as_ref().iter().enumerate() {
            let variance = self.transform.jet(x);
            let put = |x: T, out: &mut SMatrix<T, N, N>| {
                for i in 0..N {
                    if self.groups.level(i) == Some(group) {
                        out[(i, i)] = x;
                    }
                }
            };
            put(variance.value, &mut value);
            visitor.derivative_by(group, |out| {
                out.fill(T::zero());
                put(variance.first, out);
            });
            if V::SECOND {
                let mut second = SMatrix::zeros();
                put(variance.second, &mut second);
                visitor.second(group, group, Partial::Dense(&second));
            }
        }
        visitor.value(|out| *out = value);
    }
}
