//! Comparison of many numbers by one tolerance.

use approx::assert_abs_diff_eq;

/// Asserts that two lists are as long and differ nowhere by more than `tolerance` times the largest
/// number that is expected.
#[track_caller]
pub(crate) fn assert_near_largest(found: &[f64], expected: &[f64], tolerance: f64) {
    let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    assert_abs_diff_eq!(found, expected, epsilon = tolerance * largest);
}
