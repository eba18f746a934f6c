use covprop::operator::Gram;
use covprop::prelude::*;

fn main() {
    let _v = Gram::new(LowerTriangularMatrix::<4, 2>::new()).plus(ScalarMatrix::<4>::new());
}
