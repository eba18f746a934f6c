//! What the two searches for a maximum share, that of REML and that of state-space models.

use nalgebra::convert;

use crate::kernel::sqrt;
use crate::{Jet, Real};

/// A rise of this part of what the step promised is enough (Armijo 1966).
pub(crate) const ENOUGH: f64 = 1e-4;
/// Roundings of a log-likelihood, of its size and of n.
pub(crate) const ROUNDINGS: f64 = 8.0;
/// Shorter and shorter steps before the search gives up: by then they are shorter than 8⁻³⁰.
pub(crate) const ATTEMPTS: usize = 30;
/// Times that a parameter may come back from the end of its range.
pub(crate) const RETURNS: u8 = 3;
/// How far towards the end of a parameter's range one step may lead, unless the last one already did.
const REACH: f64 = 0.9;

/// η + η′ δ for a parameter η on its own scale whose range ends at `end`, `None` for that end; and whether the step leads
/// there, or nearly. It may do so only if the last one did; one that is `free` may lead wherever it wants inside.
pub(crate) fn within_range<T: Real>(
    jet: Jet<T>,
    step: T,
    end: T,
    led: bool,
    free: bool,
) -> (Option<T>, bool) {
    let target = jet.value + jet.first * step;
    if !end.is_finite() {
        return (Some(target), false);
    }
    let room = end - jet.value;
    let part = (target - jet.value) / room;
    let leads = part >= convert(REACH);
    let inside = free && part < T::one() - sqrt(T::default_epsilon());
    if leads && !led && !inside {
        (Some(jet.value + room * convert(REACH)), true)
    } else if part >= T::one() {
        (None, leads)
    } else {
        (Some(target), leads)
    }
}

/// The decrement sᵀI⁻¹s, the squared distance from the maximum in standard errors, with which a search is done.
pub(crate) fn tolerance<T: Real>() -> T {
    T::default_epsilon().powf(convert(5.0 / 3.0))
}

/// The one with which it is done if no step is found, since the likelihood of an ill-conditioned model has fewer digits than
/// its rounding would say.
pub(crate) fn loose_tolerance<T: Real>() -> T {
    T::default_epsilon().powf(convert(2.0 / 3.0))
}

/// Damps the steps after one that was taken by how well its rise was foreseen.
pub(crate) fn adapt_damping<T: Real>(damping: &mut T, rise: T, promised: T, limited: bool) {
    if rise < promised * convert(0.1) && !limited {
        *damping = damping.max(convert(1e-3)) * convert(4.0);
    } else if rise > promised * convert(0.5) {
        *damping *= convert(0.1);
        if *damping < convert(1e-6) {
            *damping = T::zero();
        }
    }
}

/// Damps a step more that did not raise the likelihood.
pub(crate) fn increase_damping<T: Real>(damping: &mut T) {
    *damping = (*damping * convert(8.0)).max(convert(1e-3));
}

/// Σ aₖ bₖ.
pub(crate) fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}
