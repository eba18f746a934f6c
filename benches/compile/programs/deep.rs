//! Twenty operators, one within the other: value, derivatives and a fit. The compiler's work must
//! grow in proportion to their number.

use covprop::prelude::*;

/// The inverse of the transpose of an expression, as many times as there are `+`.
macro_rules! inverse_of_transpose {
    ($inner:expr;) => { $inner };
    ($inner:expr; + $($rest:tt)*) => {
        inverse_of_transpose!(Inverse::new(Transpose::new($inner)); $($rest)*)
    };
}

fn main() -> Result<(), covprop::Error> {
    let v = inverse_of_transpose!(UnconstrainedMatrix::<3>::new(); + + + + + + + + + +);
    let theta = [0.1_f64; 6];
    println!("{}", v.value(&theta));
    println!("{:?}", v.gradient(&theta));
    println!("{:?}", v.pullback(&theta, &SMatrix::identity()));
    let y: SVector<f64, 3> = vector![1.0, 3.0, 2.5];
    let mut panel = Panel::new(Marginal::new(v));
    for shift in [0.0_f64, 0.4, -0.3, 0.9, 1.3, -0.7] {
        panel.push(&SVector::repeat(1.0), &y.map(|y| y + (7.0 * y * shift).sin()))?;
    }
    println!("{:?}", panel.fit()?.outcome);
    Ok(())
}
