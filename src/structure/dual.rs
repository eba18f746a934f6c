//! Dual numbers, for correlations that are computed by a recursion.

use core::ops::{Add, Div, Mul, Sub};

use hybrid_array::{Array, ArraySize};

use crate::algebra::derivative::Partial;
use crate::algebra::visit::Visitor;
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::transform::{Jet, Transform};

/// A number with the arithmetic that the recursions for correlations need, such as a floating-point
/// number or a dual number.
pub(super) trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    fn zero() -> Self;
    fn one() -> Self;
}

impl<T: Real> Number for T {
    #[inline]
    fn zero() -> Self {
        nalgebra::zero()
    }

    #[inline]
    fn one() -> Self {
        nalgebra::one()
    }
}

/// A dual number: a value and its derivative in one direction. A dual number whose components are
/// dual numbers also has a second derivative.
#[derive(Clone, Copy)]
pub(super) struct Dual<S> {
    pub(super) value: S,
    pub(super) by: S,
}

impl<S: Number> Add for Dual<S> {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, by: self.by + other.by }
    }
}

impl<S: Number> Sub for Dual<S> {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, by: self.by - other.by }
    }
}

impl<S: Number> Mul for Dual<S> {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self { value: self.value * other.value, by: self.by * other.value + self.value * other.by }
    }
}

impl<S: Number> Div for Dual<S> {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self { value, by: (self.by - value * other.by) / other.value }
    }
}

impl<S: Number> Number for Dual<S> {
    #[inline]
    fn zero() -> Self {
        Self { value: S::zero(), by: S::zero() }
    }

    #[inline]
    fn one() -> Self {
        Self { value: S::one(), by: S::zero() }
    }
}

/// The correlations at the lags 0, …, N−1 as a function of parameters, generic over the number
/// type.
pub(super) trait Correlogram {
    fn lags<S: Number, const N: usize>(parameters: &[S]) -> [S; N];
}

/// Passes the Toeplitz matrix of a correlogram, with exact derivatives, to a visitor. The
/// correlogram is evaluated with dual numbers once for each derivative: in the direction of one
/// parameter for a first derivative, and of two parameters for a second derivative.
#[inline]
pub(super) fn visit_correlogram<C, P, T, V, const N: usize>(
    transform: &impl Transform,
    theta: &P::ArrayType<T>,
    visitor: &mut V,
) where
    C: Correlogram,
    P: ArraySize,
    T: Real,
    V: Visitor<T, N, N>,
{
    let theta = theta.as_ref();
    let jets = Array::<Jet<T>, P>::from_fn(|k| transform.jet(theta[k]));
    visitor.value(|out| {
        let parameters = tabulate::<P, T>(T::zero(), |k| jets[k].value);
        Partial::Toeplitz(&C::lags::<T, N>(&parameters)).write(out);
    });
    let at = |wanted: bool, x: T| if wanted { x } else { Number::zero() };
    for a in 0..P::USIZE {
        if V::DERIVATIVES {
            let parameters = Array::<_, P>::from_fn(|k| {
                let Jet { value, first, .. } = jets[k];
                Dual { value, by: at(k == a, first) }
            });
            let lags = C::lags::<_, N>(&parameters).map(|lag| lag.by);
            visitor.derivative(a, Partial::Toeplitz(&lags));
        }
        for b in 0..=a {
            if !V::SECOND {
                break;
            }
            let parameters = Array::<_, P>::from_fn(|k| {
                let Jet { value, first, second } = jets[k];
                Dual {
                    value: Dual { value, by: at(k == a, first) },
                    by: Dual { value: at(k == b, first), by: at(k == a && k == b, second) },
                }
            });
            let lags = C::lags::<_, N>(&parameters).map(|lag| lag.by.by);
            visitor.second(a, b, Partial::Toeplitz(&lags));
        }
    }
}
