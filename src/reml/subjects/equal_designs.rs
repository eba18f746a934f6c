//! Reduced subjects with the same random design A and the same X, stored as sums.
//!
//! Let y₁, …, yₙ be the reduced responses of n subjects that share A and X, with the mean ȳ. All of
//! these subjects have the covariance matrix V = A G Aᵀ + σ² I, so that an orthogonal
//! transformation across the subjects does not change the likelihood. It turns the n subjects into
//! one subject with √n X and √n ȳ, and n − 1 subjects with X = 0. At most Q responses dⱼ of the
//! latter are needed, where Q is the number of rows, because only their sum of squares
//! Σ dⱼ dⱼᵀ = Σ (yᵢ − ȳ)(yᵢ − ȳ)ᵀ is used. The determinant of V counts n times.

use nalgebra::{SMatrix, SVector, convert_unchecked};

use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::reml::subjects::reduction::ReducedRows;
use crate::reml::subjects::stored::Store;

/// The number of designs that are remembered.
const REMEMBERED: usize = 16;

/// The places of designs in a store. Each slot remembers the last design that was written to the
/// store, among the designs whose hash value has the same remainder.
pub(super) struct EqualDesigns<const N: usize> {
    slots: [Option<Places<N>>; REMEMBERED],
    /// The number of places in use.
    used: usize,
}

/// The places that represent all subjects with one design.
#[derive(Clone, Copy)]
struct Places<const N: usize> {
    /// The place of A, X, ȳ and n.
    mean: usize,
    /// The places of the responses dⱼ. The first j entries of dⱼ are zero.
    deviations: [usize; N],
    /// The number of responses dⱼ.
    count: usize,
}

impl<const N: usize> EqualDesigns<N> {
    pub(super) const fn new() -> Self {
        Self { slots: [None; REMEMBERED], used: 0 }
    }

    /// Returns the number of places in use.
    pub(super) const fn used(&self) -> usize {
        self.used
    }

    /// Stores the first rows of a subject, whose random design has the given number of columns.
    /// Each place has `length` numbers.
    pub(super) fn add<T: Real, const K: usize>(
        &mut self,
        store: &mut Store<'_, T>,
        length: usize,
        subject: &ReducedRows<T, N, K>,
        columns: usize,
    ) {
        let Self { slots, used } = self;
        let Some(slot) = slots.get_mut(slot_of(subject, columns)) else { return };
        let stored = |store: &Store<'_, T>, place| {
            let numbers = store.numbers(place, length)?;
            Some(ReducedRows::<T, N, K>::read(numbers, columns))
        };
        let mut append = |store: &mut Store<'_, T>, rows: &ReducedRows<T, N, K>| {
            store.write(*used, length, rows.columns(columns));
            *used += 1;
            *used - 1
        };
        let equal = slot.as_mut().and_then(|places| {
            let mean = stored(store, places.mean)?;
            (mean.design == subject.design && mean.x == subject.x).then_some((places, mean))
        });
        let Some((places, mut mean)) = equal else {
            let place = append(store, subject);
            *slot = Some(Places { mean: place, deviations: [0; N], count: 0 });
            return;
        };
        // The mean and the deviation from it, as Welford 1962, Technometrics 4, 419–420
        let count = mean.count + T::one();
        let difference = subject.y - mean.y;
        let mut deviation = difference * sqrt(mean.count / count);
        mean.y += difference / count;
        mean.count = count;
        store.write(places.mean, length, mean.columns(columns));
        for (j, &place) in places.deviations.iter().enumerate().take(places.count) {
            let Some(mut rows) = stored(store, place) else { return };
            rotate(&mut rows.y, &mut deviation, j);
            store.write(place, length, rows.columns(columns));
        }
        if places.count < columns
            && let Some(place) = places.deviations.get_mut(places.count)
        {
            let x = SMatrix::zeros();
            let rows = ReducedRows { design: mean.design, x, y: deviation, count: T::zero() };
            *place = append(store, &rows);
            places.count += 1;
        }
    }
}

/// Applies the rotation to two vectors that makes entry j of the second vector zero (Givens 1958,
/// J. SIAM 6, 26–50).
fn rotate<T: Real, const N: usize>(a: &mut SVector<T, N>, b: &mut SVector<T, N>, j: usize) {
    let (Some(&x), Some(&y)) = (a.get(j), b.get(j)) else { return };
    let norm = x.hypot(y);
    if norm <= T::zero() {
        return;
    }
    let (cosine, sine) = (x / norm, y / norm);
    for (a, b) in a.iter_mut().zip(b.iter_mut()) {
        (*a, *b) = (cosine * *a + sine * *b, cosine * *b - sine * *a);
    }
}

/// Returns the slot of the design of a subject.
fn slot_of<T: Real, const N: usize, const K: usize>(
    subject: &ReducedRows<T, N, K>,
    columns: usize,
) -> usize {
    let design = subject.design.data.0.iter().take(columns);
    let numbers = design.chain(&subject.x.data.0).flat_map(|column| column.iter().take(columns));
    // FNV-1a over words of 64 bits (Fowler, Noll & Vo 1991)
    let hash = numbers.fold(0xcbf2_9ce4_8422_2325_u64, |hash, &x| {
        let bits = convert_unchecked::<T, f64>(x + T::zero()).to_bits();
        (hash ^ bits ^ bits >> 32).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash >> 32) as usize % REMEMBERED
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use alloc::vec::Vec;

    use nalgebra::{matrix, vector};

    use crate::reml::subjects::equal_designs::EqualDesigns;
    use crate::reml::subjects::reduction::ReducedRows;
    use crate::reml::subjects::stored::Store;

    /// Fifty subjects of each of two designs are stored as one mean and two deviations.
    #[test]
    fn places_in_use() {
        let mut designs = EqualDesigns::<2>::new();
        let mut store = Store::Heap(Vec::new());
        for s in 0..100 {
            let x = f64::from(s);
            let design = matrix![2.0 + f64::from(s % 2), 1.0; 0.0, 1.0];
            let y = vector![x.sin(), (2.0 * x).cos()];
            let rows = ReducedRows { design, x: matrix![1.0; 0.5], y, count: 1.0 };
            designs.add(&mut store, 9, &rows, 2);
        }
        assert_eq!(designs.used(), 6);
        let counts: Vec<_> =
            (0..6).filter_map(|place| store.numbers(place, 9)?.last().copied()).collect();
        assert_eq!(counts, [50.0, 50.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
