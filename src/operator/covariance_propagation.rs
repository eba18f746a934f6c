//! The covariance propagation operator Z G Zᵀ.

pub(crate) mod computed_once;
pub(crate) mod multiplied;
pub(crate) mod products;
pub(crate) mod propagated;

use core::fmt;
use core::marker::PhantomData;

use nalgebra::{Const, DimName, SMatrix, SVector};
use typenum::Unsigned;

use crate::algebra::cone::{ConeVisitor, From};
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::low_rank::{Design, LowRankForm, LowRankVisitor, OnDesign};
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::Operands;
use crate::algebra::shape::low_rank::{LowRank, Residual};
use crate::algebra::shape::name::Chained;
use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, SparsityPattern, Theta};
use crate::algebra::sparsity::{mul_by, mul_of, tr_mul_of};
use crate::algebra::visit::Visitor;
use crate::base::arrays::{filled, mirror_rows, square};
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;
use crate::operator::covariance_propagation::products::factor_products;
use crate::operator::covariance_propagation::propagated::{OfZ, Propagated};
use crate::operator::pair::curvature::{join_curvature, no_cross};
use crate::operator::pair::{operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The covariance propagation operator V(θ) = Z(θ) G(θ) Z(θ)ᵀ, where Z is N×Q, G is Q×Q and V is
/// N×N.
///
/// If x has the covariance matrix G, then Z x has the covariance matrix V. Covariance propagation
/// is the law of propagation of uncertainty (JCGM 100:2008, 5.2.2, with Z the sensitivity
/// coefficients), the random part of a mixed model (Laird & Ware 1982, Biometrics 38, 963–974, with
/// Z the design), and one step of a Kalman filter. The parameters θ of Z G Zᵀ are the parameters of
/// Z followed by the parameters of G. The derivatives are
///
/// ```text
/// ∂V/∂θ_Z = ∂Z G Zᵀ + Z G ∂Zᵀ       (Z stands twice in the product)
/// ∂V/∂θ_G = Z ∂G Zᵀ                 (V is linear in G)
/// ```
///
/// For a weight matrix W and a vector u, the sums ⟨W, ∂V⟩ and the products ∂V u are computed
/// without building the derivatives ∂V:
///
/// ```text
/// ⟨W, ∂V/∂θ_Z⟩ = ⟨W Z Gᵀ + Wᵀ Z G, ∂Z⟩      ∂V/∂θ_Z u = ∂Z (G Zᵀ u) + Z G (∂Zᵀ u)
/// ⟨W, ∂V/∂θ_G⟩ = ⟨Zᵀ W Z, ∂G⟩               ∂V/∂θ_G u = Z (∂G (Zᵀ u))
/// ```
///
/// For a fixed weight matrix W, the second derivatives of ⟨W, V⟩ are
///
/// ```text
/// ⟨W, ∂ᵢⱼV⟩ = ⟨W Z Gᵀ + Wᵀ Z G, ∂ᵢⱼZ⟩ + ⟨W ∂ⱼZ Gᵀ + Wᵀ ∂ⱼZ G, ∂ᵢZ⟩        i, j in Z
/// ⟨W, ∂ᵢⱼV⟩ = ⟨∂ᵢZᵀ W Z + Zᵀ W ∂ᵢZ, ∂ⱼG⟩                                    i in Z, j in G
/// ⟨W, ∂ᵢⱼV⟩ = ⟨Zᵀ W Z, ∂ᵢⱼG⟩                                                i, j in G
/// ```
///
/// V = Z G Zᵀ and its derivatives are exactly symmetric if the type of G declares G symmetric by
/// [`Shape::SYMMETRIC`]. The type [`SMatrix`] does not. If Z has one entry in each row, as a
/// [`DummyMatrix`](crate::structure::DummyMatrix) has, products with Z are computed by gathering
/// rows. Products with a diagonal matrix G are computed by scaling rows or columns.
///
/// ```
/// use covprop::nalgebra::{Matrix2, Matrix3x2};
/// use covprop::prelude::*;
///
/// // two independent lengths with variances 1 and 4: a, b, and their sum
/// const SUM: Matrix3x2<f64> = matrix![1.0, 0.0; 0.0, 1.0; 1.0, 1.0];
/// let v = CovariancePropagation::new(SUM, DiagonalMatrix::<2>::new());
/// let value = v.value(&[0.0, 2.0_f64.ln()]);
/// assert!((value - matrix![1.0, 0.0, 1.0; 0.0, 4.0, 4.0; 1.0, 4.0, 5.0]).norm() < 1e-14);
/// ```
///
/// In Z G Zᵀ, if the size of G differs from the number of columns of Z, the compiler reports a type
/// error:
///
/// ```compile_fail,E0271
/// # use covprop::prelude::*;
/// let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
/// let v = CovariancePropagation::new(z, DiagonalMatrix::<2>::new()); // expected `3`, found `2`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "sandwich")]
#[doc(alias = "error propagation")]
#[doc(alias = "ZGZ")]
pub struct CovariancePropagation<Z, G> {
    pub(crate) z: Z,
    pub(crate) g: G,
}

impl<Z, G> CovariancePropagation<Z, G> {
    /// Creates Z G Zᵀ.
    #[must_use]
    pub const fn new<const N: usize, const Q: usize>(z: Z, g: G) -> Self
    where
        Z: Shape<Rows = Const<N>, Cols = Const<Q>>,
        G: Extent<Size = (Const<Q>, Const<Q>)>,
    {
        Self { z, g }
    }
}

impl<Z, G> CovariancePropagation<Z, G> {
    const fn pair(&self) -> Operands<'_, Z, G> {
        Operands { operator: Chained::No, labels: [Some("Z"), Some("G")], a: &self.z, b: &self.g }
    }
}

