//! The reduction of subjects to the rows of their random effects.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign};
use crate::algebra::shape::{Shape, default_theta};
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::reml::low_rank::{Rotation, design_of, weights_of};
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::triangle::Triangle;

/// Returns the number of columns of the random design Z if V has the form Z G Zᵀ + σ² W⁻¹ and
/// reduced data have fewer rows than the subjects.
pub(super) const fn reduced_columns<V: Shape, const N: usize>() -> Option<usize> {
    match V::LOW_RANK.columns() {
        columns if 0 < columns && columns < N => Some(columns),
        _ => None,
    }
}

/// The values of G and σ² of one model, with which those of other models are compared.
pub(super) struct CommonComponents<P: ArraySize, T, const N: usize> {
    /// Two θ. They suffice, because models of one type differ only in fixed numbers.
    thetas: [Array<T, P>; 2],
    /// G + σ² I at each θ.
    values: [Option<SMatrix<T, N, N>>; 2],
}

impl<P: ArraySize, T: Real, const N: usize> CommonComponents<P, T, N> {
    pub(super) fn new<V: ParamMatrix<T, N, N> + Shape<ParamCount = P>>(v: &V) -> Self {
        let default = Array(default_theta::<V, T>(v));
        let shifted = tabulate::<P, T>(T::zero(), |k| {
            let theta = default.get(k).copied().unwrap_or_else(T::zero);
            theta + convert(0.3 + 0.1 * (k % 3) as f64)
        });
        let thetas = [default, shifted];
        let values = thetas.each_ref().map(|theta| components(v, theta));
        Self { thetas, values }
    }

    /// Returns `true` if another model has the same G(θ) and σ²(θ).
    pub(super) fn are_those_of<V>(&self, v: &V) -> bool
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
    {
        self.thetas.iter().zip(&self.values).all(|(theta, value)| components(v, theta) == *value)
    }
}

/// Returns G + σ² I at θ.
fn components<V, T, const N: usize>(
    v: &V,
    theta: &Array<T, V::ParamCount>,
) -> Option<SMatrix<T, N, N>>
where
    T: Real,
    V: ParamMatrix<T, N, N>,
{
    let design = SMatrix::<T, N, N>::identity();
    v.low_rank(WithDesign { design: &design, visitor: ValueAt(&theta.0) })
}

/// A visitor that evaluates a matrix at θ.
struct ValueAt<'t, P: ArraySize, T>(&'t P::ArrayType<T>);

impl<P: ArraySize, T: Real, const R: usize> OnDesign<T, P, R> for ValueAt<'_, P, T> {
    type Output = SMatrix<T, R, R>;

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = P>>(self, v: &V) -> Self::Output {
        v.value(self.0)
    }
}

/// The parts of reduced data that all subjects share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduction<T, const N: usize, const K: usize> {
    /// The largest norm of each column of A over the subjects, or zero beyond the columns of A.
    pub(super) norms: [T; N],
    /// The rows of all subjects outside the column space of their random designs.
    pub(super) residual: Triangle<T, K>,
    /// The number of observations.
    pub(super) observations: T,
    /// The number of subjects.
    pub(super) subjects: T,
    /// The sum of log w over the weights w of the residuals.
    pub(super) log_weights: T,
}

impl<T: Real, const N: usize, const K: usize> Reduction<T, N, K> {
    pub(super) fn new() -> Self {
        Self {
            norms: [T::zero(); N],
            residual: Triangle::new(),
            observations: T::zero(),
            subjects: T::zero(),
            log_weights: T::zero(),
        }
    }

    /// Reduces a subject, and adds its residual rows.
    pub(super) fn take<V: ParamMatrix<T, N, N>>(
        &mut self,
        v: &V,
        rows: &SubjectRows<T, N, K>,
    ) -> ReducedRows<T, N, K> {
        let Rotated::<T, N, K, N> { rotation, mut x, mut y, reduced } = Rotated::new(v, rows);
        let (inside, outside) = rotation.rows();
        for column in x.data.0.iter_mut().chain(&mut y.data.0) {
            for (i, entry) in column.iter_mut().enumerate() {
                if i < inside || i >= inside + outside {
                    *entry = T::zero();
                }
            }
        }
        self.residual.add(&mut x, &mut y);
        self.observations += convert((inside + outside) as f64);
        self.subjects += T::one();
        self.log_weights += rotation.log_weights();
        for (norm, column) in self.norms.iter_mut().zip(reduced.design.column_iter()) {
            *norm = norm.max(sqrt(column.norm_squared()));
        }
        reduced
    }
}

/// The first rows of one subject.
pub(super) struct ReducedRows<T, const Q: usize, const K: usize> {
    /// The upper triangular design A, or A D⁻¹.
    pub(super) design: SMatrix<T, Q, Q>,
    pub(super) x: SMatrix<T, Q, K>,
    pub(super) y: SVector<T, Q>,
}

impl<T: Real, const Q: usize, const K: usize> ReducedRows<T, Q, K> {
    /// Returns the entries of the first `columns` rows and columns, in the order in which
    /// [`read`](Self::read) reads them.
    pub(super) fn numbers(&self, columns: usize) -> impl Iterator<Item = T> {
        let Self { design, x, y } = self;
        let design = design.data.0.iter().take(columns);
        design
            .chain(&x.data.0)
            .chain(&y.data.0)
            .flat_map(move |column| column.iter().take(columns))
            .copied()
    }

    /// Reads rows from the numbers that [`numbers`](Self::numbers) returned.
    pub(super) fn read(numbers: &[T], columns: usize) -> Self {
        let mut rows = Self { design: SMatrix::zeros(), x: SMatrix::zeros(), y: SVector::zeros() };
        let Self { design, x, y } = &mut rows;
        let design = design.data.0.iter_mut().take(columns);
        let to = design.chain(&mut x.data.0).chain(&mut y.data.0);
        for (to, from) in to.zip(numbers.chunks_exact(columns.max(1))) {
            for (to, &from) in to.iter_mut().zip(from) {
                *to = from;
            }
        }
        rows
    }
}

/// The rows of one subject after the reflections that make its random design upper triangular.
pub(super) struct Rotated<T, const N: usize, const K: usize, const Q: usize> {
    rotation: Rotation<T, N, Q>,
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    pub(super) reduced: ReducedRows<T, Q, K>,
}

impl<T: Real, const N: usize, const K: usize, const Q: usize> Rotated<T, N, K, Q> {
    pub(super) fn new<V: ParamMatrix<T, N, N>>(v: &V, rows: &SubjectRows<T, N, K>) -> Self {
        let (weights, design) = (weights_of(v), design_of(v));
        let columns = V::LOW_RANK.columns();
        let (rotation, design) = Rotation::new(&design, columns, &weights, &rows.observed);
        let (x, y) = (rotation.rotated(&rows.x), rotation.rotated(&rows.y));
        let reduced = ReducedRows { design, x: rotation.head(&x), y: rotation.head(&y) };
        Self { rotation, x, y, reduced }
    }
}
