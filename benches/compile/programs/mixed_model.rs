//! A random intercept and slope of ten visits, with the tests of Kenward and Roger.

use covprop::prelude::*;

fn main() -> Result<(), covprop::Error> {
    let days = SMatrix::<f64, 10, 2>::from_fn(|day, k| [1.0, day as f64][k]);
    let model = MixedModel::new(days, UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new());
    let mut panel = Panel::new(model);
    for subject in 0..18 {
        let y = SVector::<f64, 10>::from_fn(|day, _| {
            let (s, d) = (f64::from(subject), day as f64);
            250.0 + 25.0 * (7.0 * s).sin() + (10.0 + 6.0 * s.cos()) * d + 20.0 * (s * d).sin()
        });
        panel.push(&days, &y)?;
    }
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let tests = estimation.kenward_roger(&fit)?.coefficients();
    println!("{}", fit.table(["mean", "day"]).with_tests(tests));
    Ok(())
}
