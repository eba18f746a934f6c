//! Subjects with a random intercept and slope, for `mixed_model` and for the crate `models`.

use covprop::prelude::*;

/// Returns the design of ten visits: an intercept and a slope.
pub(crate) fn days() -> SMatrix<f64, 10, 2> {
    SMatrix::from_fn(|day, k| [1.0, day as f64][k])
}

/// Returns the responses of 18 subjects.
pub(crate) fn responses() -> impl Iterator<Item = SVector<f64, 10>> {
    (0..18).map(|subject| {
        SVector::from_fn(|day, _| {
            let (s, d) = (f64::from(subject), day as f64);
            250.0 + 25.0 * (7.0 * s).sin() + (10.0 + 6.0 * s.cos()) * d + 20.0 * (s * d).sin()
        })
    })
}
