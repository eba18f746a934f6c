//! Independent subjects with a common V, in constant memory.

pub(crate) mod accumulator;
pub(crate) mod check;
pub(crate) mod own_rows;
pub(crate) mod products;
pub(crate) mod subject;

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::panel::accumulator::Accumulator;

/// Independent subjects i with N visits each, yᵢ = Xᵢβ + eᵢ with eᵢ ~ N(0, V(θ)), one V for all.
///
/// Subjects come one at a time, in any order, and are not kept: of those that were seen at the same
/// visits only the cross-products of \[X y\] remain, K² + K + 1 matrices N×N with their rounding
/// errors, whatever their number. Two panels can be [merged](Self::merge), so that a stream,
/// several threads and several machines give the same answer.
///
/// A subject that [misses visits](Self::push_observed) has the rows and columns of V that it was
/// seen at. There may be `PATTERNS` different sets of visits; [`Panel::new`] is for one.
///
/// The sums have twice the digits of `T`. They are sums of residuals from a first fit, in columns
/// of X that are orthogonal over the first subjects. If later subjects show that these coordinates
/// are ill-conditioned, the panel changes to better ones without loss. Estimates of subjects that
/// were seen at the same visits are therefore at least as precise as those of one response vector,
/// in any order of subjects, and a million subjects lose no more digits than ten. With several sets
/// of visits V is factored as it is: where a variance between subjects is r times that within, the
/// estimates lose digits by r, and from r = 10⁸ on the variance between subjects keeps three.
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

impl<M, T: Real, const N: usize, const K: usize> Panel<M, T, N, K> {
    /// Creates a panel without subjects, all of which will be seen at the same visits.
    #[must_use]
    pub fn new(model: M) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self::with_patterns(model)
    }
}

impl<M, T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    Panel<M, T, N, K, PATTERNS>
{
    /// Creates a panel without subjects, which will be seen at up to `PATTERNS` different sets of
    /// visits.
    #[must_use]
    pub fn with_patterns(model: M) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, data: Accumulator::new() }
    }

    /// Creates a panel with the subjects of another one, or of one before a reset, and this model.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{vector, SVector};
    ///
    /// let mut panel = Panel::new(Marginal::new(CompoundSymmetricMatrix::<2>::new()));
    /// for y in [vector![1.0, 3.0], vector![2.0, 2.0], vector![7.0, 9.0]] {
    ///     panel.push(&SVector::repeat(1.0), &y)?;
    /// }
    /// // without a correlation: s² = (9 + 1 + 4 + 4 + 9 + 25)/5
    /// let independent = Panel::from_accumulator(Marginal::new(ScalarMatrix::<2>::new()), *panel.accumulator());
    /// assert!((independent.fit()?.params[0] - 52.0_f64 / 5.0).abs() < 1e-9);
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub const fn from_accumulator(model: M, accumulator: Accumulator<T, N, K, PATTERNS>) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, data: accumulator }
    }

    /// Takes a subject that was seen at every visit.
    ///
    /// # Errors
    ///
    /// [`Error::ResponseNotFinite`] and [`Error::DesignNotFinite`] for a number that is not finite,
    /// or so large that its square is not; [`Error::PatternCount`] if there is no room for another
    /// set of visits; [`Error::SumsOutOfRange`] if the numbers are too far from those of the first
    /// subjects for one sum of both. The panel is then what it was.
    pub fn push(&mut self, x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<(), Error> {
        self.push_observed(x, y, &[true; N])
    }

    /// Takes a subject that was seen at the visits i with `observed[i]`; what stands in the other
    /// rows of x and y does not matter. One that was never seen changes nothing.
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
        self.data.push(x, y, observed, None)
    }

    /// Takes a subject whose observations have known weights: Var(y) = D V D with D = diag(1/√w).
    /// One of weight 0 is missing.
    ///
    /// The weights are of V as a whole, those of `gls` in nlme. For weights of the residuals alone,
    /// the same for every subject, make [`WeightedMatrix`](crate::WeightedMatrix) the R of a mixed
    /// model.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push), and [`Error::NotWeight`] for a weight that is negative or not
    /// finite.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{SVector, vector};
    ///
    /// // the mean 1 of three measurements, and a single one, 5
    /// let mut panel = Panel::new(Marginal::new(ScalarMatrix::<2>::new()));
    /// panel.push_weighted(&SVector::<f64, 2>::repeat(1.0), &vector![1.0, 5.0], &[3.0, 1.0])?;
    /// let fit = panel.fit()?;
    /// assert!((fit.beta[0] - 2.0).abs() < 1e-14); // (3·1 + 5)/4
    /// assert!((fit.params[0] - 12.0).abs() < 1e-10); // 3·1² + 3², by one degree of freedom
    /// # Ok::<(), Error>(())
    /// ```
    pub fn push_weighted(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        weights: &[T; N],
    ) -> Result<(), Error> {
        let is_weight = |w: &T| *w >= T::zero() && w.is_finite();
        match weights.iter().position(|w| !is_weight(w)) {
            Some(row) => Err(Error::NotWeight { row }),
            None => self.data.push(x, y, &weights.map(|w| w > T::zero()), Some(weights)),
        }
    }

    /// Takes subjects (X, y) that were seen at every visit, up to the first that is in error;
    /// returns how many.
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
    /// [`Error::PatternCount`] if there is no room for the sets of visits of both,
    /// [`Error::SumsOutOfRange`] if the numbers of both are so far apart that their sums overflow,
    /// or lose half of the digits. The panel is then what it was.
    pub fn merge<const OTHERS: usize>(
        &mut self,
        other: &Panel<M, T, N, K, OTHERS>,
    ) -> Result<(), Error> {
        let mut merged = self.data;
        merged.merge(&other.data)?;
        merged.check_sums()?;
        self.data = merged;
        Ok(())
    }

    /// The number of subjects.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.data.subjects()
    }

    /// The number of observations.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.data.observations()
    }

    /// Returns the sums over the subjects: enough to fit another model of the same visits to them,
    /// and to go on after a reset.
    pub const fn accumulator(&self) -> &Accumulator<T, N, K, PATTERNS> {
        &self.data
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
