//! The likelihood of subjects that each have their own V.

use hybrid_array::Array;
use nalgebra::{ComplexField, SMatrix, convert};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::algebra::shape::scale::Scale;
use crate::base::arrays::{copied, filled, tabulate};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::sqrt;
use crate::optimise::problem::Ascent;
use crate::reml::model::Model;
use crate::reml::observations::shared::{LeastSquares, difference, error_of, take_largest};
use crate::reml::observations::{At, Data, Solution, Summary};
use crate::reml::subjects::cones::{AddCones, WithCones};
use crate::reml::subjects::factored::{Evaluated, Factored};
use crate::reml::subjects::in_reduced::{Cones, Curve, Difference, Evaluate, Point, Wants};
use crate::reml::subjects::log_product::LogProduct;
use crate::reml::subjects::source::{SubjectData, SubjectSource};
use crate::reml::subjects::triangle::Triangle;

impl<V, S, M, T, const N: usize, const K: usize> Data<V, T, N, K> for SubjectData<'_, S, M, T, N, K>
where
    T: Real,
    V: ParamMatrix<T, N, N>,
    M: Model<Covariance = V>,
    S: SubjectSource<M, T, N, K>,
{
    type Factors = Evaluated<T, V::ParamCount>;
    type Weights = ();

    fn unit_factors(&self) -> Self::Factors {
        Evaluated { theta: Array(filled::<V::ParamCount, T>(T::zero())), tau: T::one() }
    }

    fn unit_weights(&self) {}

    #[inline(never)]
    fn evaluate(
        &self,
        model: &V,
        theta: &Theta<V, T>,
        unit: T,
        factors: &mut Self::Factors,
    ) -> Result<Solution<T, K>, Error> {
        if let Some(reduced) = self.in_reduced(model, Evaluate { theta, unit }) {
            let solution = reduced?;
            factors.theta = Array(copied::<V::ParamCount, T>(theta));
            factors.tau = sqrt(solution.size);
            return Ok(solution);
        }
        let mut tau = None;
        let mut pivots = LogProduct::new();
        let mut triangle = Triangle::new();
        self.each(|v, rows| {
            let Factored { factor, mut x } = Factored::new(v, theta, &mut tau, rows)?;
            for (i, _) in rows.observed.iter().enumerate().filter(|(_, observed)| **observed) {
                pivots.multiply(factor.cholesky.pivot(i));
            }
            let mut y = rows.y;
            factor.cholesky.solve_lower(&mut y.data.0[0]);
            triangle.add(&mut x, &mut y);
            Ok(())
        })?;
        let tau = tau.unwrap_or_else(T::one);
        factors.theta = Array(copied::<V::ParamCount, T>(theta));
        factors.tau = tau;
        let (cholesky, beta) = triangle.solve().map_err(|column| Error::Singular { column })?;
        let scale = self.reference().scale() / (tau * unit);
        let quadratic = triangle.rest() * scale * scale;
        Ok(Solution {
            size: tau * tau,
            log_determinant: pivots.log() * convert(2.0),
            solved: LeastSquares { cholesky, beta, quadratic },
        })
    }

    #[inline(never)]
    fn ascend<R>(
        &self,
        at: &At<'_, V, T, K>,
        factors: &mut Self::Factors,
        (): &mut (),
        ascent: &mut Ascent<V::ParamCount, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<V, T>, &InformationMatrix<V::ParamCount, T>) -> (bool, R),
    ) -> R {
        let wants = Wants { score: true, average: !expected, expected };
        let sums = self.derivatives(at, factors, wants);
        ascent.score = sums.score;
        ascent.average = if expected { sums.expected } else { sums.average };
        let (asks, told) = judge(&ascent.score, &ascent.average);
        ascent.other = asks
            .then(|| if expected { ascent.average.clone() } else { self.expected(at, factors) });
        told
    }

    fn score(&self, at: &At<'_, V, T, K>, factors: &mut Self::Factors) -> (Theta<V, T>, ()) {
        (self.derivatives(at, factors, Wants { score: true, ..Wants::NOTHING }).score, ())
    }

    fn average(
        &self,
        at: &At<'_, V, T, K>,
        factors: &mut Self::Factors,
    ) -> InformationMatrix<V::ParamCount, T> {
        self.derivatives(at, factors, Wants { average: true, ..Wants::NOTHING }).average
    }

    fn expected(
        &self,
        at: &At<'_, V, T, K>,
        factors: &mut Self::Factors,
    ) -> InformationMatrix<V::ParamCount, T> {
        self.derivatives(at, factors, Wants { expected: true, ..Wants::NOTHING }).expected
    }

    #[inline(never)]
    fn curvature(
        &self,
        at: &At<'_, V, T, K>,
        factors: &Self::Factors,
        (): &(),
    ) -> InformationMatrix<V::ParamCount, T> {
        if let Some(sum) = self.in_reduced(at.model, Curve(Point::new(at, factors))) {
            return sum;
        }
        let mut sum = InformationMatrix::zeros();
        self.each_weighted(at, factors, |v, weights| {
            sum.add_all(&InformationMatrix { rows: v.curvature(at.theta, weights) });
        });
        sum
    }

    #[inline(never)]
    fn visit_cones<W: ConeVisitor<T>>(
        &self,
        at: &At<'_, V, T, K>,
        factors: &Self::Factors,
        (): &(),
        visitor: &mut W,
    ) {
        let reduced = Cones { at: Point::new(at, factors), visitor };
        if self.in_reduced(at.model, reduced).is_some() {
            return;
        }
        let mut sums = filled::<V::ParamCount, T>(T::zero());
        self.each_weighted(at, factors, |v, weights| {
            v.visit_cones(at.theta, &(weights / at.size), &mut AddCones(sums.as_mut()));
        });
        let mut with_sums = WithCones { sums: sums.as_ref(), visitor };
        at.model.visit_cones(at.theta, &SMatrix::zeros(), &mut with_sums);
    }

    fn difference(&self, model: &V, a: &Theta<V, T>, b: &Theta<V, T>) -> (T, T) {
        if let Some(difference) = self.in_reduced(model, Difference::<V, T> { a, b }) {
            return difference;
        }
        let mut largest = (T::zero(), T::zero());
        self.each_v(|v, observed| {
            let (change, size) = difference(v, a, b, observed);
            largest = (largest.0.max(change), largest.1.max(size));
        });
        largest
    }

    fn largest_derivatives(
        &self,
        _: &V,
        theta: &Theta<V, T>,
        rows: &[T; N],
    ) -> Array<T, V::ParamCount> {
        let mut parts = Array(filled::<V::ParamCount, T>(T::zero()));
        self.each_v(|v, observed| {
            let row = |i: usize| if observed[i] { rows[i] } else { T::zero() };
            take_largest(v, theta, &core::array::from_fn(row), &mut parts);
        });
        parts
    }

    fn row_sizes(&self, size: T, unit: T) -> [T; N] {
        [size / unit; N]
    }

    /// Writes the scales over all subjects. The typical value of a parameter is the geometric mean
    /// of its typical values in the models of the subjects, so that it does not depend on the order
    /// of the subjects.
    fn scales(&self, model: &V, scales: &mut [Scale]) -> bool {
        let mut homogeneous = model.scales(2.0, scales);
        let mut logs = tabulate::<V::ParamCount, (f64, f64)>((0.0, 0.0), |_| (0.0, 0.0));
        self.each_v(|v, _| {
            let mut own = tabulate::<V::ParamCount, Scale>(Scale::default(), |_| Scale::default());
            homogeneous &= v.scales(2.0, &mut own);
            for (Scale { typical, .. }, (sum, count)) in own.iter().zip(&mut logs) {
                if *typical > 0.0 && typical.is_finite() {
                    *sum += ComplexField::ln(*typical);
                    *count += 1.0;
                }
            }
        });
        for (scale, &(sum, count)) in scales.iter_mut().zip(&logs) {
            if count > 0.0 {
                scale.typical = ComplexField::exp(sum / count);
            }
        }
        homogeneous
    }

    #[cold]
    #[inline(never)]
    fn error_of_v(&self, _: &V, theta: &Theta<V, T>) -> Option<Error> {
        let mut first = None;
        self.each_v(|v, observed| first = first.or_else(|| error_of(&v.value(theta), observed)));
        first
    }
}
