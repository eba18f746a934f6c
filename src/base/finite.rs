//! Checks that all entries of a matrix are finite.

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
