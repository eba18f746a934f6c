//! The matrices and maps that the reference takes from its user's functions, as a user writes them here.

use core::fmt;

use covprop::algebra::Gradient;
use covprop::dim::Countable;
use covprop::operator::SmoothMap;
use covprop::prelude::*;
use covprop::transform::{Exp, Exp2, Exp10, ExpPow2, Jet, ScaleShift};
use covprop::{hybrid_array, typenum};
use nalgebra::Const;

/// e^(2 θ₀) e^(−(D / e^θ₁)^power).
pub(crate) struct Distance<const N: usize> {
    pub(crate) distances: [[f64; N]; N],
    pub(crate) power: i32,
    pub(crate) default: f64,
}

impl<const N: usize> Shape for Distance<N> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = typenum::U2;

    fn defaults(&self) -> [f64; 2] {
        [self.default; 2]
    }
}

impl<const N: usize> ParamMatrix<f64, N, N> for Distance<N> {
    fn value(&self, &[s, r]: &[f64; 2]) -> SMatrix<f64, N, N> {
        SMatrix::from_fn(|i, j| (2.0 * s - (self.distances[i][j] / r.exp()).powi(self.power)).exp())
    }

    fn gradient(&self, theta: &[f64; 2]) -> [SMatrix<f64, N, N>; 2] {
        let value = self.value(theta);
        let by_range = SMatrix::from_fn(|i, j| {
            let x = (self.distances[i][j] / theta[1].exp()).powi(self.power);
            value[(i, j)] * f64::from(self.power) * x
        });
        [value * 2.0, by_range]
    }
}

/// θ θᵀ.
pub(crate) struct Outer<const N: usize> {
    pub(crate) default: f64,
}

impl<const N: usize> Shape for Outer<N>
where
    Const<N>: Countable,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Countable>::Count;

    fn defaults(&self) -> Theta<Self, f64> {
        hybrid_array::Array::<f64, Self::ParamCount>::from_fn(|_| self.default).0
    }
}

impl<const N: usize> ParamMatrix<f64, N, N> for Outer<N>
where
    Const<N>: Countable,
{
    fn value(&self, theta: &Theta<Self, f64>) -> SMatrix<f64, N, N> {
        SMatrix::from_fn(|i, j| theta.as_ref()[i] * theta.as_ref()[j])
    }

    fn gradient(&self, theta: &Theta<Self, f64>) -> Gradient<Self, f64, N, N> {
        let entry = |k: usize, i: usize, j: usize| if i == k { theta.as_ref()[j] } else { 0.0 };
        let derivative = |k| SMatrix::from_fn(|i, j| entry(k, i, j) + entry(k, j, i));
        hybrid_array::Array::<_, <Const<N> as Countable>::Count>::from_fn(derivative).0
    }
}

/// Σₖ θₖ Bₖ.
pub(crate) struct Combination<const N: usize, const P: usize> {
    pub(crate) bases: [[[f64; N]; N]; P],
    pub(crate) default: f64,
}

impl<const N: usize, const P: usize> Shape for Combination<N, P>
where
    Const<P>: Countable,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<P> as Countable>::Count;

    fn defaults(&self) -> Theta<Self, f64> {
        hybrid_array::Array::<f64, Self::ParamCount>::from_fn(|_| self.default).0
    }
}

impl<const N: usize, const P: usize> ParamMatrix<f64, N, N> for Combination<N, P>
where
    Const<P>: Countable,
{
    fn value(&self, theta: &Theta<Self, f64>) -> SMatrix<f64, N, N> {
        let terms = theta.as_ref().iter().zip(self.gradient(theta).as_ref().to_vec());
        terms.map(|(&x, base)| base * x).sum()
    }

    fn gradient(&self, _: &Theta<Self, f64>) -> Gradient<Self, f64, N, N> {
        let base = |k: usize| SMatrix::from_fn(|i, j| self.bases[k][i][j]);
        hybrid_array::Array::<_, <Const<P> as Countable>::Count>::from_fn(base).0
    }
}

/// A sum of terms: coefficient, and (k, power of x_k).
type Terms = &'static [(f64, &'static [(usize, i32)])];

