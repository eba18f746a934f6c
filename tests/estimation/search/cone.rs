//! Three machines by six workers (Milliken & Johnson 1992) with an unstructured G: one maximum, from every start.

use covprop::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

pub(crate) type Machines =
    MixedModel<CovariancePropagation<DummyMatrix<9, 3>, LogCholeskyMatrix<3>>, ScalarMatrix<9>>;

/// Each worker three times on each machine, with a mean for each machine.
pub(crate) fn machines() -> Panel<Machines, f64, 9, 3> {
    let machine = DummyMatrix::from_indices(core::array::from_fn(|i| i / 3));
    let model = MixedModel::new(machine, LogCholeskyMatrix::new(), ScalarMatrix::new());
    let x = SMatrix::from_fn(|i, j| f64::from(u8::from(j == 0 || j == i / 3)));
    let responses: Vec<SVector<f64, 9>> = responses(&read("cases.json")["machines"]["ys"]);
    panel(model, &x, &responses)
}

/// Of two loadings that go to infinity together.
const START: [f64; 7] =
    [0.639_934_5, 0.897_187_9, -0.604_740_5, -0.045_059_4, 0.554_739_9, -0.601_226_9, 0.859_606_5];

/// Issue text e.
#[test]
fn from_every_start() {
    let right = &read("cases.json")["machines"];
    let (height, params) = (number(&right["log_likelihood"]), numbers(&right["params"]));
    assert_height("issue", height, -104.155_609, 1e-8);
    let panel = machines();
    let mut tally = Tally::default();
    let mut check = |start: Option<[f64; 7]>| {
        let estimation = panel.estimation().unwrap();
        let estimation = match start {
            Some(start) => estimation.with_start(start),
            None => estimation,
        };
        let fit = estimation.fit().unwrap();
        let holds = fit.outcome == Outcome::Converged
            && is_height(fit.log_likelihood, height)
            && are_close(&fit.params, &params, 1e-6)
            && are_close(fit.beta.as_slice(), &numbers(&right["beta"]), 1e-9);
        tally.check(holds, || {
            format!("{start:?}: {:?}, ℓ = {} for {height}", fit.outcome, fit.log_likelihood)
        });
    };
    check(None);
    check(Some(START));
    let mut rng = StdRng::seed_from_u64(20);
    for spread in [1.0, 3.0] {
        for _ in 0..100 {
            check(Some(core::array::from_fn(|_| spread * rng.random_range(-1.0..1.0))));
        }
    }
    tally.finish(202);
}

/// The scores in units of 10ᵏ.
#[test]
fn in_other_units() {
    let right = number(&read("cases.json")["machines"]["log_likelihood"]);
    let responses: Vec<SVector<f64, 9>> = responses(&read("cases.json")["machines"]["ys"]);
    let x = SMatrix::<f64, 9, 3>::from_fn(|i, j| f64::from(u8::from(j == 0 || j == i / 3)));
    let mut tally = Tally::default();
    for k in -12..=12 {
        let unit = 10.0_f64.powi(k);
        let scaled: Vec<_> = responses.iter().map(|y| y * unit).collect();
        let machine = DummyMatrix::<9, 3>::from_indices(core::array::from_fn(|i| i / 3));
        let model =
            MixedModel::new(machine, LogCholeskyMatrix::<3>::new(), ScalarMatrix::<9>::new());
        let panel = panel(model, &x, &scaled);
        let fit = panel.fit().unwrap();
        let height = fit.log_likelihood + 51.0 * unit.ln();
        tally.check(fit.outcome == Outcome::Converged && is_height(height, right), || {
            format!("unit 1e{k}: {:?}, ℓ = {height} for {right}", fit.outcome)
        });
    }
    tally.finish(25);
}
