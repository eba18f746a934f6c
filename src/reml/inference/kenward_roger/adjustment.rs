//! How the adjusted covariance is made.

use hybrid_array::Array;
use nalgebra::{SMatrix, convert};

use super::KenwardRoger;
use crate::optimise::information::Square;
use crate::reml::sample::{Sample, rounding};
use crate::reml::{Criterion, Estimation, Fit, Likelihood};
use crate::shape::{copied, filled};
use crate::transform::Limits;
use crate::{Edge, Error, ParamMatrix, Real, Theta};

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// Kenward and Roger's tests of the fixed effects of a fit to these data.
    ///
    /// # Errors
    ///
    /// - [`Error::NotRestricted`] for a fit by maximum likelihood
    /// - [`Error::NotMaximum`] for a fit that is not at a maximum
    /// - [`Error::NotIdentified`] with a parameter about which there is no information beside the others
    pub fn kenward_roger(&self, fit: &Fit<'_, M, T, N, K>) -> Result<KenwardRoger<M, T, K>, Error> {
        if fit.criterion != Criterion::Reml {
            return Err(Error::NotRestricted);
        }
        fit.check_maximum()?;
        let mut at = self.likelihood(Criterion::Reml, &self.inside(fit))?;
        let expected = at.expected();
        let on_edge =
            |k: usize| fit.outcome.edge(k).is_some() || !fit.theta.as_ref()[k].is_finite();
        let counts = Array::<bool, M::Params>::from_fn(|k| {
            let has_influence =
                on_edge(k) || fit.average_information.as_ref()[k].as_ref()[k] > T::zero();
            has_influence && at.theta.as_ref()[k].is_finite() && expected.get(k, k) > T::zero()
        });
        let covariance = expected.inverse(&counts).map_err(|k| at.not_identified(k))?;
        Ok(KenwardRoger {
            beta: at.beta(),
            unadjusted: at.beta_covariance(),
            adjusted: at.adjusted_covariance(&covariance),
            slopes: at.beta_covariance_gradient(),
            covariance,
        })
    }

    /// The θ of a fit, with parameters that are at an end of their range so near to it that V is the same to
    /// rounding: there V still has a derivative by the variance that is zero, if none by θ.
    fn inside(&self, fit: &Fit<'_, M, T, N, K>) -> Theta<M, T> {
        const FARTHEST: i32 = 9;
        let value = self.model.value(&fit.theta);
        let rounding = value.amax() * T::default_epsilon();
        let mut theta = Array::<T, M::Params>(copied::<M::Params, T>(&fit.theta));
        for k in 0..theta.len() {
            let end = theta[k];
            let limits = self.model.visit_transform(k, Limits::<T>::new());
            if end.is_finite() || !Edge::on_side_of(end).of(limits).is_finite() {
                continue;
            }
            let sign = if end > T::zero() { T::one() } else { -T::one() };
            for doubling in 0..=FARTHEST {
                let mut nearer = Array::<T, M::Params>(copied::<M::Params, T>(&fit.theta));
                nearer[k] = sign * convert::<_, T>(2.0).powi(doubling);
                if (self.model.value(&nearer.0) - value).amax() <= rounding {
                    theta[k] = nearer[k];
                    break;
                }
            }
        }
        theta.0
    }
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// Φ_A, given W.
    fn adjusted_covariance(&self, w: &Square<M::Params, T>) -> SMatrix<T, K, K> {
        let half = convert::<_, T>(0.5);
        // Second derivatives by the parameters on their own scale, since Φ_A is the same on every scale: near the end of a
        // range those by θ are all transform, and would have to cancel.
        let curved = |weights: &SMatrix<T, N, N>| {
            let mut curvature =
                Square::<M::Params, T> { rows: self.model.curvature(&self.theta, weights) };
            let bends = self.bends(&self.model.pullback(&self.theta, weights));
            for (k, &bend) in bends.as_ref().iter().enumerate() {
                let by_theta = curvature.get(k, k);
                let left = by_theta - bend;
                let whole = (by_theta.abs() + bend.abs()) * rounding::<T, N>();
                curvature.set(k, k, if left.abs() <= whole { T::zero() } else { left });
            }
            w.dot(&curvature) / self.size
        };
        let first = self.design_forms().map(|form| form / self.size);
        let mut second = SMatrix::<T, K, K>::zeros();
        self.sample.design_weights(&self.factors, |a, b, weights| {
            let x = curved(weights);
            second[(a, b)] = x;
            second[(b, a)] = x;
        });
        let mut inner = SMatrix::zeros();
        // Σⱼₖ Wⱼₖ tr(P Vₗ P Vⱼₖ)
        let mut bends = filled::<M::Params, T>(T::zero());
        let mut derivative = SMatrix::zeros();
        let mut across = SMatrix::<T, N, N>::zeros();
        let (model, sample, theta) = (self.model, self.sample, &self.theta);
        model.for_each_derivative(theta, |k, partial| {
            partial.write(&mut derivative);
            derivative /= self.size;
            across.fill(T::zero());
            model.for_each_derivative(theta, |l, partial| {
                let weight = w.get(k, l) / self.size;
                partial.each(|i, j, x| across[(i, j)] += weight * x);
            });
            let product = sample.design_products(&self.factors, &derivative, &across);
            inner += (product + product.transpose()) * half;
            for (l, other) in first.iter().enumerate() {
                inner -= first[k] * self.c * other * w.get(k, l);
            }
            if let Some(bend) = bends.as_mut().get_mut(k) {
                *bend = curved(&sample.sandwich(&self.factors, &self.c, &derivative));
            }
        });
        inner -= second * convert::<_, T>(0.25);
        let mut adjustment = inner + inner;
        for (k, first) in first.iter().enumerate() {
            let bias = bends
                .as_ref()
                .iter()
                .enumerate()
                .fold(T::zero(), |sum, (l, &bend)| sum - w.get(k, l) * bend * convert(0.25));
            adjustment -= first * bias;
        }
        let adjusted = self.c + self.c * adjustment * self.c;
        self.sample.reference().covariance(&adjusted) * self.size
    }
}
