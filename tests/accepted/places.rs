use covprop::structure::ToeplitzCorrelationMatrix;

fn main() {
    let _v = ToeplitzCorrelationMatrix::<500>::new();
}
