//! A factor that is both fixed and random: the variance between batches is not identified, what is within them is.

use covprop::Error;
use covprop::prelude::*;

use super::*;

const N: usize = 12;
const Y: [f64; N] = [3.1, 4.0, 4.2, 5.9, 7.0, 7.2, 9.1, 9.3, 1.2, 1.0, 2.9, 3.3];

/// Issue text f: columns for three batches, and one that varies within them, 0 … 3.
#[test]
fn fixed_and_random() {
    let x = SMatrix::<f64, N, 4>::from_fn(|i, j| {
        if j < 3 { f64::from(u8::from(i / 4 == j)) } else { (i % 4) as f64 }
    });
    // Within batches: Σx̃² = 15, the slope Σx̃y/15, eight degrees of freedom.
    let means: Vec<f64> = Y.chunks(4).map(|batch| batch.iter().sum::<f64>() / 4.0).collect();
    let inside = |i: usize| (i % 4) as f64 - 1.5;
    let slope = (0..N).map(|i| inside(i) * Y[i]).sum::<f64>() / 15.0;
    let squares: f64 = (0..N).map(|i| (Y[i] - means[i / 4] - slope * inside(i)).powi(2)).sum();
    let variance = squares / 8.0;
    // |V| |X'V⁻¹X| = σ¹⁶ |X'X| = σ¹⁶ 4³ 15
    let height = -0.5 * (8.0 * ((std::f64::consts::TAU * variance).ln() + 1.0) + 960.0_f64.ln());

    let batches = DummyMatrix::<N, 3>::from_indices(core::array::from_fn(|i| i / 4));
    let model = MixedModel::new(batches, ScalarMatrix::<3>::new(), ScalarMatrix::<N>::new());
    let estimation = model.estimation(&x, &SVector::from(Y)).unwrap();
    let starts = [None, Some([0.0, 0.0]), Some([3.0, -1.0]), Some([-2.0, 1.0]), Some([8.0, 8.0])];
    for start in starts {
        let estimation = match start {
            Some(start) => estimation.clone().with_start(start),
            None => estimation.clone(),
        };
        let fit = estimation.fit().unwrap();
        let Outcome::NotIdentified(combination) = fit.outcome else { panic!("{start:?}: {fit}") };
        assert_eq!(combination.map(f64::abs), [1.0, 0.0], "{start:?}");
        assert_close("σ²", fit.params[1], variance, 1e-9);
        assert_height("ℓ", fit.log_likelihood, height, 1e-11);
        // What a variance that the data do not determine leaves of the digits, as for any ratio of variances.
        let digits = (120.0 * f64::EPSILON * fit.params[0] / fit.params[1]).max(1e-12);
        assert_close("slope", fit.beta[3], slope, digits);
        for (j, mean) in means.iter().enumerate() {
            assert_close("batch", fit.beta[j], mean - 1.5 * slope, 10.0 * digits);
        }

        let within = SVector::from([0.0, 0.0, 0.0, 1.0]);
        let inference = estimation.inference(&fit).unwrap();
        let adjusted = estimation.kenward_roger(&fit).unwrap();
        for found in [inference.contrast(&within), adjusted.contrast(&within)] {
            let found = found.unwrap();
            assert_close("slope", found.estimate, slope, digits);
            assert_close(
                "standard error",
                found.standard_error,
                (variance / 15.0).sqrt(),
                digits.max(1e-8),
            );
            assert_close("degrees of freedom", found.degrees_of_freedom, 8.0, digits.max(1e-6));
        }
        for between in [[1.0, 0.0, 0.0, 0.0], [1.0, -1.0, 0.0, 0.0]].map(SVector::from) {
            for found in [inference.contrast(&between), adjusted.contrast(&between)] {
                assert!(matches!(found, Err(Error::NotIdentified { .. })), "{start:?}: {found:?}");
            }
        }
    }
}
