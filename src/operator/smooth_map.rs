//! Smooth maps between vectors of parameters.

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::Const;

use crate::algebra::matrix::evaluate::for_each_shift;
use crate::base::arrays::{filled, square};
use crate::base::dim::Countable;
use crate::base::scalar::Real;

/// A smooth map f from K numbers to P numbers, for an [`Adapter`](crate::operator::Adapter).
///
/// Only [`map`](Self::map) is required. By default, derivatives are central differences. In `f64`,
/// the Jacobian is accurate to about ten significant digits and the second derivatives to about
/// six. For exact derivatives, override [`jacobian`](Self::jacobian) and [`second`](Self::second).
///
/// ```
/// use covprop::algebra::assert_gradient;
/// use covprop::operator::{Adapter, SmoothMap};
/// use covprop::prelude::*;
/// use covprop::typenum::{U1, U2};
///
/// /// One parameter r for both of an AR(1): log σ = r, and ρ from r²/2.
/// struct Tied;
///
/// impl SmoothMap for Tied {
///     type InputCount = U1;
///     type OutputCount = U2;
///
///     fn map<T: Real>(&self, &[r]: &[T; 1]) -> [T; 2] {
///         [r, r * r * nalgebra::convert(0.5)]
///     }
///     fn jacobian<T: Real>(&self, &[r]: &[T; 1]) -> [[T; 1]; 2] {
///         [[T::one()], [r]]
///     }
///     fn second<T: Real>(&self, _: &[T; 1], weights: &[T; 2]) -> [[T; 1]; 1] {
///         [[weights[1]]]
///     }
/// }
///
/// let v = Adapter::new(Ar1Matrix::<2>::new(), Tied);
/// assert_eq!(v.value(&[0.0]), nalgebra::Matrix2::identity());
/// assert_gradient(&v, &[0.7]);
/// ```
pub trait SmoothMap {
    /// The number of inputs K, a typenum integer.
    type InputCount: ArraySize;
    /// The number of outputs P, a typenum integer.
    type OutputCount: ArraySize;

    /// Computes f(x).
    fn map<T: Real>(
        &self,
        x: &<Self::InputCount as ArraySize>::ArrayType<T>,
    ) -> <Self::OutputCount as ArraySize>::ArrayType<T>;

    /// Computes the Jacobian \[\[∂f_p/∂x_k\]\], with one row for each output p. By default, the
    /// Jacobian is computed by central differences at x_k ± h with the step h = ε^⅓ max(1, |x_k|),
    /// where ε is the machine epsilon. The derivatives with respect to an infinite x_k are zero.
    fn jacobian<T: Real>(&self, x: &Of<Self::InputCount, T>) -> Jacobian<Self, T> {
        let mut jacobian =
            Array::<_, Self::OutputCount>::from_fn(|_| filled::<Self::InputCount, T>(T::zero())).0;
        let rows = jacobian.as_mut();
        for_each_shift::<Self::InputCount, T>(x, |k, above, below, width| {
            let (above, below) = (self.map(above), self.map(below));
            for ((row, &above), &below) in rows.iter_mut().zip(above.as_ref()).zip(below.as_ref()) {
                row.as_mut()[k] = (above - below) / width;
            }
        });
        jacobian
    }

    /// Computes \[\[Σ_p w_p ∂²f_p/∂x_k∂x_l\]\]. By default, the second derivatives are computed by
    /// central differences of the Jacobian.
    fn second<T: Real>(
        &self,
        x: &Of<Self::InputCount, T>,
        weights: &Of<Self::OutputCount, T>,
    ) -> Of<Self::InputCount, Of<Self::InputCount, T>> {
        let mut second = square::<Self::InputCount, T>();
        let rows = second.as_mut();
        for_each_shift::<Self::InputCount, T>(x, |l, above, below, width| {
            let (above, below) = (self.jacobian(above), self.jacobian(below));
            let pairs = above.as_ref().iter().zip(below.as_ref()).zip(weights.as_ref());
            for ((above, below), &weight) in pairs {
                let pairs = above.as_ref().iter().zip(below.as_ref()).enumerate();
                for (k, (&above, &below)) in pairs {
                    // Half is added on each side of the diagonal, so that the result is symmetric.
                    let half = weight * (above - below) / (width + width);
                    rows[k].as_mut()[l] += half;
                    rows[l].as_mut()[k] += half;
                }
            }
        });
        second
    }

