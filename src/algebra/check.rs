//! A check for those who write a matrix of their own.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::{Shape, Theta};
use crate::base::error::text::Text;

/// Of the largest entry in the row and the column, of value and derivative: central differences
/// with steps of ε^⅓ are good to about ε^⅔ = 4e-11 times higher derivatives.
const DIFFERENCE_TOLERANCE: f64 = 1e-6;
/// Of the same, times the number of entries, where the same sum is added up in another order.
const SUM_TOLERANCE: f64 = 1e-12;

/// The first disagreement that [`check_gradient`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// The method whose answer is not that of the others, or the constant of [`Shape`] that claims
    /// what is not so.
    pub method: &'static str,
    /// The parameter, if it is about one.
    pub parameter: Option<Text>,
    /// The row of the entry, or the place in a vector.
    pub row: usize,
    /// The column of the entry.
    pub col: usize,
    /// The answer.
    pub found: f64,
    /// The value that it is compared with.
    pub expected: f64,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, parameter, row, col, found, expected } = self;
        write!(f, "{method}")?;
        if let Some(parameter) = parameter {
            write!(f, " by `{parameter}`")?;
        }
        write!(f, ": entry ({row}, {col}) is {found:e}, expected {expected:e}")
    }
}

impl core::error::Error for Disagreement {}

/// Panics unless every method of a matrix agrees with the others and with finite differences at θ,
/// and names the first entry that does not: for the tests of those who write a matrix of their own.
///
/// # Panics
///
/// With the [`Disagreement`] that [`check_gradient`] returns.
///
/// ```should_panic
/// use covprop::*;
/// use nalgebra::{Const, SMatrix};
///
/// struct Square;
/// impl Shape for Square {
///     type Rows = Const<1>;
///     type Cols = Const<1>;
///     type Params = typenum::U1;
/// }
/// impl<T: Real> ParamMatrix<T, 1, 1> for Square {
///     fn value(&self, &[x]: &[T; 1]) -> SMatrix<T, 1, 1> {
///         SMatrix::repeat(x * x)
///     }
///     fn gradient(&self, &[x]: &[T; 1]) -> [SMatrix<T, 1, 1>; 1] {
///         [SMatrix::repeat(x)] // forgot the 2
///     }
/// }
/// assert_gradient(&Square, &[3.0]); // gradient by `theta_0`: entry (0, 0) is 3e0, expected 6e0
/// ```
#[track_caller]
#[expect(clippy::panic, reason = "it is an assertion")]
pub fn assert_gradient<M, const R: usize, const C: usize>(matrix: &M, theta: &Theta<M, f64>)
where
    M: ParamMatrix<f64, R, C>,
{
    if let Err(disagreement) = check_gradient(matrix, theta) {
        panic!("{disagreement}");
    }
}

/// Compares every method of a matrix with the others and with finite differences at θ.
///
/// Compared are: the value by all methods, to the last bit; the gradient by all methods, to the
/// last bit, and with central differences of the value; `pullback`, `gradient_mul` and
/// `gradient_tr_mul` with the gradient; `curvature` with central differences of `pullback`; and
/// what [`Shape`] claims of symmetry and pattern.
///
/// # Errors
///
/// The first [`Disagreement`].
pub fn check_gradient<M, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, f64>,
) -> Result<(), Disagreement>
where
    M: ParamMatrix<f64, R, C>,
{
    let value = matrix.value(theta);
    let gradient = matrix.gradient(theta);
    let gradient = gradient.as_ref();
    let size = gradient.iter().fold(value.amax(), |size, derivative| size.max(derivative.amax()));
    let check = |method, k: Option<usize>| Check { matrix, method, k };

    let (both_value, both_gradient) = matrix.value_and_gradient(theta);
    check("value_and_gradient", None).compare(&both_value, &value, 0.0)?;
    let mut into = SMatrix::repeat(f64::NAN);
    matrix.value_into(theta, &mut into);
    check("value_into", None).compare(&into, &value, 0.0)?;
    claims(matrix, None, &value)?;

    let weights = SMatrix::<f64, R, C>::from_fn(|i, j| alternating(3 * i + 5 * j));
    let (u, w) = (
        SVector::<f64, C>::from_fn(|j, _| alternating(j + 1)),
        SVector::<f64, R>::from_fn(|i, _| alternating(i + 2)),
    );
    let pullback = matrix.pullback(theta, &weights);
    let products = matrix.gradient_mul(theta, &u);
    let tr_products = matrix.gradient_tr_mul(theta, &w);
    let curvature = matrix.curvature(theta, &weights);
    let mut into = Array::<_, M::Params>::from_fn(|_| SMatrix::repeat(f64::NAN)).0;
    matrix.gradient_into(theta, &mut into);
    let sum_tolerance = SUM_TOLERANCE * size * (R * C) as f64;
    for (k, derivative) in gradient.iter().enumerate() {
        let check = |method| check(method, Some(k));
        let (above, below, width) = shifted::<M>(theta, k);
        let difference = (matrix.value(&above) - matrix.value(&below)) / width;
        check("gradient").compare_differences(derivative, &difference, &value)?;
        claims(matrix, Some(k), derivative)?;
        check("gradient_into").compare(&into.as_ref()[k], derivative, 0.0)?;
        check("value_and_gradient").compare(&both_gradient.as_ref()[k], derivative, 0.0)?;
    }
    for (k, derivative) in gradient.iter().enumerate() {
        let check = |method| check(method, Some(k));
        let one = |x: f64| SMatrix::<f64, 1, 1>::new(x);
        let expected = one(derivative.dot(&weights));
        check("pullback").compare(&one(pullback.as_ref()[k]), &expected, sum_tolerance)?;
        let expected = derivative * u;
        check("gradient_mul").compare(&products.as_ref()[k], &expected, sum_tolerance)?;
        let expected = derivative.transpose() * w;
        check("gradient_tr_mul").compare(&tr_products.as_ref()[k], &expected, sum_tolerance)?;
    }
    for k in 0..gradient.len() {
        let check = |method| check(method, Some(k));
        let (above, below, width) = shifted::<M>(theta, k);
        let (above, below) = (matrix.pullback(&above, &weights), matrix.pullback(&below, &weights));
        let pairs = above.as_ref().iter().zip(below.as_ref()).enumerate();
        for (l, (above, below)) in pairs {
            let expected = (above - below) / width;
            let found = curvature.as_ref()[l].as_ref()[k];
            let tolerance = DIFFERENCE_TOLERANCE * (R * C) as f64 * (size + expected.abs());
            let transposed = curvature.as_ref()[k].as_ref()[l];
            let check = check("curvature");
            check.entry(l, k, found, expected, tolerance)?;
            check.entry(k, l, transposed, found, sum_tolerance + SUM_TOLERANCE * found.abs())?;
        }
    }
    let mut visited = Array::<usize, M::Params>::from_fn(|_| 0).0;
    matrix.for_each_derivative(theta, |k, _| {
        if let Some(count) = visited.as_mut().get_mut(k) {
            *count += 1;
        }
    });
    for (k, &count) in visited.as_ref().iter().enumerate() {
        check("for_each_derivative", Some(k)).entry(0, 0, count as f64, 1.0, 0.0)?;
    }
    Ok(())
}

