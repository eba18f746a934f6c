//! The analysis of variance of two crossed factors with repetitions.

use covprop::inference::Estimate;
use covprop::prelude::*;

/// Returns the variance components of the first factor, the second, their interaction and the
/// repetitions. The expectations of the mean squares are sums of the components.
pub(crate) fn crossed<const A: usize, const B: usize, const AB: usize, const N: usize>(
    first: &DummyMatrix<N, A>,
    second: &DummyMatrix<N, B>,
    cells: &DummyMatrix<N, AB>,
    y: &SVector<f64, N>,
) -> [Estimate<f64>; 4] {
    let y = y.add_scalar(-y.mean());
    let (of_first, of_second) = (between(first, &y), between(second, &y));
    let of_cells = between(cells, &y);
    let degrees = [A - 1, B - 1, (A - 1) * (B - 1), N - AB].map(|degrees| degrees as f64);
    let squares =
        [of_first, of_second, of_cells - of_first - of_second, y.norm_squared() - of_cells];
    let means: [f64; 4] = std::array::from_fn(|k| squares[k] / degrees[k]);
    // A mean square has the variance 2 (its expectation)² / degrees; mean squares are independent.
    let variances: [f64; 4] = std::array::from_fn(|k| 2.0 * means[k].powi(2) / degrees[k]);
    // A component is the difference of two mean squares, divided by the measurements of a level.
    let component = |above: usize, below: usize, count: usize| Estimate {
        value: (means[above] - means[below]) / count as f64,
        standard_error: (variances[above] + variances[below]).sqrt() / count as f64,
    };
    let repetitions = Estimate { value: means[3], standard_error: variances[3].sqrt() };
    [component(0, 2, N / A), component(1, 2, N / B), component(2, 3, N / AB), repetitions]
}

/// The sum of squares between the levels of a factor with equally many measurements at each level.
fn between<const Q: usize, const N: usize>(factor: &DummyMatrix<N, Q>, y: &SVector<f64, N>) -> f64 {
    factor.value(&[]).tr_mul(y).norm_squared() * Q as f64 / N as f64
}
