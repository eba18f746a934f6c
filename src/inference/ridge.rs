//! Directions of θ that the data do not determine, and checks for results that depend on these
//! directions.

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, convert};
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::each_derivative;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::{copied, filled, tabulate};
use crate::base::error::Error;
use crate::base::error::text::Text;
use crate::base::near::{Near, Within};
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::sqrt;
use crate::reml::covariance_factor::rounding;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::blocks::{Block, OnBlock};
use crate::reml::undetermined::GROWS;

/// The directions of θ that the data do not determine. They are the null vectors of the expected
/// information matrix, and, if the likelihood rises to a limit as parameters diverge, the direction
/// in which the parameters diverge.
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub(super) struct Ridge<P: ArraySize, T, const K: usize> {
    /// The number of directions that the data do not determine.
    count: usize,
    /// The directions of θ that the data do not determine, as the first rows of a matrix. The
    /// largest entry of each direction vector is 1.
    directions: InformationMatrix<P, T>,
    /// The size of the derivative of V along each direction, relative to the size of V. The value
    /// is zero for a direction along which V is constant.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    changes: P::ArrayType<T>,
    /// The name of each direction of θ. If only one entry of the direction is nonzero, the name is
    /// that of the parameter, and otherwise a linear combination of parameter names.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    names: P::ArrayType<Text>,
    /// The covariance matrix of the derivative of the estimate of β along a null direction, summed
    /// over all null directions. Each null direction is scaled such that the derivative of V along
    /// the direction is as large as V.
    spread: SMatrix<T, K, K>,
    /// `true` if the likelihood rises to a limit at infinity along the first direction.
    has_limit: bool,
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
            && self.has_limit == other.has_limit
    }
}

impl<P: ArraySize, T: Real, const K: usize> Near<T> for Ridge<P, T, K> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.count == other.count
            && self.directions.near(&other.directions, within)
            && within.numbers(self.changes.as_ref(), other.changes.as_ref())
            && self.names.as_ref() == other.names.as_ref()
            && self.spread.near(&other.spread, within)
            && self.has_limit == other.has_limit
    }
}

impl<P: ArraySize, T: Real, const K: usize> Ridge<P, T, K> {
    /// Returns the directions of θ that the data do not determine, with their names. The argument
    /// `exact` is the tolerance for all directions except the direction to a limit at infinity.
    fn rows(&self, exact: T) -> impl Iterator<Item = (Direction<'_, T>, Text)> {
        let rows = self.directions.rows.as_ref().iter().map(AsRef::as_ref);
        let rows = rows.zip(self.changes.as_ref()).zip(self.names.as_ref()).enumerate();
        rows.take(self.count).map(move |(i, ((n, &change), &name))| {
            let is_limit = self.has_limit && i == 0;
            let tolerance = if is_limit { convert(GROWS) } else { exact };
            (Direction { n, change, is_limit, tolerance }, name)
        })
    }

    /// Adds a direction of θ with its name and with the relative change of V along the direction.
    fn take(&mut self, n: &[T], change: T, name: Text) {
        let row = self.count;
        for (l, &x) in n.iter().enumerate() {
            self.directions.set(row, l, x);
        }
        if let (Some(to), Some(of)) =
            (self.changes.as_mut().get_mut(row), self.names.as_mut().get_mut(row))
        {
            (*to, *of) = (change, name);
            self.count = row + 1;
        }
    }

    /// Checks that the data determine the parameter θₖ.
    pub(super) fn check_param(&self, k: usize) -> Result<(), Error> {
        self.check(T::zero(), |along| along.n.get(k).is_some_and(|x| !x.is_zero()))
    }

    /// Checks that a function of θ is constant along each direction that the data do not determine.
    /// The argument `slopes` contains the derivatives of the function with respect to θ.
    pub(super) fn check_slopes(&self, slopes: &[T]) -> Result<(), Error> {
        /// The power of the machine epsilon that is used as the tolerance for derivatives computed
        /// by differences. Such derivatives have about ten correct digits in `f64`.
        const DIFFERENCED: f64 = 0.4;
        let tolerance = T::default_epsilon().powf(convert(DIFFERENCED));
        self.check(tolerance, |along| {
            let terms = || along.n.iter().zip(slopes).map(|(&n, &slope)| n * slope);
            let size = terms().fold(T::zero(), |sum, x| sum + x.abs());
            let sum = terms().fold(T::zero(), |sum, x| sum + x);
            // A NaN does not exceed the tolerance, and is passed on.
            sum.abs() > size * along.tolerance
        })
    }

