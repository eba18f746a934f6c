use covprop::prelude::*;

fn main() {
    let _v = LogCholeskyMatrix::<40>::new();
}
