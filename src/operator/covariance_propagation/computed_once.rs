//! Products with vectors that occur in several derivatives.

/// Results that were computed from the vectors of each
/// [`Partial::RowAndColumn`](crate::algebra::Partial::RowAndColumn), by the numbers of the vectors,
/// which are below Q.
pub(super) struct ComputedOnce<E, const Q: usize>([Option<E>; Q]);

impl<E: Copy, const Q: usize> ComputedOnce<E, Q> {
    #[inline]
    pub(super) fn new() -> Self {
        Self([None; Q])
    }

    /// Returns the result for a number, which is computed at the first call with this number and at
    /// each call without a number.
    #[expect(clippy::inline_always, reason = "the number is known where a derivative is offered")]
    #[inline(always)]
    pub(super) fn get(&mut self, number: Option<usize>, compute: impl FnOnce() -> E) -> E {
        match number.and_then(|number| self.0.get_mut(number)) {
            Some(result) => *result.get_or_insert_with(compute),
            None => compute(),
        }
    }
}
