use covprop::*;

fn main() {
    let _v = LogCholeskyMatrix::<40>::new();
}
