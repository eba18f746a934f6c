use covprop::structure::EquicorrelationMatrix;

const V: EquicorrelationMatrix<2> = EquicorrelationMatrix::new();

fn main() {
    println!("{V:?}");
}
