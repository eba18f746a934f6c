//! Consistency checks for implementations of [`ParamMatrix`].

use core::fmt;

use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::{filled, tabulate};
use crate::base::error::text::Text;

/// The tolerance for an entry of a derivative compared with central differences, relative to the
/// largest entry of the value and of the derivative in the same row and column. In `f64`, central
/// differences with steps of the cube root of the machine epsilon have an error of about 4e-11
/// times the value and its third derivatives.
const DIFFERENCE_TOLERANCE: f64 = 1e-6;
/// The relative tolerance for sums that two methods compute in different orders of the terms. The
/// absolute tolerance is this number times the largest entry of the value and the derivatives,
/// times the number of entries.
const SUM_TOLERANCE: f64 = 1e-12;

/// The first disagreement that [`check_gradient`] finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// The name of the method whose result is wrong, or of the constant of [`Shape`] that does not
    /// hold for the matrix.
    pub method: &'static str,
    /// The name of the parameter, if the disagreement concerns a derivative.
    pub parameter: Option<Text>,
    /// The row of the wrong entry if the method computes a matrix, or the index of the wrong
    /// element if the method computes a vector.
    pub row: usize,
    /// The column of the entry that disagrees.
    pub col: usize,
    /// The result of the method.
    pub found: f64,
    /// The expected result.
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

/// Checks that all methods of a matrix agree with each other and with finite differences at θ. Call
/// `assert_gradient` in the tests of a custom matrix.
///
/// # Panics
///
/// Panics with the [`Disagreement`] that [`check_gradient`] returns.
///
/// ```should_panic
/// use covprop::algebra::assert_gradient;
/// use covprop::nalgebra::Const;
/// use covprop::prelude::*;
/// use covprop::typenum;
///
/// struct Square;
/// impl Shape for Square {
///     type Rows = Const<1>;
///     type Cols = Const<1>;
///     type ParamCount = typenum::U1;
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

/// Checks that all methods of a matrix agree with each other and with finite differences at θ.
///
/// The function compares
///
/// - the value by all methods, exactly
/// - the gradient by all methods, exactly, and with central differences of the value
/// - `pullback`, `gradient_mul` and `gradient_tr_mul` with the gradient
/// - `curvature` with central differences of `pullback`
/// - the entries with the symmetry and the pattern that [`Shape`] declares
///
/// # Errors
///
/// Returns the first [`Disagreement`].
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
    let mut into = filled::<M::ParamCount, _>(SMatrix::repeat(f64::NAN));
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
    let mut visited = filled::<M::ParamCount, usize>(0);
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

/// Returns element `i` of a fixed sequence of test numbers with mixed signs and sizes.
fn alternating(i: usize) -> f64 {
    let size = 0.5 + (i * 7 % 11) as f64 / 8.0;
    if i.is_multiple_of(3) { -size } else { size }
}

/// Returns θ + h eₖ, θ − h eₖ and 2h. The step h is about ε^⅓ max(1, |θₖ|), where ε is the machine
/// epsilon. It is a power of two, so that θₖ ± h has little or no rounding error.
fn shifted<M: Shape>(theta: &Theta<M, f64>, k: usize) -> (Theta<M, f64>, Theta<M, f64>, f64) {
    /// 2⁻¹⁷, about ε^⅓.
    const STEP: f64 = 7.629_394_531_25e-6;
    let theta = theta.as_ref();
    let mut h = STEP;
    while h < STEP * theta[k].abs() {
        h *= 2.0;
    }
    let at = |shift: f64| {
        tabulate::<M::ParamCount, f64>(0.0, |l| if l == k { theta[l] + shift } else { theta[l] }).0
    };
    (at(h), at(-h), h + h)
}

/// A check of one method of a matrix. If `k` is given, the check concerns the derivative with
/// respect to parameter `k`.
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
        // A NaN disagrees with every number, while equal infinities agree, and NaN agrees with NaN.
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

    /// Compares each entry of a derivative with central differences, with a tolerance relative to
    /// the largest entry in its row and column.
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
                // For x³ at 0, the difference is h² = 6e-11, although all entries in the row and
                // column are 0.
                let tolerance = DIFFERENCE_TOLERANCE * around.fold(0.0, f64::max) + 1e-10;
                self.entry(row, col, found[(row, col)], expected[(row, col)], tolerance)?;
            }
        }
        Ok(())
    }
}

/// Checks that a matrix has the symmetry and the sparsity pattern that its implementation of
/// [`Shape`] declares.
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
            if M::SPARSITY.one_per_row() && matrix.column(row) != col {
                check("SPARSITY").entry(row, col, x, 0.0, 0.0)?;
            }
        }
    }
    Ok(())
}
