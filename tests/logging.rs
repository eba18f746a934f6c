//! Errors and reports as `defmt` frames, which this reads back from a logger of its own.

use std::cell::RefCell;

use covprop::*;
use nalgebra::{SVector, vector};

#[defmt::global_logger]
struct Logger;

thread_local! {
    static FRAME: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

unsafe impl defmt::Logger for Logger {
    fn acquire() {}
    unsafe fn flush() {}
    unsafe fn release() {}
    unsafe fn write(bytes: &[u8]) {
        FRAME.with_borrow_mut(|frame| frame.extend(bytes));
    }
}

defmt::timestamp!("{=u8}", 0);

fn frame(value: &impl defmt::Format) -> Vec<u8> {
    FRAME.take();
    defmt::println!("{}", value);
    FRAME.take()
}

#[test]
fn numbers_are_in_the_frame() {
    let model = Marginal::new(ScalarMatrix::<4>::new());
    let fit = model.fit(&SVector::repeat(1.0), &vector![1.0_f64, 2.0, 3.0, 4.0]).unwrap();
    let frame = frame(&fit);
    for number in [fit.beta[0], fit.params[0], fit.theta[0], fit.log_likelihood] {
        assert!(frame.windows(8).any(|bytes| bytes == number.to_le_bytes()));
    }
}
