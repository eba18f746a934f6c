use covprop::*;

const V: EquicorrelationMatrix<2> = EquicorrelationMatrix::new();

fn main() {
    println!("{V:?}");
}
