use covprop::prelude::*;

fn main() {
    let v = UnconstrainedMatrix::<2>::new();
    let _scores = v.pullback(&[0.0, 0.5, 0.0], &SMatrix::<f64, 3, 3>::identity());
}
