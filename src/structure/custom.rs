//! Matrices defined by a function of θ, with derivatives by dual numbers (feature `autodiff`).

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{Const, SMatrix};
use num_dual::{Dual, DualNumFloat, HyperDual, HyperHyperDual};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::gradient_by_visit;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::arrays::filled;
use crate::base::scalar::Real;

/// An R×C matrix as a function of P numbers, generic over the scalar. [`CustomMatrix`] turns a
/// [`MatrixFunction`] into a [`ParamMatrix`].
pub trait MatrixFunction<const R: usize, const C: usize> {
    /// The number of parameters P, a typenum integer.
    type ParamCount: ArraySize;

    /// `true` if the matrix is exactly symmetric for every θ.
    const SYMMETRIC: bool = false;

    /// Computes M(θ).
    fn value<T: Real>(
        &self,
        theta: &<Self::ParamCount as ArraySize>::ArrayType<T>,
    ) -> SMatrix<T, R, C>;

    /// Returns the θ at which a search starts, zeros by default.
    fn defaults(&self) -> <Self::ParamCount as ArraySize>::ArrayType<f64> {
        filled::<Self::ParamCount, f64>(0.0)
    }

    /// Writes the name of parameter `index`. The default names are `theta_0`, `theta_1`, and so on.
    ///
    /// # Errors
    ///
    /// Returns the errors of `out`.
    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "theta_{index}")
    }
}

/// A matrix defined by a function of θ, with exact derivatives by automatic differentiation
/// (feature `autodiff`).
///
/// First derivatives are computed with dual numbers, and second derivatives with hyper-dual numbers
/// (Fike & Alonso 2011, "The development of hyper-dual numbers for exact second-derivative
/// calculations", AIAA 2011-886), both from the crate num-dual. The feature links `std`. The scalar
/// type may be `f32`, `f64` or a dual number over `f32` or `f64`.
///
/// Without the feature `autodiff`, implement `value` and `gradient` of [`ParamMatrix`] instead.
///
/// ```
/// use covprop::algebra::assert_gradient;
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
/// use covprop::structure::{CustomMatrix, MatrixFunction};
/// use covprop::typenum;
///
/// /// cos θ and sin θ as a rotation.
/// struct Rotation;
///
/// impl MatrixFunction<2, 2> for Rotation {
///     type ParamCount = typenum::U1;
///
///     fn value<T: Real>(&self, &[angle]: &[T; 1]) -> Matrix2<T> {
///         let (sin, cos) = angle.sin_cos();
///         Matrix2::new(cos, -sin, sin, cos)
///     }
/// }
///
/// let z = CustomMatrix::new(Rotation);
/// assert_eq!(z.gradient(&[0.0]), [Matrix2::new(0.0, -1.0, 1.0, 0.0)]);
/// let v = CovariancePropagation::new(z, DiagonalMatrix::<2>::new());
/// assert_gradient(&v, &[0.3, 0.1, -0.2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomMatrix<F, const R: usize, const C: usize> {
    function: F,
}

impl<F: MatrixFunction<R, C>, const R: usize, const C: usize> CustomMatrix<F, R, C> {
    /// Creates a matrix from a function of θ that computes the matrix.
    #[must_use]
    pub const fn new(function: F) -> Self {
        Self { function }
    }
}

impl<F: MatrixFunction<R, C>, const R: usize, const C: usize> Shape for CustomMatrix<F, R, C> {
    type Rows = Const<R>;
    type Cols = Const<C>;
    type ParamCount = F::ParamCount;

    const SYMMETRIC: bool = F::SYMMETRIC;

    fn defaults(&self) -> Theta<Self, f64> {
        self.function.defaults()
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        self.function.write_param_name(index, out)
    }
}

