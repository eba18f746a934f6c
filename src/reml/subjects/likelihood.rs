//! The likelihood of subjects that each have their own V.

use hybrid_array::Array;

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::algebra::shape::scale::Scale;
use crate::base::arrays::{copied, filled};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::semidefinite_columns;
use crate::linalg::compensated::CompensatedSum;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::covariance_factor::rounding;
use crate::reml::observations::shared::LeastSquares;
use crate::reml::observations::{At, Data, Solution};
use crate::reml::subjects::cones::{AddCones, WithSums};
use crate::reml::subjects::factored::Evaluated;
use crate::reml::subjects::passes::{
    CommonScales, Curvature, Derivatives, Difference, EachWeighted, ErrorOfV, Evaluate,
    LargestDerivatives, OnWeights, Place, Sums, Wants,
};
use crate::reml::subjects::source::{EachRows, OwnV};
use crate::reml::subjects::triangle::Triangle;

impl<M, D, T, const N: usize, const K: usize> Data<M, T, N, K> for OwnV<D>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: EachRows<M::ParamCount, T, N, K>,
{
    type Factors = Evaluated<T, M::ParamCount>;
    type Weights = ();

    fn unit_factors(&self) -> Self::Factors {
        Evaluated { theta: Array(filled::<M::ParamCount, T>(T::zero())), tau: T::one() }
    }

    fn unit_weights(&self) {}

    #[inline(never)]
    fn evaluate(
        &self,
        _: &M,
        theta: &Theta<M, T>,
        unit: T,
        factors: &mut Self::Factors,
    ) -> Result<Solution<T, K>, Error> {
        let mut sum = Evaluate {
            theta,
            tau: None,
            log_determinant: CompensatedSum::of(T::zero()),
            triangle: Triangle::new(),
        };
        self.0.each(&mut sum)?;
        let tau = sum.tau.unwrap_or_else(T::one);
        factors.theta = Array(copied::<M::ParamCount, T>(theta));
        factors.tau = tau;
        let (cholesky, beta) = sum.triangle.solve().map_err(|column| Error::Singular { column })?;
        let scale = self.0.as_ref().reference.scale() / (tau * unit);
        let quadratic = sum.triangle.rest() * scale * scale;
        Ok(Solution {
            size: tau * tau,
            log_determinant: sum.log_determinant.rounded(),
            solved: LeastSquares { cholesky, beta, quadratic },
        })
    }

    #[inline(never)]
    fn ascend<R>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
        (): &mut (),
        ascent: &mut Ascent<M::ParamCount, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::ParamCount, T>) -> (bool, R),
    ) -> R {
        let wants = Wants { score: true, average: !expected, expected };
        let sums = self.derivatives(at, factors, wants);
        ascent.score = sums.score.0;
        ascent.average = if expected { sums.expected } else { sums.average };
        let (asks, told) = judge(&ascent.score, &ascent.average);
        ascent.other = asks.then(|| {
            if expected {
                return ascent.average.clone();
            }
            let wants = Wants { score: false, average: false, expected: true };
            self.derivatives(at, factors, wants).expected
        });
        told
    }

    fn score(&self, at: &At<'_, M, T, K>, factors: &mut Self::Factors) -> (Theta<M, T>, ()) {
        let wants = Wants { score: true, average: false, expected: false };
        (self.derivatives(at, factors, wants).score.0, ())
    }

    fn average(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
    ) -> InformationMatrix<M::ParamCount, T> {
        let wants = Wants { score: false, average: true, expected: false };
        self.derivatives(at, factors, wants).average
    }

    fn expected(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
    ) -> InformationMatrix<M::ParamCount, T> {
        let wants = Wants { score: false, average: false, expected: true };
        self.derivatives(at, factors, wants).expected
    }

    #[inline(never)]
    fn curvature(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Self::Factors,
        (): &(),
    ) -> InformationMatrix<M::ParamCount, T> {
        let mut sum = Curvature { theta: at.theta, sum: InformationMatrix::zeros() };
        self.each_weighted(at, factors, &mut sum);
        sum.sum
    }

    #[inline(never)]
    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Self::Factors,
        (): &(),
        visitor: &mut V,
    ) {
        let sums = Array(filled::<M::ParamCount, T>(T::zero()));
        let mut add = AddCones { theta: at.theta, size: at.size, sums };
        self.each_weighted(at, factors, &mut add);
        let mut with_sums = WithSums { theta: at.theta, sums: &add.sums, visitor };
        // The visit stops at the first subject.
        let _ = self.0.each(&mut with_sums);
    }

    fn difference(&self, _: &M, a: &Theta<M, T>, b: &Theta<M, T>) -> (T, T) {
        let mut of = Difference { a, b, largest: (T::zero(), T::zero()) };
        match self.0.each(&mut of) {
            Ok(()) => of.largest,
            Err(_) => (T::one() / T::zero(), T::one()),
        }
    }

    fn largest_derivatives(
        &self,
        _: &M,
        theta: &Theta<M, T>,
        rows: &[T; N],
    ) -> Array<T, M::ParamCount> {
        let parts = Array(filled::<M::ParamCount, T>(T::zero()));
        let mut of = LargestDerivatives { theta, rows, parts };
        // An invalid subject was found before.
        let _ = self.0.each(&mut of);
        of.parts
    }

    fn row_sizes(&self, size: T, unit: T) -> [T; N] {
        [size / unit; N]
    }

    fn scales(&self, model: &M, scales: &mut [Scale]) -> bool {
        let mut common = CommonScales::<M::ParamCount>::new();
        let _ = self.0.each(&mut common);
        let homogeneous = model.scales(2.0, scales);
        common.write(scales);
        homogeneous && common.homogeneous
    }

    #[cold]
    #[inline(never)]
    fn error_of_v(&self, _: &M, theta: &Theta<M, T>) -> Option<Error> {
        self.0.each(&mut ErrorOfV { theta }).err()
    }
}

impl<D> OwnV<D> {
    /// Computes the wanted derivatives in one pass over the subjects.
    #[inline(never)]
    fn derivatives<M, T, const N: usize, const K: usize>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Evaluated<T, M::ParamCount>,
        wants: Wants,
    ) -> Sums<M::ParamCount, T, K>
    where
        T: Real,
        M: ParamMatrix<T, N, N>,
        D: EachRows<M::ParamCount, T, N, K>,
    {
        let mut pass = Derivatives {
            place: Place::new(at, factors, self.0.as_ref().reference.scale()),
            wants,
            c: at.restricted(),
            root: at.restricted().map(|c| semidefinite_columns(*c)),
            sums: Sums::new(),
        };
        // The subjects were factored at this θ before.
        let _ = self.0.each(&mut pass);
        pass.sums.finish(wants, at.c, at.restricted().is_some(), rounding::<T, N>());
        pass.sums
    }

    /// Calls `action` with the matrix W of each subject, from which the score is computed.
    fn each_weighted<M, A, T, const N: usize, const K: usize>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Evaluated<T, M::ParamCount>,
        action: &mut A,
    ) where
        T: Real,
        M: ParamMatrix<T, N, N>,
        D: EachRows<M::ParamCount, T, N, K>,
        A: OnWeights<T, M::ParamCount, N>,
    {
        let place = Place::new(at, factors, self.0.as_ref().reference.scale());
        // The subjects were factored at this θ before.
        let _ = self.0.each(&mut EachWeighted { place, c: at.restricted(), action });
    }
}
