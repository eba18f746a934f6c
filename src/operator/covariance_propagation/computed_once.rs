//! Products with vectors that occur in several derivatives.

/// Results that were computed from the vectors of each
/// [`Partial::RowAndColumn`](crate::algebra::Partial::RowAndColumn), by the numbers of the vectors,
/// which are below Q. The list is `None` until the first result.
pub(super) struct ComputedOnce<E, const Q: usize>(Option<[Option<E>; Q]>);

impl<E: Copy, const Q: usize> ComputedOnce<E, Q> {
    #[inline]
    pub(super) fn new() -> Self {
        Self(None)
    }

    /// Returns the result for a number, which is computed at the first call with this number and at
    /// each call without a number.
    #[expect(clippy::inline_always, reason = "the number is known where a derivative is offered")]
    #[inline(always)]
    pub(super) fn get(&mut self, number: Option<usize>, compute: impl FnOnce() -> E) -> E {
        let Some(number) = number.filter(|&number| number < Q) else { return compute() };
        let results = self.0.get_or_insert_with(|| [None; Q]);
        match results.get_mut(number) {
            Some(result) => *result.get_or_insert_with(compute),
            None => compute(),
        }
    }
}
