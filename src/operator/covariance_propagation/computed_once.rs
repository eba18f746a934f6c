//! A store of products with vectors, so that a product with a vector that occurs in several
//! derivatives is computed once.

/// Results that were computed from the vector of a derivative of the variant
/// [`Partial::RowAndColumn`](crate::algebra::Partial::RowAndColumn). The results are stored under
/// the number of the vector, which is below Q.
pub(super) struct ComputedOnce<E, const Q: usize>([Option<E>; Q]);

impl<E: Copy, const Q: usize> ComputedOnce<E, Q> {
    #[inline]
    pub(super) fn new() -> Self {
        Self([None; Q])
    }

    /// Returns the result for a vector. The result is computed at the first call with the number of
    /// the vector, and at each call without a number.
    #[expect(clippy::inline_always, reason = "the number is known where a derivative is offered")]
    #[inline(always)]
    pub(super) fn get(&mut self, number: Option<usize>, compute: impl FnOnce() -> E) -> E {
        match number.and_then(|number| self.0.get_mut(number)) {
            Some(result) => *result.get_or_insert_with(compute),
            None => compute(),
        }
    }
}