/// Polynomials in K parameters, one for each of P.
pub(crate) struct Polynomials<const K: usize, const P: usize> {
    pub(crate) names: [&'static str; K],
    pub(crate) defaults: [f64; K],
    pub(crate) terms: [Terms; P],
}

type Of<const N: usize, T> =
    <<Const<N> as Countable>::Count as hybrid_array::ArraySize>::ArrayType<T>;

fn power<T: Real>(x: T, n: i32) -> T {
    (0..n).fold(T::one(), |product, _| product * x)
}

impl<const K: usize, const P: usize> SmoothMap for Polynomials<K, P>
where
    Const<K>: Countable,
    Const<P>: Countable,
{
    type InputCount = <Const<K> as Countable>::Count;
    type OutputCount = <Const<P> as Countable>::Count;

    fn map<T: Real>(&self, x: &Of<K, T>) -> Of<P, T> {
        let x = x.as_ref();
        let term = |&(coefficient, powers): &(f64, &[(usize, i32)])| {
            let one = nalgebra::convert::<f64, T>(coefficient);
            powers.iter().fold(one, |product, &(k, n)| product * power(x[k], n))
        };
        let output = |p: usize| self.terms[p].iter().map(term).fold(T::zero(), |a, b| a + b);
        hybrid_array::Array::<T, Self::OutputCount>::from_fn(output).0
    }

    fn jacobian<T: Real>(&self, x: &Of<K, T>) -> Of<P, Of<K, T>> {
        let x = x.as_ref();
        let slope = |terms: Terms, by: usize| {
            let term = |&(coefficient, powers): &(f64, &[(usize, i32)])| {
                let mut sum = T::zero();
                for &(chosen, _) in powers.iter().filter(|&&(k, _)| k == by) {
                    let one = nalgebra::convert::<f64, T>(coefficient);
                    sum += powers.iter().fold(one, |product, &(k, n)| {
                        product
                            * if k == chosen {
                                nalgebra::convert::<f64, T>(f64::from(n)) * power(x[k], n - 1)
                            } else {
                                power(x[k], n)
                            }
                    });
                }
                sum
            };
            terms.iter().map(term).fold(T::zero(), |a, b| a + b)
        };
        let row = |p: usize| {
            hybrid_array::Array::<T, Self::InputCount>::from_fn(|k| slope(self.terms[p], k)).0
        };
        hybrid_array::Array::<_, Self::OutputCount>::from_fn(row).0
    }

    fn defaults(&self) -> Of<K, f64> {
        hybrid_array::Array::<f64, Self::InputCount>::from_fn(|k| self.defaults[k]).0
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self.names[index])
    }
}

/// A transform chosen at run time, of those that the cases mix.
#[derive(Clone, Copy)]
pub(crate) enum Any {
    Identity,
    Exp,
    Exp2,
    Exp10,
    ExpPow2,
    ScaleShift(ScaleShift),
    Chain(&'static [Any]),
}

impl Any {
    fn jet<T: Real>(self, x: T) -> Jet<T> {
        match self {
            Self::Identity => Identity.jet(x),
            Self::Exp => Exp.jet(x),
            Self::Exp2 => Exp2.jet(x),
            Self::Exp10 => Exp10.jet(x),
            Self::ExpPow2 => ExpPow2.jet(x),
            Self::ScaleShift(scale_shift) => scale_shift.jet(x),
            Self::Chain(links) => links.iter().fold(Identity.jet(x), |inner, link| {
                let outer = link.jet(inner.value);
                Jet {
                    value: outer.value,
                    first: outer.first * inner.first,
                    second: outer.second * inner.first * inner.first + outer.first * inner.second,
                }
            }),
        }
    }
}

/// A transform for each parameter.
pub(crate) struct Mixed<const P: usize> {
    pub(crate) names: [&'static str; P],
    pub(crate) transforms: [&'static Any; P],
}

impl<const P: usize> SmoothMap for Mixed<P>
where
    Const<P>: Countable,
{
    type InputCount = <Const<P> as Countable>::Count;
    type OutputCount = <Const<P> as Countable>::Count;

    fn map<T: Real>(&self, x: &Of<P, T>) -> Of<P, T> {
        let output = |p: usize| self.transforms[p].jet(x.as_ref()[p]).value;
        hybrid_array::Array::<T, Self::OutputCount>::from_fn(output).0
    }

    fn jacobian<T: Real>(&self, x: &Of<P, T>) -> Of<P, Of<P, T>> {
        let slope = |p: usize| self.transforms[p].jet(x.as_ref()[p]).first;
        let row = |p: usize| {
            let entry = |k: usize| if k == p { slope(p) } else { T::zero() };
            hybrid_array::Array::<T, Self::InputCount>::from_fn(entry).0
        };
        hybrid_array::Array::<_, Self::OutputCount>::from_fn(row).0
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(self.names[index])
    }
}
