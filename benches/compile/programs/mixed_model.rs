//! A random intercept and slope of ten visits, with the tests of Kenward and Roger.

#[path = "common/subjects.rs"]
mod subjects;

use covprop::prelude::*;

fn main() -> Result<(), covprop::Error> {
    let days = subjects::days();
    let model = MixedModel::new(days, UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new());
    let mut panel = Panel::new(model);
    for y in subjects::responses() {
        panel.push(&days, &y)?;
    }
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let tests = estimation.kenward_roger(&fit)?.coefficients();
    println!("{}", fit.table(["mean", "day"]).with_tests(tests));
    Ok(())
}
