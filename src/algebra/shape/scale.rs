//! Degrees of homogeneity and typical values of parameters.

use typenum::Unsigned;

/// The degree of homogeneity and a typical value of one parameter; see
/// [`Shape::scales`](crate::algebra::Shape::scales).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scale {
    /// The degree p of this parameter in a matrix of degree d: if the matrix is multiplied by c^d,
    /// the parameter is multiplied by c^p. In a covariance matrix of degree d, a variance has the
    /// degree d, a standard deviation d/2 and a correlation 0.
    pub degree: f64,
    /// A typical value of the parameter on its natural scale, for a matrix whose diagonal is close
    /// to one. If no typical value is known, `typical` is NaN, and the default value from
    /// [`Shape::defaults`](crate::algebra::Shape::defaults) is used instead.
    pub typical: f64,
}

impl Scale {
    /// The scale of a parameter whose degree and typical value are unknown.
    pub(crate) const UNKNOWN: Self = Self::new(0.0, f64::NAN);

    /// The scale of a parameter that does not change with the unit of the data, such as a
    /// correlation, with a typical value of 0.
    pub(crate) const NEUTRAL: Self = Self::new(0.0, 0.0);

    pub(crate) const fn new(degree: f64, typical: f64) -> Self {
        Self { degree, typical }
    }

    /// Returns `true` if two parameters with the same natural-scale value remain equal when the
    /// matrix is multiplied by a number. Two parameters of the same nonzero degree, such as a
    /// variance and a covariance, are assumed to scale differently if their typical values differ.
    pub(crate) fn scales_with(&self, other: &Self) -> bool {
        self.degree == other.degree && (self.degree == 0.0 || self.typical == other.typical)
    }

    /// Splits the scales of the parameters of an operator into two slices: the first P scales, for
    /// the parameters of the first operand, and the remaining scales.
    pub(crate) fn split<P: Unsigned>(scales: &mut [Self]) -> (&mut [Self], &mut [Self]) {
        scales.split_at_mut_checked(P::USIZE).unwrap_or_default()
    }

    /// Writes the scales (degrees of homogeneity and typical values) of two parameters: a variance
    /// with the degree of the matrix, and a parameter that does not change with the unit of the
    /// data.
    pub(crate) fn write_variance_and_neutral(degree: f64, scales: &mut [Self]) -> bool {
        if let Some(scales) = scales.first_chunk_mut() {
            *scales = [Self::new(degree, 1.0), Self::NEUTRAL];
        }
        true
    }
}