    /// Checks that the linear combinations Lβ and their covariance matrix L C Lᵀ are constant along
    /// each direction that the data do not determine. The arguments are the matrix L, the Cholesky
    /// factor of L C Lᵀ, and the derivatives ∂C/∂θₖ of the covariance C of β.
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
        self.check(tolerance, |along| {
            let mut slope = SMatrix::<T, K, K>::zeros();
            for (&n, of_k) in along.n.iter().zip(slopes) {
                slope += of_k * n;
            }
            let wanders = wanders && !along.is_limit;
            !along.change.is_zero()
                && (wanders || relative(&slope) > along.tolerance * along.change)
        })
    }

    fn check(&self, exact: T, depends: impl Fn(Direction<'_, T>) -> bool) -> Result<(), Error> {
        let mut rows = self.rows(exact);
        let found = rows.find_map(|(along, name)| depends(along).then_some(name));
        found.map_or(Ok(()), |name| Err(Error::NotIdentified { name }))
    }
}

/// A direction n of θ that the data do not determine.
struct Direction<'r, T> {
    n: &'r [T],
    /// The size of the derivative of V along the direction, relative to the size of V.
    change: T,
    /// `true` if the likelihood rises to a limit at infinity along the direction.
    is_limit: bool,
    /// The tolerance for derivatives of results along the direction. If the derivative of a result
    /// exceeds the tolerance, the result depends on the direction.
    tolerance: T,
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns `true` for each parameter on which V depends at the current θ. If `visibly(k)` is
    /// `true`, the result for parameter k is `true` only if V depends on parameter k by more than
    /// rounding error.
    pub(super) fn influences(&self, visibly: impl Fn(usize) -> bool) -> Array<bool, M::ParamCount> {
        let largest = self.data.largest_derivatives(self.model, &self.theta, &[T::one(); N]);
        tabulate::<M::ParamCount, bool>(false, |k| {
            let theta = self.theta.as_ref().get(k).copied().unwrap_or_else(T::zero);
            let scale = theta.abs().max(T::one()) / self.size;
            let least = if visibly(k) { rounding::<T, N>() } else { T::zero() };
            largest.get(k).is_some_and(|&largest| largest * scale > least)
        })
    }

    /// Returns the directions of the `free` parameters that the expected information does not
    /// determine. If parameters diverge while the likelihood rises to a limit, `limit` is the
    /// direction in which they diverge, and is also returned. If no parameters diverge, `limit` is
    /// zero. For each direction, one parameter is removed from `free`, because changes of the
    /// remaining parameters have the same effect on V or on the likelihood as a change of the
    /// removed parameter.
    pub(super) fn ridge(
        &self,
        expected: &InformationMatrix<M::ParamCount, T>,
        limit: &Array<T, M::ParamCount>,
        free: &mut Array<bool, M::ParamCount>,
    ) -> Ridge<M::ParamCount, T, K> {
        let mut ridge = Ridge::<M::ParamCount, T, K> {
            count: 0,
            directions: InformationMatrix::zeros(),
            changes: filled::<M::ParamCount, _>(T::zero()),
            names: filled::<M::ParamCount, Text>(Text::EMPTY),
            spread: SMatrix::zeros(),
            has_limit: limit.iter().any(|x| !x.is_zero()),
        };
        if ridge.has_limit {
            let farther = |m: usize, k: usize| if limit[k].abs() > limit[m].abs() { k } else { m };
            free[(0..limit.len()).fold(0, farther)] = false;
            let (_, size) = self.data.difference(self.model, &self.theta, &self.theta);
            let (change, size) = (self.change_along(limit), size / self.size);
            ridge.take(limit, change / size, self.combination(limit));
        }
        let zeros = filled::<M::ParamCount, T>(T::zero());
        while ridge.count < M::ParamCount::USIZE {
            let null = expected.solve(zeros.as_ref(), free.as_ref()).null;
            let Some(null) = null else { break };
            let n = null.as_ref();
            // The removed parameter has the largest entry in units of its own information. A
            // parameter without information is removed first.
            let part = |k: usize| match expected.get(k, k) {
                _ if n[k].is_zero() => T::zero(),
                x if x > T::zero() => n[k].abs() * sqrt(x),
                _ => T::one() / T::zero(),
            };
            let excess = (0..n.len()).fold(0, |m, k| if part(k) > part(m) { k } else { m });
            free[excess] = false;
            let change = self.change_along(n);
            if !change.is_zero() {
                ridge.spread += self.spread_along(n, change);
            }
            ridge.take(n, change, self.combination(n));
        }
        ridge
    }

    /// Returns the size of the derivative of V/τ² along a direction of θ, where τ² is the size of
    /// V. If the derivative of V is within rounding error of zero, returns zero.
    fn change_along(&self, n: &[T]) -> T {
        let (theta, size) = (&self.theta, self.size);
        let mut sum = ChangeAlong { theta, size, n, change: T::zero(), whole: T::zero() };
        self.data.each_block(&self.point(), &self.factors, &mut sum);
        let ChangeAlong { change, whole, .. } = sum;
        if change <= whole * rounding::<T, N>() { T::zero() } else { change }
    }

    /// Returns the covariance matrix of the derivative of β in a direction of θ, divided by the
    /// square of `change`, the size of the derivative of V/τ² in this direction. Here, τ² is the
    /// size of V.
    fn spread_along(&self, n: &[T], change: T) -> SMatrix<T, K, K> {
        let (form, product) = (SMatrix::zeros(), SMatrix::zeros());
        let size = self.size * change;
        let mut sum = SpreadAlong { theta: &self.theta, size, n, form, product };
        self.data.each_block(&self.point(), &self.factors, &mut sum);
        let SpreadAlong { form, product, .. } = sum;
        let inner = product - form * self.c * form;
        self.data.reference().covariance(&(self.c * inner * self.c)) * self.size
    }

    /// Returns the name of a direction of θ. If only one entry of the direction is nonzero, the
    /// name is that of the parameter, and otherwise a linear combination of parameter names.
    fn combination(&self, n: &[T]) -> Text {
        /// Writes a linear combination of parameter names, such as `+1.000·a -0.500·b`.
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

/// The largest entry of the derivative of V along a direction n, and the largest sum of the
/// absolute values of its terms.
struct ChangeAlong<'t, P: ArraySize, T> {
    theta: &'t P::ArrayType<T>,
    size: T,
    n: &'t [T],
    change: T,
    whole: T,
}

