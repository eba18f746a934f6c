//! The reduction of subjects to the rows of their random effects.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{LowRankForm, LowRankVisitor};
use crate::algebra::shape::{Shape, default_theta};
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::kernel::{dot, sqrt};
use crate::reml::low_rank::{design_of, mirror, reflect, weights_of};
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
    /// G and σ² at each θ.
    values: [(SMatrix<T, N, N>, T); 2],
}

impl<P: ArraySize, T: Real, const N: usize> CommonComponents<P, T, N> {
    pub(super) fn new<V: ParamMatrix<T, N, N> + Shape<ParamCount = P>>(v: &V) -> Self {
        let default = Array(default_theta::<V, T>(v));
        let shifted = tabulate::<P, T>(T::zero(), |k| {
            let theta = default.get(k).copied().unwrap_or_else(T::zero);
            theta + convert(0.3 + 0.1 * (k % 3) as f64)
        });
        let thetas = [default, shifted];
        let values = thetas.each_ref().map(|theta| {
            let mut g = SMatrix::<T, N, N>::zeros();
            let variance = visit_components(v, theta, |i, j, x| {
                if let Some(entry) = g.get_mut((i, j)) {
                    *entry = x;
                }
            });
            (g, variance)
        });
        Self { thetas, values }
    }

    /// Returns `true` if another model has the same G(θ) and σ²(θ).
    pub(super) fn are_those_of<V>(&self, v: &V) -> bool
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
    {
        self.thetas.iter().zip(&self.values).all(|(theta, (g, variance))| {
            let mut are_equal = true;
            let other =
                visit_components(v, theta, |i, j, x| are_equal &= g.get((i, j)) == Some(&x));
            are_equal && other == *variance
        })
    }
}

/// Calls `each` with the row, the column and the value of each entry of G(θ), and returns σ²(θ).
fn visit_components<V, T, const N: usize>(
    v: &V,
    theta: &Array<T, V::ParamCount>,
    each: impl FnMut(usize, usize, T),
) -> T
where
    T: Real,
    V: ParamMatrix<T, N, N>,
{
    v.low_rank(EachComponent { theta: &theta.0, each }).unwrap_or_else(T::zero)
}

/// A visitor that calls `each` with the entries of G(θ), and returns σ²(θ).
struct EachComponent<'t, P: ArraySize, T, F> {
    theta: &'t P::ArrayType<T>,
    each: F,
}

impl<P, T, F, const N: usize> LowRankVisitor<T, P, N> for EachComponent<'_, P, T, F>
where
    P: ArraySize,
    T: Real,
    F: FnMut(usize, usize, T),
{
    type Output = T;

    fn visit<L: LowRankForm<T, N, ParamCount = P>>(mut self, form: &L) -> T {
        let mut variance = T::zero();
        form.visit_components(self.theta, 0, &mut self.each, &mut variance);
        variance
    }
}

/// The parts of reduced data that all subjects share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduction<T, const N: usize, const K: usize> {
    /// The largest norm of each column of A over the subjects, or zero beyond the columns of A.
    pub(super) norms: [T; N],
    /// The rows of all subjects outside the column space of their random designs.
    pub(super) residual: Triangle<T, K>,
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
        let Rotated::<T, N, K, N> { mut x, mut y, log_weights, reduced } = Rotated::new(v, rows);
        for column in x.data.0.iter_mut().chain(&mut y.data.0) {
            for entry in column.iter_mut().take(V::LOW_RANK.columns()) {
                *entry = T::zero();
            }
        }
        self.residual.add(&mut x, &mut y);
        self.subjects += T::one();
        self.log_weights += log_weights;
        let columns = reduced.design.data.0.iter().take(V::LOW_RANK.columns());
        for (norm, column) in self.norms.iter_mut().zip(columns) {
            *norm = norm.max(sqrt(dot(column, column)));
        }
        reduced
    }
}

/// The first rows of one subject, or of [subjects with the same
/// design](crate::reml::subjects::equal_designs).
pub(super) struct ReducedRows<T, const Q: usize, const K: usize> {
    /// The upper triangular design A, or A D⁻¹.
    pub(super) design: SMatrix<T, Q, Q>,
    pub(super) x: SMatrix<T, Q, K>,
    pub(super) y: SVector<T, Q>,
    /// The number of subjects whose V counts.
    pub(super) count: T,
}

