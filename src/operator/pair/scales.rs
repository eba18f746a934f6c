//! Degrees of homogeneity of the parameters of an operator with two operands; see
//! [`Shape::scales`].

use crate::algebra::operands::Operands;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, SparsityPattern};

/// The typical value that replaces a typical value of 0, such as that of a correlation, in a
/// Hadamard product A ∘ B. A matrix with ones on the diagonal and 1/4 everywhere else is positive
/// definite, whatever its size.
const NOT_ZERO: f64 = 0.25;

impl<A: Shape, B: Shape> Operands<'_, A, B> {
    /// Writes the scales (degrees of homogeneity and typical values) of the parameters of A + B,
    /// diag(A, B), [A B] and [A; B]. Each operand of a sum, a block diagonal matrix, [A B] or [A;
    /// B] has the degree of homogeneity of the result.
    pub(crate) fn scales_of_terms(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let (of_a, of_b) = Scale::split::<A::ParamCount>(scales);
        let by_a = self.a.scales(degree, of_a);
        self.b.scales(degree, of_b) && by_a
    }

    /// Writes the scales (degrees of homogeneity and typical values) of the parameters of A B and A
    /// ⊗ B. In a product, the first operand that can be scaled by its parameters has the whole
    /// degree of homogeneity, and the other operand has the degree 0.
    pub(crate) fn scales_of_factors(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let (of_a, of_b) = Scale::split::<A::ParamCount>(scales);
        let by_a = self.a.scales(degree, of_a);
        if !by_a && self.b.scales(degree, of_b) {
            return self.a.scales(0.0, of_a);
        }
        self.b.scales(0.0, of_b);
        by_a
    }

    /// Writes the scales (degrees of homogeneity and typical values) of the parameters of A ∘ B.
    /// The scales of A ∘ B are the scales of A B, except that no typical value is 0. A zero entry
    /// of one operand makes the same entry of A ∘ B zero, whatever the parameters of the other
    /// operand.
    pub(crate) fn scales_of_entries(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let carried = self.scales_of_factors(degree, scales);
        if matches!((A::SPARSITY, B::SPARSITY), (SparsityPattern::Dense, SparsityPattern::Dense)) {
            for scale in scales.iter_mut().filter(|scale| scale.typical == 0.0) {
                scale.typical = NOT_ZERO;
            }
        }
        carried
    }

    /// Writes the scales (degrees of homogeneity and typical values) of the parameters of A B Aᵀ.
    /// If the parameters of B can scale B, the degree of A B Aᵀ is assigned to B. Otherwise A,
    /// which occurs twice, is assigned half of it.
    pub(crate) fn scales_of_propagation(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let (of_a, of_b) = Scale::split::<A::ParamCount>(scales);
        let by_b = self.b.scales(degree, of_b);
        if !by_b && self.a.scales(0.5 * degree, of_a) {
            return self.b.scales(0.0, of_b);
        }
        self.a.scales(0.0, of_a);
        by_b
    }
}
