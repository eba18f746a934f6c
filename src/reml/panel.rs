//! Independent subjects with a common V, in constant memory.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use super::moments::Moments;
use super::reference::Reference;
use super::sample::{Data, Factor, rounding};
use super::square::Square;
use super::{Estimation, Fit, Model};
use crate::cholesky::semidefinite_columns;
use crate::shape::filled;
use crate::{Error, ParamMatrix, Real, Theta};

/// Independent subjects i with N visits each, yᵢ = Xᵢβ + eᵢ with eᵢ ~ N(0, V(θ)), one V for all.
///
/// Subjects come one at a time, in any order, and are not kept: of those that were seen at the same visits only the
/// cross-products of \[X y\] remain, (K+1)(K+2)/2 matrices N×N, whatever their number. Two panels can be
/// [merged](Self::merge), so that a stream, several threads and several machines give the same answer.
///
/// A subject that [misses visits](Self::push_observed) has the rows and columns of V that it was seen at. There may be
/// `PATTERNS` different sets of visits; [`Panel::new`] is for one.
///
/// Sums are taken of residuals from a first fit, in columns of X that are orthogonal over the first subjects, and
/// keep their rounding errors: the digits that all data have in common cost nothing, and a million subjects cost
/// no more digits than ten.
///
/// ```
/// use covprop::*;
/// use nalgebra::{vector, SVector};
///
/// // Box & Tiao 1973, table 5.1.1: six batches of five, a variance between batches and one within
/// let model = Marginal::new(CompoundSymmetricMatrix::<5>::new());
/// let mut panel = Panel::new(model);
/// let ones = SVector::<f64, 5>::repeat(1.0);
/// for batch in [
///     vector![1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
///     vector![1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
///     vector![1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
///     vector![1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
///     vector![1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
///     vector![1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
/// ] {
///     panel.push(&ones, &batch)?;
/// }
/// let fit = panel.fit()?;
/// let [total, correlation] = fit.params;
/// assert!((total * correlation - 1764.05).abs() < 1e-6);
/// assert!((total * (1.0 - correlation) - 2451.25).abs() < 1e-6);
/// assert!((fit.beta[0] - 1527.5).abs() < 1e-9);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Panel<M, T, const N: usize, const K: usize, const PATTERNS: usize = 1> {
    model: M,
    data: Accumulator<T, N, K, PATTERNS>,
}

/// What is kept of the subjects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accumulator<T, const N: usize, const K: usize, const PATTERNS: usize> {
    reference: Reference<T, K>,
    patterns: [Pattern<T, N, K>; PATTERNS],
    used: usize,
    largest: T,
}

/// The subjects that were seen at the same visits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pattern<T, const N: usize, const K: usize> {
    observed: [bool; N],
    subjects: usize,
    moments: Moments<T, N, K>,
}

impl<M, T: Real, const N: usize, const K: usize> Panel<M, T, N, K> {
    /// No subjects yet; all of them will be seen at the same visits.
    #[must_use]
    pub fn new(model: M) -> Self {
        Self::with_patterns(model)
    }
}

impl<M, T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    Panel<M, T, N, K, PATTERNS>
{
    /// No subjects yet; they will be seen at up to `PATTERNS` different sets of visits.
    #[must_use]
    pub fn with_patterns(model: M) -> Self {
        Self { model, data: Accumulator::new() }
    }

    /// Takes a subject that was seen at every visit.
    ///
    /// # Errors
    ///
    /// [`Error::ResponseNotFinite`] and [`Error::DesignNotFinite`] for a number that is not finite, or so large
    /// that its square is not; [`Error::PatternCount`] if there is no room for another set of visits. The panel
    /// is then what it was.
    pub fn push(&mut self, x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<(), Error> {
        self.push_observed(x, y, &[true; N])
    }

    /// Takes a subject that was seen at the visits i with `observed[i]`; what stands in the other rows of x and y
    /// does not matter. One that was never seen changes nothing.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_observed(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<(), Error> {
        self.data.push(x, y, observed)
    }

    /// Takes subjects (X, y) that were seen at every visit, up to the first that is in error; returns how many.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push); the subjects before it are in the panel.
    pub fn extend(
        &mut self,
        subjects: impl IntoIterator<Item = (SMatrix<T, N, K>, SVector<T, N>)>,
    ) -> Result<usize, Error> {
        let mut count = 0;
        for (x, y) in subjects {
            self.push(&x, &y)?;
            count += 1;
        }
        Ok(count)
    }

    /// Takes the subjects of another panel.
    ///
    /// # Errors
    ///
    /// [`Error::PatternCount`] if there is no room for the sets of visits of both. The panel is then what it was.
    pub fn merge<const OTHERS: usize>(
        &mut self,
        other: &Panel<M, T, N, K, OTHERS>,
    ) -> Result<(), Error> {
        self.data.merge(&other.data)
    }

