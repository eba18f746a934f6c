//! Repeated measurements at four visits, some of them missed, with a V of which nothing is known.

use covprop::prelude::*;

fn main() -> Result<(), covprop::Error> {
    let model = Marginal::new(UnconstrainedMatrix::<4>::new());
    let mut panel = Panel::<_, f64, 4, 2, 4>::with_patterns(model);
    let x = SMatrix::<f64, 4, 2>::from_fn(|visit, k| [1.0, visit as f64][k]);
    for subject in 0..40 {
        let y = SVector::<f64, 4>::from_fn(|visit, _| {
            let (s, v) = (f64::from(subject), visit as f64);
            (7.0 * s).sin() + (3.0 * s + 5.0 * v + s * v).cos() + 0.5 * v
        });
        panel.push_observed(&x, &y, &[true, true, subject % 3 > 0, subject % 2 > 0])?;
    }
    println!("{}", panel.fit()?.table(["mean", "visit"]));
    Ok(())
}
