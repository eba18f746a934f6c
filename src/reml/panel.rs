//! Panels of independent subjects with a common covariance matrix V, stored in constant memory.

pub(crate) mod accumulator;
pub(crate) mod check;
#[cfg(feature = "alloc")]
pub(crate) mod heap;
pub(crate) mod own_rows;
pub(crate) mod products;
pub(crate) mod reproducible;
pub(crate) mod sums;

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::stack::fit_stack;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::panel::accumulator::Accumulator;

/// The data of independent subjects i with N visits each and a common V: yᵢ = Xᵢβ + eᵢ with
/// eᵢ ~ N(0, V(θ)).
///
/// Subjects are added one at a time, in any order, and are not stored. For each set of visits, a
/// panel stores only the cross-products of \[X y\]: K² + K + 1 matrices of size N×N with their
/// rounding errors, where K is the number of columns of X. The size of a panel does not depend on
/// the number of subjects. Two panels can be [merged](Self::merge), so that several threads or
/// machines can each add a part of the subjects.
///
/// The covariance matrix of a subject that [misses visits](Self::push_observed) consists of the
/// rows and columns of V for the visits at which the subject was seen. A panel has room for
/// `PATTERNS` different sets of visits. [`Panel::new`] creates a panel for a single set of visits.
/// With the feature `alloc`, a `HeapPanel` has room for any number of sets of visits, on the heap.
///
/// The sums of cross-products have twice the precision of `T`. The sums are formed from the
/// residuals of y after a first fit, and from linear combinations of the columns of X that are
/// orthogonal over the first subjects. If later subjects make these linear combinations
/// ill-conditioned, the panel changes to better combinations without loss of precision. If all
/// subjects were seen at the same visits, the estimates are at least as precise as the estimates
/// from one response vector, for any order of the subjects. A million subjects lose no more digits
/// to rounding than ten subjects. If subjects were seen at several sets of visits, V is factored
/// without a change of coordinates. The estimates then lose precision as the ratio r of the
/// variance between subjects to the variance within subjects increases: from r = 10⁸ on, the
/// estimated variance between subjects is precise to three digits.
///
/// ```
/// use covprop::prelude::*;
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
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "longitudinal")]
#[doc(alias = "repeated measures")]
#[doc(alias = "clustered")]
pub struct Panel<M, T, const N: usize, const K: usize, const PATTERNS: usize = 1> {
    model: M,
    data: Accumulator<T, N, K, PATTERNS>,
}