impl<Z, G> Shape for CovariancePropagation<Z, G>
where
    Z: Shape<ParamCount: Join<G::ParamCount>>,
    G: Shape,
{
    type Rows = Z::Rows;
    type Cols = Z::Rows;
    type ParamCount = <Z::ParamCount as Join<G::ParamCount>>::Output;

    const SYMMETRIC: bool = G::SYMMETRIC;
    const LOW_RANK: LowRank = if Z::ParamCount::USIZE == 0 {
        LowRank::Design { columns: Z::Cols::DIM, residual: Residual::None }
    } else {
        LowRank::Unknown
    };
    const OPERANDS: usize = 2;

    shape_of_pair!(scales_of_propagation);
}

impl<T, Z, G, const N: usize, const Q: usize> ParamMatrix<T, N, N> for CovariancePropagation<Z, G>
where
    T: Real,
    Z: ParamMatrix<T, N, Q> + Shape<Cols = Const<Q>, ParamCount: Join<G::ParamCount>>,
    G: ParamMatrix<T, Q, Q>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    operands_of_pair!(Z, N, N);

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let (tz, tg) = Z::ParamCount::split(theta);
        let z = self.z.value(&tz);
        let mut g = SMatrix::zeros();
        let mut propagated = Propagated::new(self, &z, visitor, &mut g);
        self.g.visit(&tg, &mut propagated);
        let written = propagated.written;
        if V::DERIVATIVES && Z::ParamCount::USIZE > 0 {
            let z_g = self.z_g(&z, &g);
            let z_gt = if G::SYMMETRIC { z_g } else { mul_of(&self.z, &z, &g.transpose()) };
            let mut of_z = OfZ { z_g: &z_g, z_gt: &z_gt, outer: visitor, g: PhantomData::<G> };
            self.z.visit(&tz, &mut of_z);
        }
        if written {
            return;
        }
        let write = |out: &mut _| self.propagate(&z, &self.g, &g, out);
        if matches!(G::SPARSITY, SparsityPattern::Identity) {
            visitor.value_of_root(&z, write);
        } else {
            visitor.value(write);
        }
    }

    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, N, N>) -> Curvature<Self, T> {
        let (tz, tg) = Z::ParamCount::split(theta);
        let z = self.z.value(&tz);
        let w_z = mul_by(weights, &self.z, &z);
        let of_g = self.g.curvature(&tg, &tr_mul_of(&self.z, &z, &w_z));
        if Z::ParamCount::USIZE == 0 {
            let of_z = square::<Z::ParamCount, T>();
            return join_curvature::<T, Z, G>(&of_z, &no_cross::<T, Z, G>(), &of_g);
        }
        let g = self.g.value(&tg);
        let weights_t = weights.transpose();
        let wt_z = mul_by(&weights_t, &self.z, &z);
        let mut of_z = self.z.curvature(&tz, &self.weights_of_z(&w_z, &wt_z, &g));
        let mut across = no_cross::<T, Z, G>();
        let (rows, across_rows) = (of_z.as_mut(), across.as_mut());
        self.z.for_each_derivative(&tz, |j, dz| {
            let mut full = SMatrix::zeros();
            dz.write(&mut full);
            let w_dz = mul_by(weights, &full, &full);
            let wt_dz = mul_by(&weights_t, &full, &full);
            let of_pairs = self.z.pullback(&tz, &self.weights_of_z(&w_dz, &wt_dz, &g));
            if let Some(row) = rows.get_mut(j) {
                for (out, &x) in row.as_mut().iter_mut().zip(of_pairs.as_ref()) {
                    *out += x;
                }
            }
            if let Some(row) = across_rows.get_mut(j) {
                // ∂Zᵀ W Z + Zᵀ W ∂Z
                let of_g = tr_mul_of(&full, &full, &w_z) + tr_mul_of(&self.z, &z, &w_dz);
                *row = self.g.pullback(&tg, &of_g);
            }
        });
        mirror_rows::<Z::ParamCount, T>(of_z.as_mut());
        join_curvature::<T, Z, G>(&of_z, &across, &of_g)
    }

    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, N, N>) -> Theta<Self, T> {
        let (tz, tg) = Z::ParamCount::split(theta);
        let z = self.z.value(&tz);
        let w_z = mul_by(weights, &self.z, &z);
        let of_g = self.g.pullback(&tg, &tr_mul_of(&self.z, &z, &w_z));
        let of_z = if Z::ParamCount::USIZE > 0 {
            let g = self.g.value(&tg);
            let wt_z = mul_by(&weights.transpose(), &self.z, &z);
            self.z.pullback(&tz, &self.weights_of_z(&w_z, &wt_z, &g))
        } else {
            filled::<Z::ParamCount, T>(T::zero())
        };
        Z::ParamCount::concat(of_z, of_g)
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, N>,
    ) -> PerParam<Self, SVector<T, N>> {
        let (tz, tg) = Z::ParamCount::split(theta);
        let z = self.z.value(&tz);
        let zt_u = tr_mul_of(&self.z, &z, u);
        let mut products = filled::<Self::ParamCount, _>(SVector::zeros());
        let Some((of_z, of_g)) = products.as_mut().split_at_mut_checked(Z::ParamCount::USIZE)
        else {
            return products;
        };
        if Z::ParamCount::USIZE > 0 {
            let known = factor_products(&self.z, &tz, &z, &self.g.value(&tg), u, &zt_u);
            for (out, known) in of_z.iter_mut().zip(known.as_ref()) {
                *out = *known;
            }
        }
        self.write_products_of_g(&tg, &z, &zt_u, of_g);
        products
    }

    /// Visits the cones of G. If G is the identity and Z has parameters, visits the whole matrix
    /// V = Z Zᵀ as the only cone, which is a matrix that can be any covariance matrix.
    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        theta: &Theta<Self, T>,
        weights: &SMatrix<T, N, N>,
        visitor: &mut V,
    ) {
        let (tz, tg) = Z::ParamCount::split(theta);
        let z = self.z.value(&tz);
        if matches!(G::SPARSITY, SparsityPattern::Identity) && Z::ParamCount::USIZE > 0 {
            let value = z * z.transpose();
            visitor.cone(0, &value, weights, |covariance: &SMatrix<T, N, N>, out: &mut [T]| {
                let Some(theta) = self.z.theta_of_root(covariance) else { return false };
                let out = out.iter_mut().zip(theta.as_ref());
                out.for_each(|(out, &theta)| *out = theta);
                true
            });
            return;
        }
        let w_z = mul_by(weights, &self.z, &z);
        let first = Z::ParamCount::USIZE;
        let of_g = tr_mul_of(&self.z, &z, &w_z);
        self.g.visit_cones(&tg, &of_g, &mut From { visitor, first });
    }

    fn low_rank<V: LowRankVisitor<T, Self::ParamCount, N>>(&self, visitor: V) -> Option<V::Output> {
        (Z::ParamCount::USIZE == 0).then(|| visitor.visit(&FixedDesign(self)))
    }
}

