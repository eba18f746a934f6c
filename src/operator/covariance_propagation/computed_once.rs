//! A cache of products with vectors that occur in several derivatives.

/// A cache of results computed from the vectors of
/// [`Partial::RowAndColumn`](crate::algebra::Partial::RowAndColumn), indexed by the numbers of the
/// vectors, which are below Q.
pub(super) struct ComputedOnce<E, const Q: usize>([Option<E>; Q]);

impl<E: Copy, const Q: usize> ComputedOnce<E, Q> {
    #[inline]
    pub(super) fn new() -> Self {
        Self([None; Q])
    }

    /// Returns the result for the vector with the given number. The result is computed at the first
    /// call with each number, and at every call without a number.
    #[expect(clippy::inline_always, reason = "the number is known where a derivative is offered")]
    #[inline(always)]
    pub(super) fn get(&mut self, number: Option<usize>, compute: impl FnOnce() -> E) -> E {
        match number.and_then(|j| self.0.get_mut(j)) {
            Some(numbered) => *numbered.get_or_insert_with(compute),
            None => compute(),
        }
    }
}
