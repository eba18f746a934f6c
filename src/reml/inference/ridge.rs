//! Directions of θ that the data do not determine, and the results that depend on them.

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, convert};
use typenum::Unsigned;

use crate::cholesky::Cholesky;
use crate::kernel::sqrt;
use crate::optimise::information::Square;
use crate::reml::Likelihood;
use crate::reml::sample::{Sample, rounding};
use crate::shape::{copied, filled};
use crate::{Error, ParamMatrix, Real, Shape, Text};

/// The null directions n of the expected information, In = 0.
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub(super) struct Ridge<P: ArraySize, T, const K: usize> {
    /// The number of directions.
    count: usize,
    /// The directions, one in each of the first rows; their largest entries are 1.
    directions: Square<P, T>,
    /// The size of Σ nₖ ∂ₖV relative to V for each direction; zero if V does not change along it.
    #[cfg_attr(feature = "serde", serde(with = "crate::persistence"))]
    changes: P::ArrayType<T>,
    /// The parameter of each direction, or the combination of several.
    #[cfg_attr(feature = "serde", serde(with = "crate::persistence"))]
    names: P::ArrayType<Text>,
    /// Σ Cov(∂β/∂n) over the directions, for changes of V of its own size.
    spread: SMatrix<T, K, K>,
}

impl<P: ArraySize, T: Real, const K: usize> Clone for Ridge<P, T, K> {
    fn clone(&self) -> Self {
        Self {
            directions: self.directions.clone(),
            changes: copied::<P, T>(&self.changes),
            names: copied::<P, Text>(&self.names),
            ..*self
        }
    }
}

impl<P: ArraySize, T: Real, const K: usize> PartialEq for Ridge<P, T, K> {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
            && self.directions == other.directions
            && self.changes.as_ref() == other.changes.as_ref()
            && self.names.as_ref() == other.names.as_ref()
            && self.spread == other.spread
    }
}

impl<P: ArraySize, T: Real, const K: usize> Ridge<P, T, K> {
    fn rows(&self) -> impl Iterator<Item = (&[T], T, Text)> {
        let rows = self.directions.rows.as_ref().iter().map(AsRef::as_ref);
        let rows = rows.zip(self.changes.as_ref()).zip(self.names.as_ref());
        rows.take(self.count).map(|((n, &change), &name)| (n, change, name))
    }

    /// The error for θₖ, if the data do not determine it.
    pub(super) fn check_param(&self, k: usize) -> Result<(), Error> {
        self.check(|n, _| n.get(k).is_some_and(|x| !x.is_zero()))
    }

    /// The error for a function of θ with these derivatives, if it changes along a direction.
    pub(super) fn check_slopes(&self, slopes: &[T]) -> Result<(), Error> {
        /// Derivatives by differences have some ten digits in `f64`.
        const DIFFERENCED: f64 = 0.4;
        let tolerance = T::default_epsilon().powf(convert(DIFFERENCED));
        self.check(|n, _| {
            let terms = || n.iter().zip(slopes).map(|(&n, &slope)| n * slope);
            let size = terms().fold(T::zero(), |sum, x| sum + x.abs());
            let sum = terms().fold(T::zero(), |sum, x| sum + x);
            // A NaN stays one.
            sum.abs() > size * tolerance
        })
    }

