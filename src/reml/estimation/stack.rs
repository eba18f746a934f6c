//! The stack that a fit needs.

use core::mem::size_of;

use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::base::scalar::Real;
use crate::reml::estimation::problem::Maximand;
use crate::reml::observations::Data;
use crate::reml::v_derivatives::{Kept, are_kept};

/// The number of copies, on the stack of a debug build, of the values that a search keeps.
///
/// The constants of this module were measured for N from 3 to 64, K from 1 to 32 and P from 2 to
/// 36. [`fit_stack`] exceeds the measured stack by a fifth or more.
const COPIES: usize = 15;

/// The number of further N×N matrices on the stack of a debug build, for the operators of V and
/// their derivatives.
const MATRICES: usize = 30;

/// The number of P×P information matrices and K×K matrices on the stack of a debug build.
const SMALL: usize = 32;

/// The number of arrays of P numbers for each pair of columns of X on the stack of a debug build,
/// for the expected information.
const PAIRS: usize = 10;

/// The bytes for values whose size does not depend on the sizes of the data.
const REST: usize = 64 * 1024;

/// Returns the number of bytes of stack that suffice for a fit in a debug build.
///
/// A search keeps the likelihood at two θ, each with the Cholesky factors of V for each set of
/// visits, and the derivatives of V if they are stored. A debug build copies them when it moves
/// them from one function to another.
pub(in crate::reml) const fn fit_stack<M, D, T, const N: usize, const K: usize>() -> usize
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    let kept = if are_kept::<M::ParamCount, T, N>() { size_of::<Kept<M, T, N>>() } else { 0 };
    let parameters = <M::ParamCount as Unsigned>::USIZE;
    let small = SMALL * (parameters * parameters + K * K) + PAIRS * parameters * K * K;
    let numbers = MATRICES * N * N + small;
    COPIES * (size_of::<Maximand<'_, M, D, T, N, K>>() + kept) + numbers * size_of::<T>() + REST
}
