//! Checks that all entries of a matrix are finite, and that weights are valid.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::scalar::Real;

/// Returns the matrix if every entry is finite.
pub(crate) fn finite<T: Real, const R: usize, const C: usize>(
    matrix: SMatrix<T, R, C>,
) -> Result<SMatrix<T, R, C>, Error> {
    check_finite(&matrix)?;
    Ok(matrix)
}

/// Checks that no weight of an observation is negative or not finite.
pub(crate) fn check_weights<T: Real>(weights: &[T]) -> Result<(), Error> {
    let is_weight = |w: &T| *w >= T::zero() && w.is_finite();
    let wrong = weights.iter().position(|w| !is_weight(w));
    wrong.map_or(Ok(()), |row| Err(Error::NotWeight { row }))
}

pub(crate) fn check_finite<T: Real, const R: usize, const C: usize>(
    matrix: &SMatrix<T, R, C>,
) -> Result<(), Error> {
    for (col, column) in matrix.data.0.iter().enumerate() {
        if let Some(row) = column.iter().position(|x| !x.is_finite()) {
            return Err(Error::NotFinite { row, col });
        }
    }
    Ok(())
}