impl<T: Real, const Q: usize, const K: usize> ReducedRows<T, Q, K> {
    /// Returns the entries of the first `columns` rows and columns, column by column, in the order
    /// in which [`read`](Self::read) reads them.
    pub(super) fn columns(&self, columns: usize) -> impl Iterator<Item = &[T]> {
        let Self { design, x, y, count } = self;
        let design = design.data.0.iter().take(columns);
        let all = design.chain(&x.data.0).chain(&y.data.0);
        let heads = all.map(move |column| column.get(..columns).unwrap_or_default());
        heads.chain([core::slice::from_ref(count)])
    }

    /// Reads rows from the numbers that [`columns`](Self::columns) returned.
    pub(super) fn read(numbers: &[T], columns: usize) -> Self {
        let mut rows = Self {
            design: SMatrix::zeros(),
            x: SMatrix::zeros(),
            y: SVector::zeros(),
            count: numbers.last().copied().unwrap_or_else(T::one),
        };
        let Self { design, x, y, .. } = &mut rows;
        if columns == Q {
            // Columns of a known length are copied as a whole.
            let mut stored = numbers.as_chunks::<Q>().0.iter();
            let mut copy = |to: &mut [[T; Q]]| {
                for (to, &from) in to.iter_mut().zip(&mut stored) {
                    *to = from;
                }
            };
            copy(&mut design.data.0);
            copy(&mut x.data.0);
            copy(&mut y.data.0);
            return rows;
        }
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

/// The rows of one subject after the Householder reflections that make its weighted random design
/// W^½ Z upper triangular (Householder 1958, J. ACM 5, 339–342).
///
/// A row that was not observed is a row of zeros with the variance σ². Its log σ² cancels in the
/// likelihood, because only observed rows are counted.
pub(super) struct Rotated<T, const N: usize, const K: usize, const Q: usize> {
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    /// The sum of log w over the weights w of the observed rows.
    log_weights: T,
    pub(super) reduced: ReducedRows<T, Q, K>,
}

impl<T: Real, const N: usize, const K: usize, const Q: usize> Rotated<T, N, K, Q> {
    pub(super) fn new<V: ParamMatrix<T, N, N>>(v: &V, rows: &SubjectRows<T, N, K>) -> Self {
        let columns = V::LOW_RANK.columns();
        let (mut z, mut x, mut y) = (design_of::<_, _, N, Q>(v), rows.x, rows.y);
        let mut log_weights = T::zero();
        for (i, (&observed, &weight)) in rows.observed.iter().zip(&weights_of(v)).enumerate() {
            let of_z = z.data.0.iter_mut().take(columns);
            if !observed {
                of_z.for_each(|column| column[i] = T::zero());
            } else if V::LOW_RANK.are_weighted() {
                log_weights += weight.ln();
                let root = sqrt(weight);
                of_z.chain(&mut x.data.0).chain(&mut y.data.0).for_each(|column| column[i] *= root);
            }
        }
        for j in 0..columns {
            let of_z = z.data.0.get_mut(j..columns).and_then(<[_]>::split_first_mut);
            let Some((column, others)) = of_z else { break };
            let Some((v, factor)) = mirror(column, j) else { continue };
            for column in others.iter_mut().chain(&mut x.data.0).chain(&mut y.data.0) {
                reflect(&v, factor, column);
            }
        }
        let reduced = ReducedRows { design: head(&z), x: head(&x), y: head(&y), count: T::one() };
        Self { x, y, log_weights, reduced }
    }
}

/// Returns the first rows of a matrix.
fn head<T: Real, const N: usize, const Q: usize, const M: usize>(
    x: &SMatrix<T, N, M>,
) -> SMatrix<T, Q, M> {
    let mut head = SMatrix::zeros();
    for (head, x) in head.data.0.iter_mut().zip(&x.data.0) {
        for (head, &x) in head.iter_mut().zip(x) {
            *head = x;
        }
    }
    head
}
