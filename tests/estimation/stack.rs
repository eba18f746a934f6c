//! Fits of panels on threads with the documented stack.

use std::thread;

use covprop::prelude::*;

/// The stack of a thread on which panels of all sizes of these tests are filled.
const LARGE: usize = 64 << 20;

fn on_stack<R: Send>(bytes: usize, f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(bytes).spawn_scoped(scope, f);
        thread.unwrap().join().unwrap()
    })
}

/// Calls `push` with the data of subjects who miss visits in `patterns` ways.
fn each_subject<const N: usize, const K: usize>(
    patterns: usize,
    mut push: impl FnMut(&SMatrix<f64, N, K>, &SVector<f64, N>, &[bool; N]),
) {
    for subject in 0..(3 * K).max(2 * patterns).max(9) {
        // Pseudo-random: the later digits of a sine
        let of = |i: usize, j: usize| {
            (1e4 * ((subject * 37 + i * 11 + j * j * 5 + 1) as f64).sin()).fract()
        };
        let x = SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { of(i, j) });
        let level = (1.7 * subject as f64).cos();
        let y = SVector::from_fn(|i, _| 3.0 + level + of(i, 71) + 0.5 * of(i / 2, 83));
        let missed = (subject % patterns).checked_sub(1);
        push(&x, &y, &core::array::from_fn(|i| missed != Some(i)));
    }
}

/// Fits a panel in an array, and one on the heap, each on its documented stack.
fn fit_on_documented_stack<M, const N: usize, const K: usize, const PATTERNS: usize>(model: M)
where
    M: Model<Covariance: ParamMatrix<f64, N, N> + Sync> + Copy + Send + Sync,
{
    type Array<M, const N: usize, const K: usize, const PATTERNS: usize> =
        Panel<M, f64, N, K, PATTERNS>;
    let filled = 9 * size_of::<Array<M, N, K, PATTERNS>>() + 64 * 1024;
    let panel = on_stack(LARGE, || {
        // The thread that fills the panel has only the stack that is documented for it.
        on_stack(filled, || {
            let mut panel = Array::<M, N, K, PATTERNS>::with_patterns(model);
            each_subject(PATTERNS, |x, y, observed| panel.push_observed(x, y, observed).unwrap());
            Box::new(panel)
        })
    });
    let stack = Array::<M, N, K, PATTERNS>::FIT_STACK;
    let found = on_stack(stack, || panel.fit().unwrap().log_likelihood);
    assert!(found.is_finite());
    #[cfg(feature = "alloc")]
    {
        type Heap<M, const N: usize, const K: usize> = covprop::reml::HeapPanel<M, f64, N, K>;
        let mut heap = Heap::<M, N, K>::new(model);
        each_subject(PATTERNS, |x, y, observed| heap.push_observed(x, y, observed).unwrap());
        let stack = Heap::<M, N, K>::FIT_STACK;
        let of_heap = on_stack(stack, || heap.fit().unwrap().log_likelihood);
        assert!((of_heap - found).abs() < 1e-9 * found.abs(), "{of_heap} {found}");
    }
}

#[test]
fn unstructured_v_with_many_parameters() {
    fit_on_documented_stack::<_, 8, 8, 4>(Marginal::new(UnconstrainedMatrix::<8>::new()));
}

#[test]
fn many_columns() {
    fit_on_documented_stack::<_, 3, 32, 2>(Marginal::new(UnconstrainedMatrix::<3>::new()));
}

#[test]
fn several_operators_and_sets_of_visits() {
    let z = SMatrix::<f64, 20, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let slopes = CovariancePropagation::new(z, UnconstrainedMatrix::<2>::new());
    let series = named("series", Ar1Matrix::<20>::new());
    let v = slopes.plus(series).plus(named("error", ScalarMatrix::new()));
    fit_on_documented_stack::<_, 20, 2, 3>(Marginal::new(v));
}

#[test]
fn one_set_of_visits_in_reduced_rows() {
    let z = SVector::<f64, 40>::repeat(1.0);
    let model = MixedModel::new(z, ScalarMatrix::<1>::new(), ScalarMatrix::<40>::new());
    fit_on_documented_stack::<_, 40, 1, 1>(model);
}
