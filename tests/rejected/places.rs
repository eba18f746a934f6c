use covprop::*;

fn main() {
    let _v = ToeplitzCorrelationMatrix::<600>::new();
}