    /// Returns the input x of the map at which a search starts, zeros by default.
    fn defaults(&self) -> Of<Self::InputCount, f64> {
        filled::<Self::InputCount, f64>(0.0)
    }

    /// Writes the name of input `index`. The default names are `theta_0`, `theta_1`, and so on.
    ///
    /// # Errors
    ///
    /// Returns the errors of `out`.
    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "theta_{index}")
    }
}

/// The number of outputs of a [`SmoothMap`], as a type for the length of an array. Compile errors
/// show the type as a plain number.
pub trait MapsTo {
    /// The array type `[(); P]`.
    type Outputs;
}

impl<F: SmoothMap> MapsTo for F {
    type Outputs = Of<F::OutputCount, ()>;
}

/// The array `[E; P]` for a typenum integer P.
type Of<P, E> = <P as ArraySize>::ArrayType<E>;

/// The Jacobian `[[T; K]; P]` of a [`SmoothMap`].
type Jacobian<F, T> = Of<<F as SmoothMap>::OutputCount, Of<<F as SmoothMap>::InputCount, T>>;

/// The affine map f(x) = A x + b, with exact derivatives.
///
/// ```
/// use covprop::operator::{Adapter, AffineMap};
/// use covprop::prelude::*;
///
/// // log standard deviations that fall on a line over 0, 1, 2
/// let line = AffineMap::new([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [0.0; 3]);
/// let v = Adapter::new(DiagonalMatrix::<3>::new(), line);
/// assert_eq!(v.value(&[0.0, 0.5])[(2, 2)], 2.0_f64.exp());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AffineMap<const K: usize, const P: usize> {
    factors: [[f64; K]; P],
    shifts: [f64; P],
}

impl<const K: usize, const P: usize> AffineMap<K, P> {
    /// Creates the affine map whose output p is Σₖ factors\[p\]\[k\] xₖ + shifts\[p\], for the
    /// inputs xₖ.
    #[must_use]
    pub const fn new(factors: [[f64; K]; P], shifts: [f64; P]) -> Self {
        Self { factors, shifts }
    }
}

impl<const K: usize, const P: usize> SmoothMap for AffineMap<K, P>
where
    Const<K>: Countable,
    Const<P>: Countable,
{
    type InputCount = <Const<K> as Countable>::Count;
    type OutputCount = <Const<P> as Countable>::Count;

    fn map<T: Real>(&self, x: &Of<Self::InputCount, T>) -> Of<Self::OutputCount, T> {
        let row = |p: usize| {
            let terms = self.factors[p].iter().zip(x.as_ref());
            terms.fold(nalgebra::convert(self.shifts[p]), |sum: T, (&factor, &x)| {
                sum + nalgebra::convert::<f64, T>(factor) * x
            })
        };
        Array::<T, Self::OutputCount>::from_fn(row).0
    }

    fn jacobian<T: Real>(&self, _: &Of<Self::InputCount, T>) -> Jacobian<Self, T> {
        let row = |p: usize| {
            Array::<T, Self::InputCount>::from_fn(|k| nalgebra::convert(self.factors[p][k])).0
        };
        Array::<_, Self::OutputCount>::from_fn(row).0
    }

    fn second<T: Real>(
        &self,
        _: &Of<Self::InputCount, T>,
        _: &Of<Self::OutputCount, T>,
    ) -> Of<Self::InputCount, Of<Self::InputCount, T>> {
        square::<Self::InputCount, T>()
    }
}
