//! Rows of subjects that are computed once and stored for all steps of a search.

use core::slice::ChunksExact;

use crate::base::scalar::Real;

/// Numbers of all subjects, with the same number of numbers for each subject.
#[derive(Clone, Debug)]
pub(super) enum Stored<'w, T> {
    /// The numbers are computed anew whenever they are needed.
    Anew,
    /// The numbers are in a slice of the caller.
    Slice(&'w [T]),
    /// The numbers are on the heap.
    #[cfg(feature = "alloc")]
    Heap(alloc::vec::Vec<T>),
}

impl<T> Stored<'_, T> {
    /// Returns the numbers of each subject, or `None` if they are not stored.
    pub(super) fn chunks(&self, length: usize) -> Option<ChunksExact<'_, T>> {
        match self {
            Self::Anew => None,
            Self::Slice(numbers) => Some(numbers.chunks_exact(length.max(1))),
            #[cfg(feature = "alloc")]
            Self::Heap(numbers) => Some(numbers.chunks_exact(length.max(1))),
        }
    }
}

/// The place to which numbers are written once.
pub(super) enum Store<'w, T> {
    Nowhere,
    Slice(&'w mut [T]),
    #[cfg(feature = "alloc")]
    Heap(alloc::vec::Vec<T>),
}

impl<'w, T: Real> Store<'w, T> {
    /// Starts again: numbers that are written later replace those that were written before.
    pub(super) fn restart(&mut self) {
        match self {
            Self::Nowhere | Self::Slice(_) => {}
            #[cfg(feature = "alloc")]
            Self::Heap(heap) => heap.clear(),
        }
    }

    /// Writes the columns of subject `index`, where each subject has `length` numbers.
    pub(super) fn write<'a>(
        &mut self,
        index: usize,
        length: usize,
        columns: impl Iterator<Item = &'a [T]>,
    ) {
        match self {
            Self::Nowhere => {}
            Self::Slice(slice) => {
                let place = slice.chunks_exact_mut(length.max(1)).nth(index);
                for (place, &x) in place.into_iter().flatten().zip(columns.flatten()) {
                    *place = x;
                }
            }
            #[cfg(feature = "alloc")]
            Self::Heap(heap) => columns.for_each(|column| heap.extend_from_slice(column)),
        }
    }

    /// Returns the written numbers of `count` subjects.
    pub(super) fn finish(self, count: usize) -> Stored<'w, T> {
        match self {
            Self::Nowhere => Stored::Anew,
            Self::Slice(slice) => Stored::Slice(slice.get(..count).unwrap_or_default()),
            #[cfg(feature = "alloc")]
            Self::Heap(heap) => Stored::Heap(heap),
        }
    }
}
