use covprop::prelude::*;

fn main() {
    let _v = KroneckerProduct::new(Ar1Matrix::<3>::new(), Ar1Matrix::<4>::new()).plus(ScalarMatrix::<12>::new());
}
