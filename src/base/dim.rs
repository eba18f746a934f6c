//! Arithmetic on dimensions and parameter counts at compile time.
//!
//! Dimensions are nalgebra's [`Const<N>`]. Parameter counts are typenum integers, because typenum
//! integers can be added and multiplied on stable Rust. [`typenum::Const`] converts a dimension to
//! a count, and the array type `[(); N]` converts a count to a dimension.

use core::ops::{Add, Div, Mul, Sub};

use hybrid_array::{Array, ArraySize};
use nalgebra::{Const, DimName};
use typenum::{Add1, B1, Diff, Min, Prod, Quot, Sum, ToUInt, U, U2};

/// The size of a matrix with R rows and C columns as one type, `(Const<R>, Const<C>)`.
///
/// Constructors bound the size of their arguments through this trait. A wrong number of rows, of
/// columns, or of both then gives one compile error that shows the expected and the found size.
pub trait Extent {
    /// The number of rows and columns, `(Const<R>, Const<C>)`.
    type Size;
}

/// A dimension `Const<N>` that can be a number of parameters.
#[diagnostic::on_unimplemented(
    message = "the compiler cannot count `{Self}` parameters",
    note = "a matrix has at most 512 parameters, or one of a few larger numbers such as 1024",
    note = "in a function generic over N, write a bound such as `DiagonalMatrix<N>: ParamMatrix<f64, N, N>`"
)]
pub trait Countable {
    /// The number N as a typenum integer.
    type Count: ArraySize;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Countable for Const<N>
where
    typenum::Const<N>: ToUInt<Output: ArraySize>,
{
    type Count = U<N>;
}

/// The sum `Const<A + B>` of two dimensions `Const<A>` and `Const<B>`, for every sum up to 512 and
/// some larger ones.
#[diagnostic::on_unimplemented(message = "the sum of `{Self}` and `{Rhs}` is too large")]
pub trait DimPlus<Rhs> {
    /// The sum `Const<A + B>`.
    type Output: DimName;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize, const C: usize> DimPlus<Const<B>> for Const<A>
where
    typenum::Const<A>: ToUInt<Output: Add<U<B>>>,
    typenum::Const<B>: ToUInt,
    Sum<U<A>, U<B>>: ArraySize<ArrayType<()> = [(); C]>,
{
    type Output = Const<C>;
}

/// The product `Const<A B>` of two dimensions `Const<A>` and `Const<B>`, for every product up to
/// 512 and some larger ones.
#[diagnostic::on_unimplemented(message = "the product of `{Self}` and `{Rhs}` is too large")]
pub trait DimTimes<Rhs> {
    /// The product `Const<A B>`.
    type Output: DimName;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize, const C: usize> DimTimes<Const<B>> for Const<A>
where
    typenum::Const<A>: ToUInt<Output: Mul<U<B>>>,
    typenum::Const<B>: ToUInt,
    Prod<U<A>, U<B>>: ArraySize<ArrayType<()> = [(); C]>,
{
    type Output = Const<C>;
}

/// The predecessor of a dimension: `Const<A − 1>` for `Const<A>`.
#[diagnostic::on_unimplemented(message = "there is nothing below `{Self}`")]
pub trait DimMinusOne {
    /// The predecessor `Const<A − 1>`.
    type Output: DimName;
}

#[diagnostic::do_not_recommend]
impl<const A: usize, const B: usize> DimMinusOne for Const<A>
where
    typenum::Const<A>: ToUInt<Output: Sub<B1, Output: ArraySize<ArrayType<()> = [(); B]>>>,
{
    type Output = Const<B>;
}

/// The number of lags between N equally spaced positions, N−1.
#[diagnostic::on_unimplemented(
    message = "the compiler cannot count the lags between `{Self}` places",
    note = "there are from 1 to 513 places; a few larger numbers are known",
    note = "in a function generic over N, write a bound such as `ToeplitzCorrelationMatrix<N>: ParamMatrix<f64, N, N>`"
)]
pub trait Lags {
    /// The number N−1 as a typenum integer.
    type Count: ArraySize;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Lags for Const<N>
where
    typenum::Const<N>: ToUInt<Output: Sub<B1, Output: ArraySize>>,
{
    type Count = Diff<U<N>, B1>;
}

/// The number of entries of an N×N lower triangle, diagonal included: N(N+1)/2.
#[diagnostic::on_unimplemented(
    message = "the compiler cannot count the entries of a triangle of side `{Self}`",
    note = "a triangle has at most 512 entries, so that its side is at most 31; a few larger ones are known",
    note = "in a function generic over N, write a bound such as `LogCholeskyMatrix<N>: ParamMatrix<f64, N, N>`"
)]
pub trait Triangular {
    /// The number N(N+1)/2 as a typenum integer.
    type Count: ArraySize;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Triangular for Const<N>
where
    typenum::Const<N>: ToUInt<Output: Side>,
{
    type Count = <U<N> as Side>::Triangle;
}

/// The number of entries of an N×M matrix on and below its diagonal, K(K+1)/2 + (N−K)K with K =
/// min(N, M).
#[diagnostic::on_unimplemented(
    message = "the compiler cannot count the entries of `{Self}` rows and `{Cols}` columns on and below the diagonal",
    note = "there are at most 512 entries, or one of a few larger numbers such as 1024",
    note = "in a function generic over N, write a bound such as `LowerTriangularMatrix<N, 2>: ParamMatrix<f64, N, 2>`"
)]
pub trait Trapezoidal<Cols> {
    /// The number of entries of an N×M matrix on and below its diagonal, as a typenum integer.
    type Count: ArraySize;
}

