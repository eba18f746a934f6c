//! The blocks of reduced subjects: the first rows of each subject, and the residual rows of all
//! subjects.

use hybrid_array::ArraySize;
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign};
use crate::algebra::shape::Shape;
use crate::base::scalar::Real;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::model::Model;
use crate::reml::observations::blocks::{Block, EqualSubjects, OnBlock};
use crate::reml::subjects::factored::{Evaluated, Factored};
use crate::reml::subjects::in_reduced::OnReduced;
use crate::reml::subjects::reduced::ReducedSubjects;
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::source::{SubjectData, SubjectSource};

impl<V, S, M, T, const N: usize, const K: usize> SubjectData<'_, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
{
    /// Calls `action` for each block of the reduced subjects. Returns `None` if the subjects cannot
    /// be reduced.
    pub(super) fn each_reduced_block<A: OnBlock<T, V::ParamCount, K>>(
        &self,
        model: &V,
        factors: &Evaluated<T, V::ParamCount>,
        action: &mut A,
    ) -> Option<()> {
        self.on_reduced(model, EachBlock { factors, action })
    }
}

/// The computation `action` on each block.
struct EachBlock<'b, A, P: ArraySize, T> {
    factors: &'b Evaluated<T, P>,
    action: &'b mut A,
}

impl<A, V, S, M, T, const N: usize, const K: usize> OnReduced<S, M, T, N, K>
    for EachBlock<'_, A, V::ParamCount, T>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
    A: OnBlock<T, V::ParamCount, K>,
{
    type Output = ();

    fn take<const R: usize, const Q: usize>(
        self,
        model: &V,
        data: &ReducedSubjects<'_, S, M, T, N, K, Q>,
    ) -> Option<()> {
        let Self { factors, action } = self;
        let observed = |rows: usize| core::array::from_fn(|i| i < rows);
        // This cannot fail, because the subjects were reduced before.
        let _ = data.each(|rows| {
            if rows.count <= T::zero() {
                return Ok(());
            }
            let design = data.own_design::<R>(rows);
            let mut first =
                SubjectRows { x: SMatrix::zeros(), y: SVector::zeros(), observed: observed(Q) };
            copy_rows(&rows.x, &mut first.x, 0);
            let count = Count::Subjects(rows.count);
            let visitor = OneBlock { rows: &first, count, factors, action };
            model.low_rank(WithDesign { design: &design, visitor });
            Ok(())
        });
        // The residual rows of all subjects: the K rows of the triangular factor, and one row for
        // all other observations, whose design is zero.
        let design = SMatrix::<T, R, R>::zeros();
        for start in (0..K).step_by(R) {
            let used = R.min(K - start);
            let mut rows =
                SubjectRows { x: SMatrix::zeros(), y: SVector::zeros(), observed: observed(used) };
            copy_rows(&data.residual().x, &mut rows.x, start);
            let count = Count::Subjects(T::one());
            let visitor = OneBlock { rows: &rows, count, factors, action };
            model.low_rank(WithDesign { design: &design, visitor });
        }
        let rows = SubjectRows { x: SMatrix::zeros(), y: SVector::zeros(), observed: observed(1) };
        let count = Count::Observations(data.residual_count() - convert(K as f64));
        let visitor = OneBlock { rows: &rows, count, factors, action };
        model.low_rank(WithDesign { design: &design, visitor })
    }
}

/// Copies rows of a matrix, from row `start` on, to the first rows of another matrix.
fn copy_rows<T: Real, const A: usize, const B: usize, const K: usize>(
    from: &SMatrix<T, A, K>,
    to: &mut SMatrix<T, B, K>,
    start: usize,
) {
    for (to, from) in to.data.0.iter_mut().zip(&from.data.0) {
        for (to, &from) in to.iter_mut().zip(from.iter().skip(start)) {
            *to = from;
        }
    }
}

/// The data that the rows of a block represent.
enum Count<T> {
    /// Subjects with the same design. X is that of one subject times the square root of their
    /// number.
    Subjects(T),
    /// Observations, in the first row.
    Observations(T),
}

/// A callback that receives the matrix V of a block, and passes the block to a computation.
struct OneBlock<'b, A, P: ArraySize, T, const R: usize, const K: usize> {
    rows: &'b SubjectRows<T, R, K>,
    count: Count<T>,
    factors: &'b Evaluated<T, P>,
    action: &'b mut A,
}

impl<A, P, T, const R: usize, const K: usize> OnDesign<T, P, R> for OneBlock<'_, A, P, T, R, K>
where
    P: ArraySize,
    T: Real,
    A: OnBlock<T, P, K>,
{
    type Output = ();

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = P>>(self, v: &V) {
        let Self { rows, count, factors: Evaluated { theta, tau }, action } = self;
        // This cannot fail, because the likelihood was evaluated at this θ before.
        let Ok(Factored { factor, x }) = Factored::new(v, &theta.0, &mut Some(*tau), rows) else {
            return;
        };
        match count {
            Count::Subjects(count) => {
                action.take(v, &EqualSubjects { factor: &factor, x: &x, count });
            }
            Count::Observations(count) => {
                action.take(v, &WithoutDesign { factor: &factor, count });
            }
        }
    }
}

/// A block of independent observations whose transformed design is zero. The only observed row
/// represents `count` observations.
struct WithoutDesign<'f, T, const N: usize> {
    factor: &'f CovarianceFactor<T, N>,
    count: T,
}

impl<T: Real, const N: usize, const K: usize> Block<T, N, K> for WithoutDesign<'_, T, N> {
    fn design_weights(&self, _: impl FnMut(usize, usize, &SMatrix<T, N, N>)) {}

    fn design_products(&self, _: &SMatrix<T, N, N>, _: &SMatrix<T, N, N>) -> SMatrix<T, K, K> {
        SMatrix::zeros()
    }

    fn sandwich(
        &self,
        _: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
        _: &SMatrix<T, K, K>,
    ) -> SMatrix<T, N, N> {
        let inverse = self.factor.observed_inverse();
        inverse * d * inverse * self.count
    }
}
