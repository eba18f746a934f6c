use covprop::prelude::*;

fn main() {
    let _v = DiagonalMatrix::<512>::new();
}
