//! Errors for a θ that a caller passes in as the start of a search.

use crate::algebra::shape::{Shape, Theta, default_theta};
use crate::base::arrays::tabulate;
use crate::base::error::Error;
use crate::base::error::number::Number;
use crate::base::scalar::Real;

/// Checks that no parameter of the θ at which a search starts is NaN. An infinite element of θ is
/// allowed, because it is a parameter at a bound, such as a variance of 0.
///
/// # Errors
///
/// Returns [`Error::StartWithoutLikelihood`] if a parameter is NaN, with the first such parameter.
pub(crate) fn check_start<M: Shape, T: Real>(start: &Theta<M, T>) -> Result<(), Error> {
    // Only NaN is not comparable with itself.
    match start.as_ref().iter().position(|x| x.partial_cmp(x).is_none()) {
        Some(k) => Err(blaming::<M, T>(start, k)),
        None => Ok(()),
    }
}

/// Returns the error for a start of a search at which evaluating the likelihood returned `error`.
/// The callback `has_value` returns `true` if the likelihood exists at a given θ.
///
/// The returned error names the first parameter for which the likelihood exists once the parameter
/// is set to its default. If no single parameter makes the likelihood exist, the error names the
/// parameter that is farthest from its default. If the likelihood does not exist at the default θ
/// either, `error` is returned unchanged.
#[cold]
#[inline(never)]
pub(crate) fn error_of_start<M: Shape, T: Real>(
    model: &M,
    start: &Theta<M, T>,
    error: Error,
    has_value: impl Fn(&Theta<M, T>) -> bool,
) -> Error {
    let defaults = default_theta::<M, T>(model);
    if !has_value(&defaults) {
        return error;
    }
    let (start_of, default_of) = (start.as_ref(), defaults.as_ref());
    let with_default = |k: usize| {
        tabulate::<M::ParamCount, T>(
            T::zero(),
            |l| if l == k { default_of[l] } else { start_of[l] },
        )
        .0
    };
    let distance = |k: usize| {
        let pair = start_of.get(k).zip(default_of.get(k));
        pair.map_or_else(T::zero, |(&start, &default)| (start - default).abs())
    };
    let params = || 0..start_of.len();
    let moved = || params().filter(|&k| !distance(k).is_zero());
    let alone = moved().find(|&k| has_value(&with_default(k)));
    let farthest = || moved().reduce(|a, b| if distance(b) > distance(a) { b } else { a });
    alone.or_else(farthest).map_or(error, |k| blaming::<M, T>(start, k))
}

fn blaming<M: Shape, T: Real>(start: &Theta<M, T>, k: usize) -> Error {
    let theta = start.as_ref().get(k).copied().unwrap_or_else(T::zero);
    Error::StartWithoutLikelihood { index: k, theta: Number::of(theta) }
}
