//! Items for the columns of the data.

/// An item for each column of the data \[X y\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns<A, const K: usize> {
    pub(crate) x: [A; K],
    pub(crate) y: A,
}

impl<A, const K: usize> Columns<A, K> {
    /// Creates the item of each column by calling `item` with the index of the column, which is K
    /// for y.
    #[inline]
    pub(crate) fn new(mut item: impl FnMut(usize) -> A) -> Self {
        Self { x: core::array::from_fn(&mut item), y: item(K) }
    }

    /// Returns the item of column a, where y is column K.
    #[inline]
    pub(crate) fn get(&self, a: usize) -> &A {
        self.x.get(a).unwrap_or(&self.y)
    }

    /// Iterates over the items of the columns of X and of y.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &A> {
        self.x.iter().chain([&self.y])
    }

    /// Iterates over the items of the columns of X and of y, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut A> {
        self.x.iter_mut().chain([&mut self.y])
    }
}

impl<A: Copy, const K: usize> Columns<A, K> {
    /// Creates columns that all have the same item.
    pub(crate) const fn of(item: A) -> Self {
        Self { x: [item; K], y: item }
    }
}
