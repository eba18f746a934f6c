//! Matrices with parameters that are fixed or tied.

pub(crate) mod alone;
pub(crate) mod sources;

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::factored::Factored;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::expression::write_wrapped;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, SparsityPattern, Theta};
use crate::algebra::visit::Visitor;
use crate::base::arrays::{filled, mirror_rows, square};
use crate::base::dim::Countable;
use crate::base::error::Error;
use crate::base::error::text::Text;
use crate::base::scalar::Real;
use crate::operator::constrained::alone::Alone;
use crate::transform::TransformVisitor;
use crate::transform::affine::Identity;

/// Where a parameter of the matrix inside a [`Constrained`] matrix gets its value: from a free
/// parameter or from a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<T> {
    /// The free parameter with this index. Parameters with the same index are tied.
    Free(usize),
    /// The parameter is fixed at this element of θ. The transform of the parameter is still applied
    /// to it.
    Fixed(T),
}

/// A matrix with some parameters fixed or tied, as a function of the K remaining free parameters.
///
/// The derivative with respect to a free parameter is the sum of the derivatives with respect to
/// all parameters that are tied to the free parameter. A free parameter has the name and the
/// default value of the first parameter of the inner matrix that is tied to it.
///
/// ```
/// use covprop::prelude::*;
/// use Source::{Fixed, Free};
///
/// // σ²₀ and σ²₂ are one parameter, σ²₁ is e
/// let g = Constrained::<_, _, 1>::new(DiagonalMatrix::<3>::new(), [Free(0), Fixed(0.5), Free(0)]);
/// assert_eq!(g.value(&[0.0])[(2, 2)], 1.0);
/// assert_eq!(g.gradient(&[0.0])[0].diagonal().as_slice(), &[2.0, 0.0, 2.0]);
/// assert!(g.param_names().eq(["sigma^2_0"]));
/// ```
///
/// If an element of `sources` refers to a free parameter whose index is not below K, every
/// parameter of the inner matrix is NaN, and so are all values and derivatives.
/// [`try_new`](Self::try_new) returns an error for a [`Source::Free`] whose index is not below K,
/// the number of free parameters.
#[doc(alias = "fixed parameters")]
#[doc(alias = "tied parameters")]
pub struct Constrained<M: Shape, T, const K: usize> {
    inner: M,
    sources: PerParam<M, Source<T>>,
}

impl<M: Shape, T, const K: usize> Constrained<M, T, K> {
    /// Creates a matrix from the matrix `inner` by fixing or tying parameters. For each parameter
    /// of `inner`, `sources` contains either the index of a free parameter or a constant.
    #[must_use]
    pub const fn new(inner: M, sources: PerParam<M, Source<T>>) -> Self {
        Self { inner, sources }
    }

    /// Creates a matrix from the matrix `inner` by fixing or tying parameters, after a check of
    /// `sources`. For each parameter of `inner`, `sources` contains either the index of a free
    /// parameter or a constant.
    ///
    /// # Errors
    ///
    /// - [`Error::FreeIndex`] for a source that refers to a free parameter beyond the K-th
    /// - [`Error::UnusedFree`] for a free parameter that no source refers to
    pub fn try_new(inner: M, sources: PerParam<M, Source<T>>) -> Result<Self, Error> {
        let constrained = Self { inner, sources };
        for (name, source) in constrained.inner.param_names().zip(constrained.sources.as_ref()) {
            if let Source::Free(index) = *source
                && index >= K
            {
                return Err(Error::FreeIndex { name: Text::of(name), index, free: K });
            }
        }
        match (0..K).find(|&free| constrained.tied_to(free).next().is_none()) {
            None => Ok(constrained),
            Some(index) => Err(Error::UnusedFree { index }),
        }
    }
}

impl<M, T, const K: usize> Clone for Constrained<M, T, K>
where
    M: Shape<ParamCount: ArraySize<ArrayType<Source<T>>: Clone>> + Clone,
{
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), sources: self.sources.clone() }
    }
}

impl<M, T, const K: usize> Copy for Constrained<M, T, K> where
    M: Shape<ParamCount: ArraySize<ArrayType<Source<T>>: Copy>> + Copy
{
}

impl<M, T, const K: usize> PartialEq for Constrained<M, T, K>
where
    M: Shape + PartialEq,
    T: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner && self.sources.as_ref() == other.sources.as_ref()
    }
}

impl<M, T, const K: usize> fmt::Debug for Constrained<M, T, K>
where
    M: Shape + fmt::Debug,
    T: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Constrained")
            .field("inner", &self.inner)
            .field("sources", &self.sources.as_ref())
            .finish()
    }
}

