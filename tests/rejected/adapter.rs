use covprop::operator::{Adapter, AffineMap};
use covprop::prelude::*;

fn main() {
    let _v = Adapter::new(DiagonalMatrix::<2>::new(), AffineMap::new([[1.0], [2.0], [3.0]], [0.0; 3]));
}
