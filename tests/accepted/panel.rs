use covprop::prelude::*;

fn main() {
    let mut panel = Panel::new(Marginal::new(ScalarMatrix::<4>::new()));
    let x = SVector::<f64, 4>::repeat(1.0);
    let _ = panel.push(&x, &SVector::from([1.0, 2.0, 3.0, 4.0]));
    let _fit = panel.fit();
}
