use covprop::*;

fn main() {
    let _v = Gram::new(LowerTriangularMatrix::<4, 2>::new()).plus(ScalarMatrix::<4>::new());
}