impl<M, T: Real, const N: usize, const K: usize> Panel<M, T, N, K> {
    /// Creates an empty panel for subjects that are all seen at the same visits.
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
    /// Creates an empty panel for subjects that are seen at up to `PATTERNS` different sets of
    /// visits.
    #[must_use]
    pub fn with_patterns(model: M) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, data: Accumulator::new() }
    }

    /// Creates a panel from a model and the sums of another panel, for example a panel that was
    /// stored before the device was reset.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let mut panel = Panel::new(Marginal::new(CompoundSymmetricMatrix::<2>::new()));
    /// for y in [vector![1.0, 3.0], vector![2.0, 2.0], vector![7.0, 9.0]] {
    ///     panel.push(&SVector::repeat(1.0), &y)?;
    /// }
    /// // without a correlation: s² = (9 + 1 + 4 + 4 + 9 + 25)/5
    /// let independent = Panel::from_accumulator(Marginal::new(ScalarMatrix::<2>::new()), *panel.accumulator());
    /// assert!((independent.fit()?.params[0] - 52.0_f64 / 5.0).abs() < 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub const fn from_accumulator(model: M, accumulator: Accumulator<T, N, K, PATTERNS>) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, data: accumulator }
    }

    /// Adds a subject that was seen at every visit.
    ///
    /// # Errors
    ///
    /// Returns [`Error::ResponseNotFinite`] or [`Error::DesignNotFinite`] for a number in y or X
    /// whose square is not finite. Returns [`Error::PatternCount`] if there is no room for another
    /// set of visits. Returns [`Error::SumsOutOfRange`] if the numbers differ so much in size from
    /// the numbers of the first subjects that they cannot be added to the same sums. After an
    /// error, the panel is unchanged.
    pub fn push(&mut self, x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<(), Error> {
        self.push_observed(x, y, &[true; N])
    }

    /// Adds a subject that was seen at the visits i for which `observed[i]` is `true`. The other
    /// rows of x and y are ignored. A subject that was not seen at any visit does not change the
    /// panel.
    ///
    /// # Errors
    ///
    /// The errors of [`push`](Self::push).
    pub fn push_observed(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<(), Error> {
        self.data.sums.push(x, y, observed, None)
    }

    /// Adds a subject whose observations have known weights w: Var(y) = D V D with D = diag(1/√w).
    /// An observation with weight 0 is missing.
    ///
    /// The weights apply to V as a whole, as in `gls` of nlme. For weights that apply to the
    /// residuals alone and are the same for every subject, use a
    /// [`WeightedMatrix`](crate::structure::WeightedMatrix) as the residual covariance R of a mixed
    /// model.
    ///
    /// # Errors
    ///
    /// The errors of [`push`](Self::push), and [`Error::NotWeight`] for a weight that is negative
    /// or not finite.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // the mean 1 of three measurements, and a single one, 5
    /// let mut panel = Panel::new(Marginal::new(ScalarMatrix::<2>::new()));
    /// panel.push_weighted(&SVector::<f64, 2>::repeat(1.0), &vector![1.0, 5.0], &[3.0, 1.0])?;
    /// let fit = panel.fit()?;
    /// assert!((fit.beta[0] - 2.0).abs() < 1e-14); // (3·1 + 5)/4
    /// assert!((fit.params[0] - 12.0).abs() < 1e-10); // 3·1² + 3², by one degree of freedom
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn push_weighted(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        weights: &[T; N],
    ) -> Result<(), Error> {
        self.data.sums.push_weighted(x, y, weights)
    }

    /// Adds subjects (X, y) that were seen at every visit, and returns their number.
    ///
    /// # Errors
    ///
    /// If a subject cannot be added, returns the error of [`push`](Self::push). The subjects that
    /// were added before the error stay in the panel.
    pub fn extend(
        &mut self,
        subjects: impl IntoIterator<Item = (SMatrix<T, N, K>, SVector<T, N>)>,
    ) -> Result<usize, Error> {
        self.data.sums.extend(subjects)
    }

    /// Adds the subjects of another panel.
    ///
    /// # Errors
    ///
    /// Returns [`Error::PatternCount`] if there is no room for the sets of visits of both panels.
    /// Returns [`Error::SumsOutOfRange`] if the numbers of the two panels differ so much in size
    /// that their sums overflow or lose half of their digits. After an error, the panel is
    /// unchanged.
    pub fn merge<const OTHERS: usize>(
        &mut self,
        other: &Panel<M, T, N, K, OTHERS>,
    ) -> Result<(), Error> {
        self.data.sums.merge(&other.data.sums)
    }

    /// Returns the number of subjects.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.data.sums.subjects()
    }

    /// Returns the number of observations.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.data.sums.observations()
    }

    /// Returns the sums over the subjects. The sums suffice to fit another model for the same
    /// visits, or to continue after a reset.
    pub const fn accumulator(&self) -> &Accumulator<T, N, K, PATTERNS> {
        &self.data
    }

    /// Returns the model.
    pub const fn model(&self) -> &M {
        &self.model
    }

    /// Returns the likelihood of the data in this panel, to be evaluated or maximised.
    ///
    /// # Errors
    ///
    /// The errors of [`Model::estimation`].
    pub fn estimation(
        &self,
    ) -> Result<Estimation<'_, M::Covariance, &Accumulator<T, N, K, PATTERNS>, T, N, K>, Error>
    where
        M: Model,
        M::Covariance: ParamMatrix<T, N, N>,
    {
        Estimation::new(self.model.covariance(), &self.data)
    }

    /// Fits the model by restricted maximum likelihood from the default start.
    ///
    /// # Errors
    ///
    /// The errors of [`Model::fit`].
    pub fn fit(&self) -> Result<Fit<'_, M::Covariance, T, N, K>, Error>
    where
        M: Model,
        M::Covariance: ParamMatrix<T, N, N>,
    {
        self.estimation()?.fit()
    }
}

impl<M, T, const N: usize, const K: usize, const PATTERNS: usize> Panel<M, T, N, K, PATTERNS>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
{
    /// The number of bytes of stack that suffice for a [fit](Self::fit) of this panel in a debug
    /// build, in addition to the panel itself. An optimised build needs less.
    ///
    /// The number grows with the matrices that a fit keeps: three matrices N×N for each of the
    /// `PATTERNS` sets of visits, for two values of θ. The estimate assumes a V that consists of a
    /// few operators; each further operator needs stack for a few N×N matrices.
    ///
    /// To create and fill a panel, a debug build needs a stack of nine times
    /// `size_of::<Panel<…>>()`, and 64 KiB. The size of a panel in `f64` is
    /// 16 N² (K² + K + 1) bytes for each set of visits, and a few numbers. With the feature
    /// `alloc`, a `HeapPanel` has its sums and factors on the heap.
    ///
    /// # Example: a thread for a fit
    ///
    /// ```
    /// use std::thread::Builder;
    ///
    /// use covprop::prelude::*;
    ///
    /// type Trial = Panel<Marginal<UnconstrainedMatrix<4>>, f64, 4, 4, 3>;
    ///
    /// // 3 sets of visits with (4² + 4 + 1) · 2 matrices 4×4
    /// assert!(size_of::<Trial>() > 3 * 42 * 16 * size_of::<f64>());
    ///
    /// fn run() -> Result<usize, covprop::Error> {
    ///     let mut trial = Trial::with_patterns(Marginal::new(UnconstrainedMatrix::new()));
    ///     for i in 0..20 {
    ///         let y = SVector::from_fn(|j, _| f64::from(i).sin() + (1.7 * f64::from(i) + j as f64).cos());
    ///         trial.push(&SMatrix::identity(), &y)?;
    ///     }
    ///     Ok(trial.fit()?.observations)
    /// }
    ///
    /// let filled = 9 * size_of::<Trial>() + 64 * 1024;
    /// let stack = filled.max(size_of::<Trial>() + Trial::FIT_STACK);
    /// assert_eq!(Builder::new().stack_size(stack).spawn(run).unwrap().join().unwrap(), Ok(80));
    /// ```
    pub const FIT_STACK: usize =
        fit_stack::<M::Covariance, &Accumulator<T, N, K, PATTERNS>, T, N, K>();
}