/// A scalar type over which dual numbers exist: `f32`, `f64`, and dual numbers over `f32` or `f64`.
pub trait Autodiff: Real {
    /// A dual number x + x′ε.
    type Dual: Real;
    /// A hyper-dual number x + x₁ε₁ + x₂ε₂ + x₁₂ε₁ε₂, which holds a value, two first derivatives
    /// and a mixed second derivative.
    type HyperDual: Real;

    /// Creates x + seed ε.
    fn dual(self, seed: Self) -> Self::Dual;
    /// Returns the coefficient of ε.
    fn first(x: &Self::Dual) -> Self;
    /// Creates x + seeds₁ ε₁ + seeds₂ ε₂.
    fn hyper_dual(self, seeds: (Self, Self)) -> Self::HyperDual;
    /// Returns the coefficient of ε₁ε₂.
    fn second(x: &Self::HyperDual) -> Self;
}

macro_rules! autodiff {
    ($($float:ty),*) => {$(
        impl Autodiff for $float {
            type Dual = Dual<$float>;
            type HyperDual = HyperDual<$float>;

            fn dual(self, seed: Self) -> Self::Dual {
                Dual::new(self, seed)
            }

            fn first(x: &Self::Dual) -> Self {
                x.eps
            }

            fn hyper_dual(self, (one, two): (Self, Self)) -> Self::HyperDual {
                HyperDual::new(self, one, two, 0.0)
            }

            fn second(x: &Self::HyperDual) -> Self {
                x.eps1eps2
            }
        }
    )*};
}

autodiff!(f32, f64);

/// If the scalar type is itself a dual number, the computed value and derivatives also contain
/// their own derivatives, which are of one order higher.
impl<F> Autodiff for Dual<F>
where
    F: DualNumFloat + Autodiff,
    Self: Real,
    HyperDual<F>: Real,
    HyperHyperDual<F>: Real,
{
    type Dual = HyperDual<F>;
    type HyperDual = HyperHyperDual<F>;

    fn dual(self, seed: Self) -> Self::Dual {
        HyperDual::new(self.re, self.eps, seed.re, seed.eps)
    }

    fn first(x: &Self::Dual) -> Self {
        Dual::new(x.eps2, x.eps1eps2)
    }

    fn hyper_dual(self, (one, two): (Self, Self)) -> Self::HyperDual {
        let mut x = HyperHyperDual::from_re(self.re);
        x.eps1 = self.eps;
        (x.eps2, x.eps1eps2) = (one.re, one.eps);
        (x.eps3, x.eps1eps3) = (two.re, two.eps);
        x
    }

    fn second(x: &Self::HyperDual) -> Self {
        Dual::new(x.eps2eps3, x.eps1eps2eps3)
    }
}

impl<T, F, const R: usize, const C: usize> ParamMatrix<T, R, C> for CustomMatrix<F, R, C>
where
    T: Autodiff,
    F: MatrixFunction<R, C>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C> {
        self.function.value(theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C> {
        gradient_by_visit(self, theta)
    }

    fn visit<V: Visitor<T, R, C>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        if V::VALUE {
            visitor.value(|out| *out = self.function.value(theta));
        }
        let theta = theta.as_ref();
        let seed = |k: usize, l: usize| if k == l { T::one() } else { T::zero() };
        for k in 0..theta.len() {
            if V::DERIVATIVES {
                let dual = Array::<_, F::ParamCount>::from_fn(|i| theta[i].dual(seed(i, k))).0;
                visitor.derivative_by(k, |out| {
                    *out = self.function.value(&dual).map(|x| T::first(&x));
                });
            }
            if V::SECOND {
                for l in 0..=k {
                    let seeds = |i| (seed(i, k), seed(i, l));
                    let theta =
                        Array::<_, F::ParamCount>::from_fn(|i| theta[i].hyper_dual(seeds(i))).0;
                    let second = self.function.value(&theta).map(|x| T::second(&x));
                    visitor.second(k, l, Partial::Dense(&second));
                }
            }
        }
    }
}
