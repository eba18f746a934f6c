use covprop::*;

fn main() {
    let _v = EquicorrelationMatrix::<2>::new();
}