    /// The number of subjects.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.data.used().iter().map(|pattern| pattern.subjects).sum()
    }

    /// The number of observations.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.data.count()
    }

    /// The model.
    pub const fn model(&self) -> &M {
        &self.model
    }

    /// The likelihood of these data, to be evaluated or maximised.
    ///
    /// # Errors
    ///
    /// As [`Model::estimation`].
    pub fn estimation(
        &self,
    ) -> Result<Estimation<'_, M::Covariance, &Accumulator<T, N, K, PATTERNS>, T, N, K>, Error>
    where
        M: Model,
        M::Covariance: ParamMatrix<T, N, N>,
    {
        Estimation::new(self.model.covariance(), &self.data)
    }

    /// The fit by restricted maximum likelihood from the default start.
    ///
    /// # Errors
    ///
    /// As [`Model::fit`].
    pub fn fit(&self) -> Result<Fit<'_, M::Covariance, T, N, K>, Error>
    where
        M: Model,
        M::Covariance: ParamMatrix<T, N, N>,
    {
        self.estimation()?.fit()
    }
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    Accumulator<T, N, K, PATTERNS>
{
    fn new() -> Self {
        let empty = Pattern { observed: [false; N], subjects: 0, moments: Moments::new() };
        Self {
            reference: Reference::new(),
            patterns: [empty; PATTERNS],
            used: 0,
            largest: T::zero(),
        }
    }

    fn used(&self) -> &[Pattern<T, N, K>] {
        self.patterns.get(..self.used).unwrap_or_default()
    }

    fn count(&self) -> usize {
        let of = |pattern: &Pattern<T, N, K>| {
            pattern.subjects * pattern.observed.iter().filter(|&&observed| observed).count()
        };
        self.used().iter().map(of).sum()
    }

    /// The place of the subjects seen at these visits, a new one if there are none yet.
    fn pattern(&mut self, observed: &[bool; N]) -> Result<&mut Pattern<T, N, K>, Error> {
        let found = self.used().iter().position(|pattern| pattern.observed == *observed);
        let place = found.unwrap_or(self.used);
        let full = Error::PatternCount { capacity: PATTERNS };
        let pattern = self.patterns.get_mut(place).ok_or(full)?;
        if found.is_none() {
            pattern.observed = *observed;
            self.used += 1;
        }
        Ok(pattern)
    }

    fn push(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<(), Error> {
        if !observed.contains(&true) {
            return Ok(());
        }
        let mut reference = self.reference;
        let referred = reference.refer(x, y, observed)?;
        let pattern = self.pattern(observed)?;
        pattern.moments.add(&referred.x, &referred.y);
        pattern.subjects += 1;
        self.reference = reference;
        self.largest = self.largest.max(referred.largest);
        Ok(())
    }

    fn merge<const OTHERS: usize>(
        &mut self,
        other: &Accumulator<T, N, K, OTHERS>,
    ) -> Result<(), Error> {
        let is_new = |pattern: &&Pattern<T, N, K>| {
            !self.used().iter().any(|own| own.observed == pattern.observed)
        };
        if self.used + other.used().iter().filter(is_new).count() > PATTERNS {
            return Err(Error::PatternCount { capacity: PATTERNS });
        }
        let mut reference = self.reference;
        let change = reference.adopt(&other.reference);
        let mut theirs = *other;
        let theirs = &mut theirs;
        for pattern in theirs.used_mut() {
            pattern.moments.change(&change);
        }
        let terms = |j: usize| {
            let parts = change.columns[j].iter().enumerate();
            parts.fold(T::zero(), |sum, (i, &part)| sum + part * part * other.product(i, i))
        };
        for j in 0..K {
            if !reference.is_open(j) {
                continue;
            }
            if Reference::<T, K>::is_closed_by(theirs.product(j, j), terms(j)) {
                reference.close_column(j, theirs, Accumulator::product, Accumulator::add_column);
            } else {
                for pattern in theirs.used_mut() {
                    pattern.moments.clear_column(j);
                }
            }
        }
        for pattern in theirs.used() {
            let own = self.pattern(&pattern.observed)?;
            own.moments.merge(&pattern.moments);
            own.subjects += pattern.subjects;
        }
        self.reference = reference;
        self.largest = self.largest.max(other.largest);
        Ok(())
    }

    fn used_mut(&mut self) -> &mut [Pattern<T, N, K>] {
        self.patterns.get_mut(..self.used).unwrap_or_default()
    }

    /// Σ aᵢᵀ bᵢ over all subjects, for columns of [X̃ ỹ].
    fn product(&self, a: usize, b: usize) -> T {
        self.used().iter().fold(T::zero(), |sum, pattern| sum + pattern.moments.product(a, b))
    }

    fn add_column(&mut self, from: usize, x: T, to: usize) {
        for pattern in self.used_mut() {
            pattern.moments.add_column(from, x, to);
        }
    }

    /// The patterns with their factors.
    fn with<'a>(
        &'a self,
        factors: &'a [Factor<T, N>; PATTERNS],
    ) -> impl Iterator<Item = (&'a Pattern<T, N, K>, &'a Factor<T, N>)> {
        self.used().iter().zip(factors)
    }
}

