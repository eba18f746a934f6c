//! Panels of independent subjects whose sums are stored on the heap.

pub(crate) mod accumulator;

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::stack::fit_stack;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::panel::heap::accumulator::HeapAccumulator;
use crate::reml::panel::sums::Sums;

/// A [`Panel`](crate::reml::Panel) whose sums are stored on the heap, for any number of sets of
/// visits.
///
/// A `Panel` has room for a number of sets of visits that is a part of its type, and for all of
/// them it takes space on the stack: with 8 visits, 32 columns of X and room for 64 sets of visits,
/// 69 MB. A heap panel grows with each new set of visits, and stores (K + 1)(K + 2)/2 matrices of
/// size N×N with their rounding errors for each set of visits. The sums of a heap panel, and the
/// Cholesky factors of a fit, are on the heap. The stack that a fit needs does not depend on the
/// number of sets of visits.
///
/// The results are the same, to the last bit, as the results of a `Panel` with room for more than
/// one set of visits. For a single set of visits, [`Panel::new`](crate::reml::Panel::new) is
/// faster: if V = Z G Zᵀ + σ² W⁻¹ has a fixed Z and known weights W, only the fit of such a panel
/// works in fewer rows.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::reml::HeapPanel;
///
/// // three visits, of which each subject misses others
/// let mut panel = HeapPanel::new(Marginal::new(CompoundSymmetricMatrix::<3>::new()));
/// let ones = SVector::<f64, 3>::repeat(1.0);
/// for (y, observed) in [
///     (vector![1.0, 2.0, 2.5], [true, true, true]),
///     (vector![3.0, 4.0, 0.0], [true, true, false]),
///     (vector![0.0, 1.0, 1.5], [false, true, true]),
///     (vector![5.0, 0.0, 4.5], [true, false, true]),
/// ] {
///     panel.push_observed(&ones, &y, &observed)?;
/// }
/// assert_eq!((panel.subjects(), panel.observations()), (4, 9));
/// assert_eq!(panel.fit()?.outcome, Outcome::Converged);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HeapPanel<M, T, const N: usize, const K: usize> {
    model: M,
    data: HeapAccumulator<T, N, K>,
}

impl<M, T: Real, const N: usize, const K: usize> HeapPanel<M, T, N, K> {
    /// Creates an empty panel.
    #[must_use]
    pub fn new(model: M) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, data: HeapAccumulator { sums: Sums::new() } }
    }

    /// Creates a panel from a model and the sums of another panel.
    #[must_use]
    pub const fn from_accumulator(model: M, accumulator: HeapAccumulator<T, N, K>) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, data: accumulator }
    }

    /// Adds a subject that was seen at every visit.
    ///
    /// # Errors
    ///
    /// The errors of [`Panel::push`](crate::reml::Panel::push), except
    /// [`Error::PatternCount`]. After an error, the panel is unchanged.
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

    /// Adds a subject whose observations have known weights w, as
    /// [`Panel::push_weighted`](crate::reml::Panel::push_weighted) does.
    ///
    /// # Errors
    ///
    /// The errors of [`push`](Self::push), and [`Error::NotWeight`] for a weight that is negative
    /// or not finite.
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
    /// Returns [`Error::SumsOutOfRange`] if the numbers of the two panels differ so much in size
    /// that their sums overflow or lose half of their digits. After an error, the panel is
    /// unchanged.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
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

    /// Returns the sums over the subjects.
    pub const fn accumulator(&self) -> &HeapAccumulator<T, N, K> {
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
    ) -> Result<Estimation<'_, M::Covariance, &HeapAccumulator<T, N, K>, T, N, K>, Error>
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

impl<M, T, const N: usize, const K: usize> HeapPanel<M, T, N, K>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
{
    /// The number of bytes of stack that suffice for a [fit](Self::fit) of this panel in a debug
    /// build, for any number of sets of visits. An optimised build needs less.
    ///
    /// The estimate assumes a V that consists of a few operators; each further operator needs stack
    /// for a few N×N matrices.
    pub const FIT_STACK: usize = fit_stack::<M::Covariance, &HeapAccumulator<T, N, K>, T, N, K>();
}