    /// The error for the combinations Lβ, if they or their covariance L C Lᵀ = R Rᵀ change along a direction, for the
    /// derivatives ∂ₖC.
    pub(super) fn check_contrasts<const Q: usize>(
        &self,
        l: &SMatrix<T, Q, K>,
        root: &Cholesky<T, Q>,
        slopes: &[SMatrix<T, K, K>],
    ) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        let tolerance = sqrt(T::default_epsilon());
        let relative = |c: &SMatrix<T, K, K>| root.whiten(&(l * c * l.transpose())).amax();
        let wanders = relative(&self.spread) > tolerance;
        self.check(|n, change| {
            let mut slope = SMatrix::<T, K, K>::zeros();
            for (&n, of_k) in n.iter().zip(slopes) {
                slope += of_k * n;
            }
            !change.is_zero() && (wanders || relative(&slope) > tolerance * change)
        })
    }

    fn check(&self, depends: impl Fn(&[T], T) -> bool) -> Result<(), Error> {
        match self.rows().find(|&(n, change, _)| depends(n, change)) {
            Some((_, _, name)) => Err(Error::NotIdentified { name }),
            None => Ok(()),
        }
    }
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// Returns for each parameter `true` if V depends on it here: at all, or by more than rounding where `visibly`.
    pub(super) fn influences(&self, visibly: impl Fn(usize) -> bool) -> Array<bool, M::Params> {
        let mut influences = Array::<bool, M::Params>(filled::<M::Params, _>(false));
        self.model.for_each_derivative(&self.theta, |k, partial| {
            let theta = self.theta.as_ref().get(k).copied().unwrap_or_else(T::zero);
            let scale = theta.abs().max(T::one()) / self.size;
            let mut largest = T::zero();
            partial.each(|_, _, x| largest = largest.max(x.abs()));
            let least = if visibly(k) { rounding::<T, N>() } else { T::zero() };
            if let Some(influence) = influences.get_mut(k) {
                *influence = largest * scale > least;
            }
        });
        influences
    }

    /// The directions of the `free` parameters that the expected information does not determine. For each direction one
    /// parameter, which the others make up for, is no longer free.
    pub(super) fn ridge(
        &self,
        expected: &Square<M::Params, T>,
        free: &mut Array<bool, M::Params>,
    ) -> Ridge<M::Params, T, K> {
        let mut ridge = Ridge::<M::Params, T, K> {
            count: 0,
            directions: Square::zeros(),
            changes: filled::<M::Params, _>(T::zero()),
            names: filled::<M::Params, Text>(Text::EMPTY),
            spread: SMatrix::zeros(),
        };
        let zeros = filled::<M::Params, T>(T::zero());
        for row in 0..M::Params::USIZE {
            let null = expected.solve(zeros.as_ref(), free.as_ref()).null;
            let Some(null) = null else { break };
            let n = null.as_ref();
            // By its part in units of its own information; one without any goes first.
            let part = |k: usize| match expected.get(k, k) {
                _ if n[k].is_zero() => T::zero(),
                x if x > T::zero() => n[k].abs() * sqrt(x),
                _ => T::one() / T::zero(),
            };
            let excess = (0..n.len()).fold(0, |m, k| if part(k) > part(m) { k } else { m });
            free[excess] = false;
            for (l, &x) in n.iter().enumerate() {
                ridge.directions.set(row, l, x);
            }
            ridge.count = row + 1;
            let names: &mut [Text] = ridge.names.as_mut();
            names[row] = self.combination(n);
            let change = self.change_along(n, &mut ridge.spread);
            let changes: &mut [T] = ridge.changes.as_mut();
            changes[row] = change;
        }
        ridge
    }

    /// The size of Σ nₖ ∂ₖV/τ², or zero if that is rounding. Adds the covariance of ∂β/∂n, divided by its square.
    fn change_along(&self, n: &[T], spread: &mut SMatrix<T, K, K>) -> T {
        let mut along = SMatrix::<T, N, N>::zeros();
        let mut whole = SMatrix::<T, N, N>::zeros();
        self.model.for_each_derivative(&self.theta, |k, partial| {
            let factor = n.get(k).copied().unwrap_or_else(T::zero) / self.size;
            partial.each(|i, j, x| {
                along[(i, j)] += x * factor;
                whole[(i, j)] += (x * factor).abs();
            });
        });
        let change = along.amax();
        if change <= whole.amax() * rounding::<T, N>() {
            return T::zero();
        }
        along /= change;
        let mut form = SMatrix::<T, K, K>::zeros();
        self.sample.design_weights(&self.factors, |a, b, weights| {
            form[(a, b)] = weights.dot(&along);
            form[(b, a)] = form[(a, b)];
        });
        let product = self.sample.design_products(&self.factors, &along, &along);
        let inner = product - form * self.c * form;
        *spread += self.sample.reference().covariance(&(self.c * inner * self.c)) * self.size;
        change
    }

    /// The parameter that a direction has, or the combination of several.
    fn combination(&self, n: &[T]) -> Text {
        /// Writes `+1.000·a -0.500·b`.
        struct Combination<'n, M, T>(&'n M, &'n [T]);

        impl<M: Shape, T: Real> fmt::Display for Combination<'_, M, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut separator = "";
                for (name, &x) in self.0.param_names().zip(self.1) {
                    if !x.is_zero() {
                        write!(f, "{separator}{x:+.3}·{name}")?;
                        separator = " ";
                    }
                }
                Ok(())
            }
        }

        let mut parts = (0..n.len()).filter(|&k| !n[k].is_zero());
        match (parts.next(), parts.next()) {
            (Some(k), None) => Text::of_param(self.model, k),
            _ => Text::of(Combination(self.model, n)),
        }
    }
}