/// The low-rank form of Z G Zᵀ for a design Z without parameters.
struct FixedDesign<'a, Z, G>(&'a CovariancePropagation<Z, G>);

impl<T, Z, G, const N: usize, const Q: usize> LowRankForm<T, N> for FixedDesign<'_, Z, G>
where
    T: Real,
    Z: ParamMatrix<T, N, Q> + Shape<Cols = Const<Q>, ParamCount: Join<G::ParamCount>>,
    G: ParamMatrix<T, Q, Q>,
{
    type ParamCount = <Z::ParamCount as Join<G::ParamCount>>::Output;

    fn write_design<const W: usize>(&self, first: usize, out: &mut SMatrix<T, N, W>) {
        let z = self.0.z.value(&filled::<Z::ParamCount, T>(T::zero()));
        for (out, column) in out.data.0.iter_mut().skip(first).zip(&z.data.0) {
            *out = *column;
        }
    }

    fn on_design<V: OnDesign<T, Self::ParamCount, D>, const D: usize>(
        &self,
        design: &SMatrix<T, D, D>,
        first: usize,
        visitor: V,
    ) -> V::Output {
        let z = Design::<Z, T, D, Q>::of_columns(design, first);
        visitor.take(&CovariancePropagation { z, g: &self.0.g })
    }

    fn visit_components(
        &self,
        theta: &Theta<CovariancePropagation<Z, G>, T>,
        first: usize,
        each: &mut impl FnMut(usize, usize, T),
        _: &mut T,
    ) {
        let (_, theta) = Z::ParamCount::split(theta);
        let g = self.0.g.value(&theta);
        for (j, column) in g.data.0.iter().enumerate() {
            for (i, &entry) in column.iter().enumerate() {
                each(first + i, first + j, entry);
            }
        }
    }
}
