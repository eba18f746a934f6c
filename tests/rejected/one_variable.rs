use covprop::*;

fn main() {
    let _v = EquicorrelationMatrix::<1>::new();
}
