use covprop::prelude::*;

fn main() {
    let _v = OuterGram::new(LowerTriangularMatrix::<4, 2>::new()).plus(ScalarMatrix::<2>::new());
}
