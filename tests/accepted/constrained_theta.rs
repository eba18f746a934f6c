use Source::{Fixed, Free};
use covprop::prelude::*;

fn main() {
    let _value = Constrained::<_, f64, 1>::new(Ar1Matrix::<3>::new(), [Free(0), Fixed(0.5)]).value(&[0.1]);
}
