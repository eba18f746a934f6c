//! The likelihood as the objective function of a search.

use core::mem;

use crate::algebra::cone::Steepest;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::arrays::copied;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::units::{Transforms, Units};
use crate::reml::estimation::Estimation;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::Data;
use crate::transform::{AsJet, Inverted, Jet, Limits, Rescaled};

/// The transforms between the free parameters of a matrix and its parameters on their natural
/// scale.
pub(in crate::reml) struct Of<'a, M, const N: usize>(pub(in crate::reml) &'a M);

impl<T: Real, M: ParamMatrix<T, N, N>, const N: usize> Transforms<T> for Of<'_, M, N> {
    fn jet(&self, k: usize, theta: T) -> Jet<T> {
        self.0.visit_transform(k, AsJet(theta))
    }

    fn inverse(&self, k: usize, eta: T) -> Option<T> {
        self.0.visit_transform(k, Inverted(eta))
    }

    fn limits(&self, k: usize) -> [T; 2] {
        self.0.visit_transform(k, Limits::new())
    }

    fn rescale(&self, k: usize, x: T, factor: T) -> Option<T> {
        self.0.visit_transform(k, Rescaled { x, factor })
    }
}

/// The objective function of a search: the likelihood at the current θ and at the last trial θ.
pub(in crate::reml) struct Maximand<'e, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    at: Likelihood<'e, M, D, T, N, K>,
    there: Likelihood<'e, M, D, T, N, K>,
    /// The weights W at the current θ, from which the score is computed: entry k of the score is ½
    /// ⟨W, ∂V/∂θₖ⟩.
    weights: D::Weights,
    units: &'e Units<M::ParamCount, T>,
    /// The number of observations n.
    count: T,
}

impl<'e, M, D, T, const N: usize, const K: usize> Maximand<'e, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    /// Evaluates the likelihood at `start`, the free parameters of V for y in the unit of the
    /// search. If `start` is `None`, evaluates the likelihood at the default start and rescales V
    /// to the data.
    pub(super) fn new(
        estimation: &'e Estimation<'_, M, D, T, N, K>,
        units: &'e Units<M::ParamCount, T>,
        start: Option<&Theta<M, T>>,
    ) -> Result<Self, Error> {
        let Estimation { model, data, criterion, .. } = estimation;
        let unit = || Likelihood::unit(*model, data, *criterion).in_unit(units.unit);
        let mut maximand = Self {
            at: unit(),
            there: unit(),
            weights: data.unit_weights(),
            units,
            count: data.count(),
        };
        if let Some(start) = start {
            maximand.at.evaluate(start)?;
        } else {
            maximand.at.evaluate(&units.start().0)?;
            maximand.rescale_to_data();
        }
        Ok(maximand)
    }

    /// Multiplies V, except for parts of V that are known, by the moment estimate of the scale of
    /// V. For n observations and K fixed effects, this estimate is yᵀPy/(n − K), with the matrix P
    /// of [`Criterion`](crate::reml::Criterion).
    #[inline(never)]
    fn rescale_to_data(&mut self) {
        /// V is rescaled only if the logarithm of its estimated scale exceeds this number in
        /// absolute value.
        const CLOSE: f64 = 0.1;
        /// The largest number of corrections of the scale of V. More than one correction is needed
        /// only if a part of V is known.
        const STEPS: usize = 20;
        for _ in 0..STEPS {
            let scale = self.log_scale();
            let far = scale.abs() > nalgebra::convert(CLOSE);
            if !far {
                return;
            }
            let grown = self.units.grown(&Of(self.at.model), &self.at.theta, scale);
            if self.there.evaluate(&grown.0).is_err() {
                return;
            }
            mem::swap(&mut self.at, &mut self.there);
            if self.log_scale().abs() >= scale.abs() {
                mem::swap(&mut self.at, &mut self.there);
                return;
            }
        }
    }

    /// Returns the average information at θ.
    pub(in crate::reml) fn average(&mut self) -> InformationMatrix<M::ParamCount, T> {
        self.at.average()
    }

    /// Returns the likelihood at θ.
    pub(in crate::reml) const fn likelihood(&self) -> &Likelihood<'e, M, D, T, N, K> {
        &self.at
    }
}

impl<M, D, T, const N: usize, const K: usize> Problem<M::ParamCount, T>
    for Maximand<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    fn transforms(&self) -> impl Transforms<T> {
        Of(self.at.model)
    }

    fn theta(&self) -> &Theta<M, T> {
        &self.at.theta
    }

    fn log_likelihood(&self) -> T {
        self.at.maximand()
    }

    fn look(&mut self, theta: &Theta<M, T>) -> Option<T> {
        self.there.evaluate(theta).ok().map(|()| self.there.maximand())
    }

    fn restart(&mut self, theta: &Theta<M, T>) -> bool {
        let has_value = self.at.evaluate(theta).is_ok();
        if has_value {
            self.rescale_to_data();
        }
        has_value
    }

    fn is_smooth_there(&mut self, on_bound: bool) -> bool {
        !on_bound || self.there.average().is_finite()
    }

    fn go(&mut self) {
        mem::swap(&mut self.at, &mut self.there);
    }

    fn ascend<R>(
        &mut self,
        ascent: &mut Ascent<M::ParamCount, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::ParamCount, T>) -> (bool, R),
    ) -> R {
        let (data, at, factors) = self.at.parts();
        data.ascend(&at, factors, &mut self.weights, ascent, expected, judge)
    }

    fn observed(
        &mut self,
        ascent: &Ascent<M::ParamCount, T>,
    ) -> InformationMatrix<M::ParamCount, T> {
        self.at.observed(&self.weights, ascent)
    }

    #[inline(never)]
    fn is_same(&mut self, theta: &Theta<M, T>) -> bool {
        let (difference, _) = self.at.data.difference(self.at.model, theta, &self.at.theta);
        difference <= T::default_epsilon() * self.at.size
    }

    #[inline(never)]
    fn off_cone(&mut self, part: T) -> Option<(T, Option<Theta<M, T>>)> {
        let (data, at, factors) = self.at.parts();
        let mut moved = copied::<M::ParamCount, T>(at.theta);
        let mut steepest = Steepest {
            size: at.size,
            part,
            eigenvalue: None,
            base: at.theta.as_ref(),
            theta: moved.as_mut(),
            found: false,
        };
        data.visit_cones(&at, factors, &self.weights, &mut steepest);
        let Steepest { found, eigenvalue, .. } = steepest;
        Some((eigenvalue?, found.then_some(moved)))
    }

    fn count(&self) -> T {
        self.count
    }

    fn log_scale(&self) -> T {
        (self.at.quadratic() / (self.count - nalgebra::convert(K as f64))).ln()
    }

    fn typical(&self, k: usize) -> T {
        self.units.typical(k)
    }
}
