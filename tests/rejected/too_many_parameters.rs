use covprop::prelude::*;

fn main() {
    let _v = DiagonalMatrix::<600>::new();
}
