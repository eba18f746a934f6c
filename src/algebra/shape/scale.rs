//! Degrees of homogeneity and typical values of parameters.

use typenum::Unsigned;

/// The degree and a typical value of one parameter; see [`Shape::scales`](crate::Shape::scales).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scale {
    /// The degree: if the matrix is to be multiplied by c^d, this parameter is multiplied by c to
    /// this power. A variance has the degree d, a standard deviation d/2, a correlation 0.
    pub degree: f64,
    /// A natural-scale value of the parameter for a matrix of size 1, or NaN if none is known; the
    /// one of [`Shape::defaults`](crate::Shape::defaults) is to be used then.
    pub typical: f64,
}

impl Scale {
    /// A parameter that is not known to scale.
    pub(crate) const UNKNOWN: Self = Self::new(0.0, f64::NAN);

    /// A parameter that has no part in the scale of its matrix, such as a correlation, at 0.
    pub(crate) const NEUTRAL: Self = Self::new(0.0, 0.0);

    pub(crate) const fn new(degree: f64, typical: f64) -> Self {
        Self { degree, typical }
    }

    /// Returns `true` if two parameters of the same natural-scale value keep the same one at any
    /// scale, as far as their kind tells: a variance and a covariance of one degree differ by their
    /// typical values.
    pub(crate) fn scales_with(&self, other: &Self) -> bool {
        self.degree == other.degree && (self.degree == 0.0 || self.typical == other.typical)
    }

    /// Splits the scales of an operator into those of the P parameters of its first operand and the
    /// others.
    pub(crate) fn split<P: Unsigned>(scales: &mut [Self]) -> (&mut [Self], &mut [Self]) {
        scales.split_at_mut_checked(P::USIZE).unwrap_or_default()
    }

    /// Writes the scales of a variance that carries the degree, and of one parameter that is
    /// neutral.
    pub(crate) fn write_variance_and_neutral(degree: f64, scales: &mut [Self]) -> bool {
        if let Some(scales) = scales.first_chunk_mut() {
            *scales = [Self::new(degree, 1.0), Self::NEUTRAL];
        }
        true
    }
}
