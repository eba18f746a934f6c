use covprop::prelude::*;

fn main() {
    let _z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"]);
}
