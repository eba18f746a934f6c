use covprop::prelude::*;

fn main() {
    let _v = LogCholeskyMatrix::<31>::new();
}
