//! The host in place of a board: the same text, nothing measured.

pub fn print(text: &str) {
    print!("{text}");
}

pub fn exit(good: bool) -> ! {
    std::process::exit(i32::from(!good))
}

pub fn measure<R>(_: &str, work: impl FnOnce() -> R) -> R {
    work()
}

pub fn report() {}
