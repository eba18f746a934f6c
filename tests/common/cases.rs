//! The number of cases of slow tests.

/// Returns `true` if all cases are checked: the environment variable `COVPROP_ALL_CASES` is set, as
/// `.ci/run` does.
pub(crate) fn all() -> bool {
    std::env::var_os("COVPROP_ALL_CASES").is_some()
}

/// Returns `true` if fits are made that take minutes without optimisation: all cases are checked, by
/// a program with optimisation.
pub(crate) fn with_large() -> bool {
    all() && !cfg!(debug_assertions)
}

/// Returns the powers of ten from −`largest` to `largest` as exponents: all, or the middle and both
/// ends.
pub(crate) fn powers_of_ten(largest: i32) -> Vec<i32> {
    if all() { (-largest..=largest).collect() } else { vec![-largest, 0, largest] }
}
