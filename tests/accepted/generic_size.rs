use covprop::prelude::*;

fn variances<const N: usize>() where LogCholeskyMatrix<N>: ParamMatrix<f64, N, N> {
    let _v = LogCholeskyMatrix::<N>::new();
}

fn main() {
    variances::<3>();
}
