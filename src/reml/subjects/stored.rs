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

    /// Returns the numbers at a place that was written before, where each place has `length`
    /// numbers.
    pub(super) fn numbers(&self, place: usize, length: usize) -> Option<&[T]> {
        let all: &[T] = match self {
            Self::Nowhere => return None,
            Self::Slice(slice) => slice,
            #[cfg(feature = "alloc")]
            Self::Heap(heap) => heap,
        };
        all.chunks_exact(length.max(1)).nth(place)
    }

    /// Writes columns to a place that was written before, or to the next place. Each place has
    /// `length` numbers.
    pub(super) fn write<'a>(
        &mut self,
        place: usize,
        length: usize,
        columns: impl Iterator<Item = &'a [T]>,
    ) {
        let all: &mut [T] = match self {
            Self::Nowhere => return,
            Self::Slice(slice) => slice,
            #[cfg(feature = "alloc")]
            Self::Heap(heap) => {
                if place * length == heap.len() {
                    columns.for_each(|column| heap.extend_from_slice(column));
                    return;
                }
                heap
            }
        };
        let numbers = all.chunks_exact_mut(length.max(1)).nth(place);
        for (number, &x) in numbers.into_iter().flatten().zip(columns.flatten()) {
            *number = x;
        }
    }

    /// Returns the numbers that were written.
    pub(super) fn finish(self, count: usize) -> Stored<'w, T> {
        match self {
            Self::Nowhere => Stored::Anew,
            Self::Slice(slice) => Stored::Slice(slice.get(..count).unwrap_or_default()),
            #[cfg(feature = "alloc")]
            Self::Heap(heap) => Stored::Heap(heap),
        }
    }
}
