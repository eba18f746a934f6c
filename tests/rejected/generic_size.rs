use covprop::prelude::*;

fn variances<const N: usize>() {
    let _v = LogCholeskyMatrix::<N>::new();
}

fn main() {
    variances::<3>();
}