/// Returns the derivative of V along a direction n, divided by `size`, and the sums of the absolute
/// values of its terms.
fn along<V, T, const N: usize>(
    model: &V,
    theta: &Theta<V, T>,
    n: &[T],
    size: T,
) -> [SMatrix<T, N, N>; 2]
where
    T: Real,
    V: ParamMatrix<T, N, N>,
{
    let mut along = SMatrix::<T, N, N>::zeros();
    let mut whole = SMatrix::<T, N, N>::zeros();
    each_derivative(model, theta, &mut |k, partial| {
        let factor = n.get(k).copied().unwrap_or_else(T::zero) / size;
        partial.each_entry(&mut |i, j, x| {
            along[(i, j)] += x * factor;
            whole[(i, j)] += (x * factor).abs();
        });
    });
    [along, whole]
}

impl<P: ArraySize, T: Real, const K: usize> OnBlock<T, P, K> for ChangeAlong<'_, P, T> {
    fn take<V, B, const N: usize>(&mut self, model: &V, _: &B)
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
        B: Block<T, N, K>,
    {
        let [along, whole] = along(model, self.theta, self.n, self.size);
        (self.change, self.whole) = (self.change.max(along.amax()), self.whole.max(whole.amax()));
    }
}

/// The sums of HᵀDH and Hᵀ D V⁻¹ D H over blocks of data, where D is the derivative of V along a
/// direction n, divided by `size`.
struct SpreadAlong<'t, P: ArraySize, T, const K: usize> {
    theta: &'t P::ArrayType<T>,
    size: T,
    n: &'t [T],
    form: SMatrix<T, K, K>,
    product: SMatrix<T, K, K>,
}

impl<P: ArraySize, T: Real, const K: usize> OnBlock<T, P, K> for SpreadAlong<'_, P, T, K> {
    fn take<V, B, const N: usize>(&mut self, model: &V, block: &B)
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
        B: Block<T, N, K>,
    {
        let [along, _] = along(model, self.theta, self.n, self.size);
        block.design_weights(|a, b, weights| {
            let x = weights.dot(&along);
            self.form[(a, b)] += x;
            if a < b {
                self.form[(b, a)] += x;
            }
        });
        self.product += block.design_products(&along, &along);
    }
}
