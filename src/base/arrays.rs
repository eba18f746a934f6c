//! Arrays with one element for each parameter.

use hybrid_array::{Array, ArraySize};

use crate::base::near::Within;
use crate::base::scalar::Real;

/// Returns an array of P copies of an element.
#[inline]
pub(crate) fn filled<P: ArraySize, E: Copy>(element: E) -> P::ArrayType<E> {
    Array::<E, P>::from_fn(|_| element).0
}

/// Returns an array of P elements, in which element k is `f(k)`. The array is first filled with
/// `blank`.
///
/// This function is an alternative to [`Array::from_fn`] for elements that need not be dropped. It
/// compiles to about a tenth of the code. If `f` indexes other arrays and is not inlined, as in
/// some places at `opt-level = "s"`, the bounds checks of these arrays remain, and `Array::from_fn`
/// must be used.
#[inline]
pub(crate) fn tabulate<P: ArraySize, E: Copy>(
    blank: E,
    mut f: impl FnMut(usize) -> E,
) -> Array<E, P> {
    let mut array = filled::<P, E>(blank);
    for (k, element) in array.as_mut().iter_mut().enumerate() {
        *element = f(k);
    }
    Array(array)
}

/// Returns the results of a callback for each index and element of an array of P elements.
#[inline]
pub(crate) fn mapped<P: ArraySize, E: Copy, O>(
    array: &P::ArrayType<E>,
    f: impl Fn(usize, E) -> O,
) -> P::ArrayType<O> {
    let array = array.as_ref();
    Array::<O, P>::from_fn(|k| f(k, array[k])).0
}

/// Copies an array of P elements.
#[inline]
pub(crate) fn copied<P: ArraySize, E: Copy>(array: &P::ArrayType<E>) -> P::ArrayType<E> {
    Array::<E, P>::from_fn(|k| array.as_ref()[k]).0
}

/// Copies a P×P array.
pub(crate) fn copied_rows<P: ArraySize, E: Copy>(
    rows: &P::ArrayType<P::ArrayType<E>>,
) -> P::ArrayType<P::ArrayType<E>> {
    Array::<_, P>::from_fn(|k| copied::<P, E>(&rows.as_ref()[k])).0
}

/// Returns `true` if two P×P arrays are equal.
pub(crate) fn same_rows<P: ArraySize, E: PartialEq>(
    a: &P::ArrayType<P::ArrayType<E>>,
    b: &P::ArrayType<P::ArrayType<E>>,
) -> bool {
    a.as_ref().iter().zip(b.as_ref()).all(|(a, b)| a.as_ref() == b.as_ref())
}

/// Returns `true` if each entry of two P×P arrays agrees within the tolerance.
pub(crate) fn near_rows<P: ArraySize, T: Real>(
    a: &P::ArrayType<P::ArrayType<T>>,
    b: &P::ArrayType<P::ArrayType<T>>,
    within: Within<T>,
) -> bool {
    a.as_ref().iter().zip(b.as_ref()).all(|(a, b)| within.numbers(a.as_ref(), b.as_ref()))
}

/// Returns a P×P array of zeros.
#[inline]
pub(crate) fn square<P: ArraySize, T: Real>() -> P::ArrayType<P::ArrayType<T>> {
    Array::<_, P>::from_fn(|_| filled::<P, T>(T::zero())).0
}

/// Copies the lower triangle of a P×P matrix, stored by rows, to the upper triangle, so that the
/// matrix becomes exactly symmetric.
#[inline]
pub(crate) fn mirror_rows<P: ArraySize, T: Copy>(rows: &mut [P::ArrayType<T>]) {
    for k in 0..rows.len() {
        let Some((above, below)) = rows.split_at_mut_checked(k) else { return };
        let Some(row) = below.first() else { return };
        for (l, above) in above.iter_mut().enumerate() {
            if let (Some(out), Some(&x)) = (above.as_mut().get_mut(k), row.as_ref().get(l)) {
                *out = x;
            }
        }
    }
}

/// Returns the inner product Σ aₖ bₖ of two arrays.
pub(crate) fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}