#[diagnostic::do_not_recommend]
impl<const N: usize, const M: usize, K, Below> Trapezoidal<Const<M>> for Const<N>
where
    typenum::Const<N>: ToUInt<Output: Min<U<M>, Output = K> + Sub<K, Output = Below>>,
    typenum::Const<M>: ToUInt,
    K: Side,
    Below: Mul<K>,
    K::Triangle: Add<Prod<Below, K>, Output: ArraySize>,
{
    type Count = Sum<K::Triangle, Prod<Below, K>>;
}

/// A typenum integer N for which N(N+1)/2 is a valid number of parameters.
pub trait Side {
    /// The number N(N+1)/2.
    type Triangle: ArraySize;
}

impl<N> Side for N
where
    N: Add<B1> + Mul<Add1<N>>,
    Prod<N, Add1<N>>: Div<U2>,
    Quot<Prod<N, Add1<N>>, U2>: ArraySize,
{
    type Triangle = Quot<Prod<N, Add1<N>>, U2>;
}

/// Two parameter counts whose sum is a valid count. An array of `Self + Rhs` elements, such as θ or
/// a gradient, can be split into two parts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{Rhs}` are too many parameters together",
    note = "a matrix has at most 512 parameters, or one of a few larger numbers such as 1024"
)]
pub trait Join<Rhs: ArraySize>: ArraySize {
    /// The sum `Self + Rhs`.
    type Output: ArraySize;

    /// Splits an array into its first `Self` and its last `Rhs` elements.
    fn split<T: Copy>(
        both: &<Self::Output as ArraySize>::ArrayType<T>,
    ) -> (Self::ArrayType<T>, Rhs::ArrayType<T>);

    /// Concatenates two arrays.
    fn concat<M>(
        first: Self::ArrayType<M>,
        second: Rhs::ArrayType<M>,
    ) -> <Self::Output as ArraySize>::ArrayType<M>;
}

#[diagnostic::do_not_recommend]
impl<A, B> Join<B> for A
where
    A: ArraySize + Add<B, Output: ArraySize>,
    B: ArraySize,
{
    type Output = Sum<A, B>;

    #[inline]
    fn split<T: Copy>(
        both: &<Sum<A, B> as ArraySize>::ArrayType<T>,
    ) -> (A::ArrayType<T>, B::ArrayType<T>) {
        let both = both.as_ref();
        (Array::<T, A>::from_fn(|k| both[k]).0, Array::<T, B>::from_fn(|k| both[A::USIZE + k]).0)
    }

    #[inline]
    fn concat<M>(
        first: A::ArrayType<M>,
        second: B::ArrayType<M>,
    ) -> <Sum<A, B> as ArraySize>::ArrayType<M> {
        Array::<M, A>(first).concat(Array::<M, B>(second)).0
    }
}
