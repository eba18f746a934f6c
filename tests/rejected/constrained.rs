use Source::{Fixed, Free};
use covprop::prelude::*;

fn main() {
    let _v = Constrained::<_, f64, 1>::new(DiagonalMatrix::<3>::new(), [Free(0), Fixed(0.5)]);
}
