use covprop::*;

fn main() {
    let _v = ToeplitzCorrelationMatrix::<500>::new();
}
