use covprop::structure::EquicorrelationMatrix;

const V: EquicorrelationMatrix<1> = EquicorrelationMatrix::new();

fn main() {
    println!("{V:?}");
}