/// Numbers of mixed sign and size without a transcendental function.
fn alternating(i: usize) -> f64 {
    let size = 0.5 + (i * 7 % 11) as f64 / 8.0;
    if i.is_multiple_of(3) { -size } else { size }
}

/// θ + h eₖ, θ − h eₖ and 2h, with h = ε^⅓ max(1, |θₖ|) rounded to a power of two, so that θ ± h
/// are exact or nearly so.
fn shifted<M: Shape>(theta: &Theta<M, f64>, k: usize) -> (Theta<M, f64>, Theta<M, f64>, f64) {
    /// 2⁻¹⁷, about ε^⅓.
    const STEP: f64 = 7.629_394_531_25e-6;
    let theta = theta.as_ref();
    let mut h = STEP;
    while h < STEP * theta[k].abs() {
        h *= 2.0;
    }
    let at = |shift: f64| {
        Array::<f64, M::Params>::from_fn(|l| if l == k { theta[l] + shift } else { theta[l] }).0
    };
    (at(h), at(-h), h + h)
}

/// One method, by one parameter.
struct Check<'a, M> {
    matrix: &'a M,
    method: &'static str,
    k: Option<usize>,
}

impl<M: Shape> Check<'_, M> {
    fn entry(
        &self,
        row: usize,
        col: usize,
        found: f64,
        expected: f64,
        tolerance: f64,
    ) -> Result<(), Disagreement> {
        // Written so that a NaN disagrees with a number; infinities and NaN agree with themselves.
        let same = found == expected || found.is_nan() && expected.is_nan();
        if same || (found - expected).abs() <= tolerance {
            return Ok(());
        }
        let Self { matrix, method, k } = *self;
        let parameter = k.and_then(|k| matrix.param_names().nth(k)).map(Text::of);
        Err(Disagreement { method, parameter, row, col, found, expected })
    }

    fn compare<const R: usize, const C: usize>(
        &self,
        found: &SMatrix<f64, R, C>,
        expected: &SMatrix<f64, R, C>,
        tolerance: f64,
    ) -> Result<(), Disagreement> {
        for col in 0..C {
            for row in 0..R {
                self.entry(row, col, found[(row, col)], expected[(row, col)], tolerance)?;
            }
        }
        Ok(())
    }

    /// A derivative with its difference, to what a difference is good for beside the entries
    /// around.
    fn compare_differences<const R: usize, const C: usize>(
        &self,
        found: &SMatrix<f64, R, C>,
        expected: &SMatrix<f64, R, C>,
        value: &SMatrix<f64, R, C>,
    ) -> Result<(), Disagreement> {
        let size =
            |i, j| [found, expected, value].iter().fold(0.0, |m: f64, a| m.max(a[(i, j)].abs()));
        for col in 0..C {
            for row in 0..R {
                let around = (0..C).map(|j| size(row, j)).chain((0..R).map(|i| size(i, col)));
                // h² = 6e-11 is the difference of x³ at 0, where nothing around tells its size.
                let tolerance = DIFFERENCE_TOLERANCE * around.fold(0.0, f64::max) + 1e-10;
                self.entry(row, col, found[(row, col)], expected[(row, col)], tolerance)?;
            }
        }
        Ok(())
    }
}

/// Checks what [`Shape`] claims: symmetry and sparsity pattern.
fn claims<M: Shape, const R: usize, const C: usize>(
    matrix: &M,
    k: Option<usize>,
    found: &SMatrix<f64, R, C>,
) -> Result<(), Disagreement> {
    let check = |method| Check { matrix, method, k };
    for col in 0..C {
        for row in 0..R {
            let x = found[(row, col)];
            if M::SYMMETRIC {
                let mirrored = found.get((col, row)).copied().unwrap_or(f64::NAN);
                check("SYMMETRIC").entry(row, col, x, mirrored, 0.0)?;
            }
            if M::PATTERN.one_per_row() && matrix.column(row) != col {
                check("PATTERN").entry(row, col, x, 0.0, 0.0)?;
            }
        }
    }
    Ok(())
}