impl<T: Real, const N: usize, const K: usize> Moments<T, N, K> {
    /// Σ xₐ eᵀ for e = ỹ − X̃β̃.
    fn with_residual(&self, a: usize, beta: &SVector<T, K>) -> SMatrix<T, N, N> {
        let mut out = self.total(a, K);
        for (b, &x) in beta.iter().enumerate() {
            if a <= b {
                out -= self.total(a, b) * x;
            } else {
                out -= self.total(b, a).transpose() * x;
            }
        }
        out
    }

    /// Σ e eᵀ, symmetric to the last bit.
    fn of_residuals(&self, beta: &SVector<T, K>) -> SMatrix<T, N, N> {
        let mut out = self.total(K, K);
        for (a, &x) in beta.iter().enumerate() {
            // xₐ (y + e)ᵀ, halved and mirrored, twice
            let part = (self.total(a, K) + self.with_residual(a, beta)) * (x * half());
            out -= part + part.transpose();
        }
        out
    }

    /// Σ X̃ C X̃ᵀ, symmetric to the last bit.
    fn of_designs(&self, c: &SMatrix<T, K, K>) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        for b in 0..K {
            for a in 0..=b {
                let part = self.total(a, b) * c[(a, b)] * half::<T>();
                let part = part + part.transpose();
                out += if a == b { part } else { part + part };
            }
        }
        out
    }
}