impl<M: Shape, T, const K: usize> Shape for Constrained<M, T, K>
where
    Const<K>: Countable,
{
    type Rows = M::Rows;
    type Cols = M::Cols;
    type ParamCount = <Const<K> as Countable>::Count;

    const SYMMETRIC: bool = M::SYMMETRIC;
    const SPARSITY: SparsityPattern = M::SPARSITY;

    #[inline]
    fn column(&self, row: usize) -> usize {
        self.inner.column(row)
    }

    /// Returns `true` if the inner matrix can be scaled by its parameters, parameters that are tied
    /// to each other stay equal, and fixed parameters do not depend on the unit of the data. Tied
    /// parameters stay equal in another unit of the data if they have the same degree of
    /// homogeneity and, for a nonzero degree, the same typical value. A difference between the
    /// transforms of tied parameters, such as eˣ and e²ˣ for two variances, is not detected.
    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let mut inner = filled::<M::ParamCount, Scale>(Scale::UNKNOWN);
        let mut carried = self.inner.scales(degree, inner.as_mut());
        let inner = inner.as_ref();
        for free in 0..K {
            let mut tied = self.tied_to(free).filter_map(|k| inner.get(k));
            let first = tied.next().copied().unwrap_or(Scale::UNKNOWN);
            carried &= tied.all(|other| first.scales_with(other));
            if let Some(scale) = scales.get_mut(free) {
                *scale = first;
            }
        }
        let fixed = |&(k, _): &(usize, &Scale)| self.free_of(k).is_none();
        carried && inner.iter().enumerate().filter(fixed).all(|(_, scale)| scale.degree == 0.0)
    }

    fn operand_name(&self) -> Option<&'static str> {
        self.inner.operand_name()
    }

    fn defaults(&self) -> Theta<Self, f64> {
        let inner = self.inner.defaults();
        let default = |k| inner.as_ref().get(k).copied();
        Array::<_, Self::ParamCount>::from_fn(|free| {
            self.tied_to(free).next().and_then(default).unwrap_or(0.0)
        })
        .0
    }

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_wrapped(self, &self.inner, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        match self.tied_to(index).next() {
            Some(first) => self.inner.write_param_name(first, out),
            None => write!(out, "free_{index}"),
        }
    }
}

impl<M, T: Real, const K: usize, const R: usize, const C: usize> ParamMatrix<T, R, C>
    for Constrained<M, T, K>
where
    M: ParamMatrix<T, R, C>,
    Const<K>: Countable,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C> {
        gradient_by_visit(self, theta)
    }

    /// Visits the transform of the first parameter of the inner matrix that is tied to the free
    /// parameter `k`.
    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        match self.tied_to(k).next() {
            Some(first) => self.inner.visit_transform(first, visitor),
            None => visitor.visit(&Identity),
        }
    }

    /// Visits the operands of the inner matrix (the matrix whose parameters are fixed or tied), at
    /// the θ of the inner matrix.
    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        self.inner.visit_operands(&self.inner_theta(theta), visitor);
    }

    /// Passes the value and the derivatives to a visitor. If several parameters are tied to one
    /// free parameter, the derivatives with respect to the tied parameters are summed before they
    /// are passed on.
    fn visit<V: Visitor<T, R, C>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let inner = self.inner_theta(theta);
        self.inner.visit(&inner, &mut Alone { outer: visitor, constrained: self });
        if V::DERIVATIVES {
            for free in (0..K).filter(|&free| self.tied_to(free).nth(1).is_some()) {
                visitor.derivative_by(free, |out| self.write_sum(&inner, free, out));
            }
            for free in (0..K).filter(|&free| self.tied_to(free).next().is_none()) {
                visitor.derivative_by(free, |out| out.fill(T::zero()));
            }
        }
    }

    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Theta<Self, T> {
        let inner = self.inner.pullback(&self.inner_theta(theta), weights);
        self.summed(inner.as_ref(), T::zero(), |out, x| *out += *x)
    }

    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Curvature<Self, T> {
        let inner = self.inner.curvature(&self.inner_theta(theta), weights);
        let mut curvature = square::<Self::ParamCount, T>();
        let rows = curvature.as_mut();
        for (k, inner) in inner.as_ref().iter().enumerate() {
            for (l, &x) in inner.as_ref().iter().enumerate() {
                if let (Some(k), Some(l)) = (self.free_of(k), self.free_of(l))
                    && let Some(out) = rows.get_mut(k).and_then(|row| row.as_mut().get_mut(l))
                {
                    *out += x;
                }
            }
        }
        mirror_rows::<Self::ParamCount, T>(rows);
        curvature
    }

    fn factored(&self, theta: &Theta<Self, T>) -> Option<Factored<T, R, C>> {
        self.inner.factored(&self.inner_theta(theta))
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let inner = self.inner.gradient_mul(&self.inner_theta(theta), u);
        self.summed(inner.as_ref(), SVector::zeros(), |out, x| *out += x)
    }
}
