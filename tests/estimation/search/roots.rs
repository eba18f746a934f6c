//! Differenced noise: a moving average whose root is on the unit circle.

use approx::abs_diff_eq;
use covprop::prelude::*;

use super::*;

/// Issue text m. V depends on ψ by ρ = ψ/(1 + ψ²), which is at its bound, −½, for ψ = −1: there its derivative vanishes, and
/// the likelihood falls on both sides.
#[test]
fn differenced_noise() {
    let model = Marginal::new(BandedToeplitzMatrix::<12, 1>::new());
    let (mut tally, mut bounds) = (Tally::default(), 0);
    for (i, case) in read("cases.json")["differenced"].as_array().unwrap().iter().enumerate() {
        if case["maxima"] != 1 {
            continue;
        }
        let right = number(&case["log_likelihood"]);
        let params = numbers(&case["params"]);
        let at_bound = case["bound"] == true;
        bounds += usize::from(at_bound);
        for scale in [1.0, 1e-4, 1e5] {
            let y = vector::<12>(&case["y"]) * scale;
            let fit = model.fit(&ones(), &y).unwrap();
            let height = fit.log_likelihood + 11.0 * scale.ln();
            let kind = if at_bound {
                fit.outcome.edge(1).is_some() && fit.outcome.edge(0).is_none()
            } else {
                fit.outcome == Outcome::Converged
            };
            let psi = fit.params[1];
            let inside = if psi.abs() > 1.0 { psi.recip() } else { psi };
            let found = [fit.params[0] / scale / scale, inside];
            let holds = kind
                && is_height(height, right)
                && are_close(&found, &params, 1e-6)
                && abs_diff_eq!(fit.beta[0] / scale, number(&case["beta"][0]), epsilon = 1e-6);
            tally.check(holds, || {
                format!("series {i}, unit {scale:e}: {:?}, ℓ = {height} for {right}, {found:?} for {params:?}", fit.outcome)
            });
        }
    }
    assert!(bounds >= 8, "{bounds} at the bound");
    tally.finish(54);
}