fn half<T: Real>() -> T {
    nalgebra::convert(0.5)
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> Data<T, N, K>
    for &Accumulator<T, N, K, PATTERNS>
{
    type Factors = [Factor<T, N>; PATTERNS];

    fn unit_factors(&self) -> Self::Factors {
        self.patterns.each_ref().map(|pattern| Factor::unit(pattern.observed, pattern.subjects))
    }

    fn observations(&self) -> usize {
        self.count()
    }

    fn largest(&self) -> T {
        self.largest
    }

    fn reference(&self) -> &Reference<T, K> {
        &self.reference
    }

    fn equations(&self, factors: &mut Self::Factors) -> (SMatrix<T, K, K>, SVector<T, K>) {
        for factor in factors.iter_mut().take(self.used) {
            factor.invert();
        }
        let sum = |a: usize, b: usize| {
            let part = |(pattern, factor): (&Pattern<T, N, K>, &Factor<T, N>)| {
                factor.inverse.dot(&pattern.moments.total(a, b))
            };
            self.with(factors).map(part).fold(T::zero(), |sum, x| sum + x)
        };
        let xx = SMatrix::<T, K, K>::from_fn(|a, b| if a <= b { sum(a, b) } else { T::zero() });
        let xx = SMatrix::<T, K, K>::from_fn(|a, b| if a <= b { xx[(a, b)] } else { xx[(b, a)] });
        (xx, SVector::from_fn(|a, _| sum(a, K)))
    }

    fn quadratic(&self, factors: &Self::Factors, beta: &SVector<T, K>) -> T {
        let of = |(pattern, factor): (&Pattern<T, N, K>, &Factor<T, N>)| {
            let scale = self.reference.scale() / factor.tau;
            factor.inverse.dot(&pattern.moments.of_residuals(beta)) * scale * scale
        };
        self.with(factors).map(of).fold(T::zero(), |sum, x| sum + x)
    }

    fn squares(&self, factors: &mut Self::Factors, beta: &SVector<T, K>) -> SMatrix<T, N, N> {
        let of = |(pattern, factor): (&Pattern<T, N, K>, &Factor<T, N>)| {
            let scale = self.reference.scale() / factor.tau;
            let inner = pattern.moments.of_residuals(beta) * (scale * scale);
            factor.inverse * inner * factor.inverse
        };
        self.with(factors).map(of).fold(SMatrix::zeros(), |sum, x| sum + x)
    }

    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = SMatrix::zeros();
        for (Pattern { moments, .. }, Factor { inverse, subjects, tau, .. }) in self.with(factors) {
            let scale = self.reference.scale() / *tau;
            let mut inner = moments.of_residuals(beta) * (scale * scale);
            if let Some(c) = c {
                inner += moments.of_designs(c);
            }
            weights += inverse * inner * inverse - inverse * *subjects;
        }
        weights
    }

    fn average<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<M::Params, T> {
        let mut out = Square::zeros();
        let zeros = || Array::<T, M::Params>::from_fn(|_| T::zero());
        let mut across: [_; K] = core::array::from_fn(|_| zeros());
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let Factor { inverse, tau, .. } = factor;
            let scale = self.reference.scale() / *tau;
            let residuals = moments.of_residuals(beta) * (scale * scale);
            let columns = semidefinite_columns(residuals);
            add_traces((model, theta), factor, &columns, half(), &mut out);
            for (a, across) in across.iter_mut().enumerate() {
                let part = inverse * (moments.with_residual(a, beta) * scale) * inverse;
                for (x, &part) in across.iter_mut().zip(model.pullback(theta, &part).as_ref()) {
                    *x += part / (*tau * *tau);
                }
            }
        }
        let whole = out.diagonal();
        for (a, of_a) in across.iter().enumerate() {
            for (b, of_b) in across.iter().enumerate() {
                for (k, &x) in of_a.iter().enumerate() {
                    for (l, &y) in of_b.iter().enumerate() {
                        out.add(k, l, -x * c[(a, b)] * y * half());
                    }
                }
            }
        }
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }

    /// With H = V⁻¹X̃ of each subject, tr(P ∂ₖV P ∂ₗV) is
    ///
    /// ```text
    /// Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − 2 Σ tr(V⁻¹ ∂ₖV H C Hᵀ ∂ₗV) + tr(C Σ Hᵀ∂ₖV H · C Σ Hᵀ∂ₗV H)
    /// ```
    fn expected<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<M::Params, T> {
        let mut out = Square::zeros();
        let mut whole = filled::<M::Params, T>(T::zero());
        // Hᵀ ∂ₖV H, by its entries
        let zeros = || Array::<T, M::Params>::from_fn(|_| T::zero());
        let mut inner: [[_; K]; K] = core::array::from_fn(|_| core::array::from_fn(|_| zeros()));
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let Factor { inverse, subjects, tau, .. } = factor;
            // V⁻¹ L Lᵀ V⁻¹ = V⁻¹
            let root = factor.observed_root();
            let mut own = Square::zeros();
            add_traces((model, theta), factor, &root, half::<T>() * *subjects, &mut own);
            for (whole, x) in whole.as_mut().iter_mut().zip(own.diagonal().as_ref()) {
                *whole += *x;
            }
            out.add_all(&own);
            let Some(c) = c else { continue };
            let columns = semidefinite_columns(moments.of_designs(c));
            add_traces((model, theta), factor, &columns, -T::one(), &mut out);
            for (a, inner) in inner.iter_mut().enumerate() {
                for (b, inner) in inner.iter_mut().enumerate().skip(a) {
                    let weights = inverse * moments.total(a, b) * inverse;
                    let parts = model.pullback(theta, &weights);
                    for (x, &part) in inner.iter_mut().zip(parts.as_ref()) {
                        *x += part / (*tau * *tau);
                    }
                }
            }
        }
        if let Some(c) = c {
            let of =
                |k: usize| c * SMatrix::<T, K, K>::from_fn(|a, b| inner[a.min(b)][a.max(b)][k]);
            let inner = Array::<_, M::Params>::from_fn(of);
            for (k, of_k) in inner.iter().enumerate() {
                for (l, of_l) in inner.iter().enumerate() {
                    out.add(k, l, of_k.dot(&of_l.transpose()) * half());
                }
            }
        }
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }
}

/// Adds x tr(V⁻¹ ∂ₖV V⁻¹ S V⁻¹ ∂ₗV), with ∂V/τ² for ∂V, for S = Σ s sᵀ over the given columns s.
fn add_traces<M: ParamMatrix<T, N, N>, T: Real, const N: usize>(
    (model, theta): (&M, &Theta<M, T>),
    Factor { inverse, tau, .. }: &Factor<T, N>,
    columns: &SMatrix<T, N, N>,
    x: T,
    out: &mut Square<M::Params, T>,
) {
    for column in columns.column_iter() {
        if column.iter().all(T::is_zero) {
            continue;
        }
        let mut products = Array::<_, M::Params>(model.gradient_mul(theta, &(inverse * column)));
        for product in &mut products {
            *product /= *tau * *tau;
        }
        for (l, b) in products.iter().enumerate() {
            let b = inverse * b;
            for (k, a) in products.iter().enumerate() {
                out.add(k, l, a.dot(&b) * x);
            }
        }
    }
}
