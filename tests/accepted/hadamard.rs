use covprop::prelude::*;

fn main() {
    let _v = HadamardProduct::new(Ar1Matrix::<3>::new(), UnconstrainedMatrix::<3>::new());
}
