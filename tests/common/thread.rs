//! Threads with a stack of a chosen size.

/// Runs `f` on a thread with so many bytes of stack. A panic in `f` is a panic here.
pub(crate) fn with_stack(bytes: usize, f: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(bytes).spawn(f).unwrap().join().unwrap();
}

/// Runs `f` with 256 MiB of stack, for fits whose arrays are beyond the 2 MiB of a test.
pub(crate) fn with_large_stack(f: impl FnOnce() + Send + 'static) {
    with_stack(256 << 20, f);
}
