//! The approximate comparison of results, number by number, for the traits of `approx`.

use nalgebra::SMatrix;

use crate::base::scalar::Real;

/// The absolute or relative tolerance of a comparison, with the same meaning as in the crate
/// `approx`.
#[derive(Clone, Copy)]
pub(crate) enum Within<T> {
    /// The absolute tolerance ε: two numbers a and b agree if |a − b| ≤ ε.
    Absolute(T),
    /// The relative tolerance r: two numbers a and b agree if |a − b| is at most r times the larger
    /// of |a| and |b|, or at most ε.
    Relative { epsilon: T, max_relative: T },
}

impl<T: Real> Within<T> {
    /// Returns `true` if two numbers agree within the tolerance. Equal infinite numbers agree, such
    /// as a θₖ on its bound. NaN agrees with no number.
    pub(crate) fn number(self, a: T, b: T) -> bool {
        a == b
            || match self {
                Self::Absolute(epsilon) => a.abs_diff_eq(&b, epsilon),
                Self::Relative { epsilon, max_relative } => {
                    a.relative_eq(&b, epsilon, max_relative)
                }
            }
    }

    /// Returns `true` if two lists have the same length and each pair of elements agrees within the
    /// tolerance.
    pub(crate) fn numbers(self, a: &[T], b: &[T]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| self.number(a, b))
    }

    /// Returns `true` if two lists have the same length and each pair of elements agrees within the
    /// tolerance.
    pub(crate) fn all<N: Near<T>>(self, a: &[N], b: &[N]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.near(b, self))
    }

    /// Returns `true` if two numbers agree within the tolerance, or both options are `None`.
    pub(crate) fn option(self, a: Option<T>, b: Option<T>) -> bool {
        a.zip(b).map_or(a.is_none() && b.is_none(), |(a, b)| self.number(a, b))
    }
}

/// A value that consists of numbers and can be compared within a tolerance.
pub(crate) trait Near<T> {
    /// Returns `true` if all numbers agree with those of `other` within the tolerance, and all
    /// parts that are not numbers are equal.
    fn near(&self, other: &Self, within: Within<T>) -> bool;
}

impl<T: Real, const R: usize, const C: usize> Near<T> for SMatrix<T, R, C> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        within.numbers(self.as_slice(), other.as_slice())
    }
}

/// Implements `AbsDiffEq` and `RelativeEq` for a type that implements [`Near`], with the default
/// tolerances of the scalar type `T`.
macro_rules! approximately_equal {
    ($(#[$documentation:meta])* impl [$($generics:tt)*] for $report:ty) => {
        $(#[$documentation])*
        impl<$($generics)*> approx::AbsDiffEq for $report {
            type Epsilon = T;

            fn default_epsilon() -> T {
                T::default_epsilon()
            }

            fn abs_diff_eq(&self, other: &Self, epsilon: T) -> bool {
                self.near(other, $crate::base::near::Within::Absolute(epsilon))
            }
        }

        impl<$($generics)*> approx::RelativeEq for $report {
            fn default_max_relative() -> T {
                T::default_max_relative()
            }

            fn relative_eq(&self, other: &Self, epsilon: T, max_relative: T) -> bool {
                self.near(other, $crate::base::near::Within::Relative { epsilon, max_relative })
            }
        }
    };
}
pub(crate) use approximately_equal;
