//! The undamped step, and by which information it is taken.

use nalgebra::convert;

use super::Search;
use crate::reml::likelihood::Ascent;
use crate::reml::sample::Data;
use crate::reml::square::{Solution, Square};
use crate::search::dot;
use crate::{ParamMatrix, Real, Theta};

/// Steps by the average information before the observed one is tried, which costs twice as much and pays only near
/// the maximum.
const AVERAGE_STEPS: usize = 4;
/// A decrement sᵀI⁻¹s below which the observed information is tried earlier.
const NEAR: f64 = 0.1;
/// The logarithm of yᵀPy/(n − K) from which on V has not the scale of the data. The average information is off by that
/// factor, the expected one is not.
const ASTRAY: f64 = 1.0;

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// The undamped step by an information.
    fn solve(
        &self,
        information: &Square<M::Params, T>,
        score: &Theta<M, T>,
    ) -> Solution<M::Params, T> {
        information.solve(score.as_ref(), self.active().as_ref(), T::zero())
    }

    /// Takes what is needed for a step, with the expected information if it is to be used: at first, where the average one is
    /// singular or of another scale, as yᵀPy is, and near the maximum, for the observed one. The undamped step by the average
    /// one, and whether that is astray.
    #[inline(never)]
    fn ascend(
        &mut self,
        iteration: usize,
        tolerance: T,
        ascent: &mut Ascent<M, T, N>,
    ) -> (Solution<M::Params, T>, bool) {
        let active = self.active();
        let scale = (self.at.quadratic() / self.degrees()).ln();
        let first = Self::is_first(iteration);
        self.at.ascend(ascent, first, |score, average| {
            let newton = average.solve(score.as_ref(), active.as_ref(), T::zero());
            let astray = iteration == 0 || newton.null.is_some() || scale.abs() > convert(ASTRAY);
            let decrement = dot(score.as_ref(), newton.x.as_ref());
            let near = decrement < convert(NEAR) || iteration >= AVERAGE_STEPS;
            (!first && (astray || near && decrement > tolerance), (newton, astray))
        })
    }

    /// The undamped step, with what it needs: by the expected information if the average one is astray, else near the
    /// maximum by the observed one where that is positive definite.
    #[inline(never)]
    pub(super) fn newton(
        &mut self,
        iteration: usize,
        tolerance: T,
        ascent: &mut Ascent<M, T, N>,
    ) -> Solution<M::Params, T> {
        let (by_average, astray) = self.ascend(iteration, tolerance, ascent);
        let Ascent { weights, score, average, other } = ascent;
        let Some(information) = other else { return by_average };
        if !astray {
            *information = self.at.observed(weights, average, information);
            // Since steps are taken on the parameters' own scale.
            self.at.straighten(information, score);
        }
        let newton = self.solve(information, score);
        if astray || !newton.indefinite && newton.null.is_none() {
            return newton;
        }
        *other = None;
        by_average
    }
}
