//! The trait that every structure and operator of this crate implements. Users implement it for
//! their own matrices.

pub(crate) mod evaluate;
pub(crate) mod ext;
pub(crate) mod factored;
pub(crate) mod low_rank;
pub(crate) mod operand_visitor;
pub(crate) mod tree;

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::derivative::Partial;
use crate::algebra::matrix::evaluate::{collect, visit_differences};
use crate::algebra::matrix::factored::Factored;
use crate::algebra::matrix::low_rank::LowRankVisitor;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, Theta};
use crate::algebra::visit::{EachSecond, Visitor};
use crate::base::arrays::square;
use crate::base::scalar::Real;
use crate::transform::TransformVisitor;
use crate::transform::affine::Identity;

/// An R×C matrix M(θ) with its exact derivatives.
///
/// Implement this trait to define a matrix. Every [`ParamMatrix`] also has the methods of
/// [`ParamMatrixExt`](crate::algebra::ParamMatrixExt).
///
/// | required | returns |
/// |---|---|
/// | [`value`](Self::value) | M |
/// | [`gradient`](Self::gradient) | \[∂M/∂θₖ\] |
///
/// | may be overridden | returns or does | default |
/// |---|---|---|
/// | [`visit`](Self::visit) | passes M and each ∂M/∂θₖ to a visitor, with the pattern of ∂M/∂θₖ | full matrices |
/// | [`visit_transform`](Self::visit_transform) | visits the transform of θₖ to its natural scale | the identity |
/// | [`visit_operands`](Self::visit_operands) | visits the operands of an operator | none |
/// | [`pullback`](Self::pullback) | \[⟨W, ∂M/∂θₖ⟩\] for a weight matrix W | by `visit` |
/// | [`gradient_mul`](Self::gradient_mul) | \[∂M/∂θₖ u\] for a vector u | by `visit` |
/// | [`curvature`](Self::curvature) | \[\[⟨W, ∂²M/∂θₖ∂θₗ⟩\]\] | by `visit`, or by differences |
/// | [`low_rank`](Self::low_rank) | visits Z G Zᵀ + σ² W⁻¹ on another design | `None` |
/// | [`factored`](Self::factored) | L and M⁻¹ from the factors of parts | `None` |
/// | [`visit_cones`](Self::visit_cones) | visits each part that may be any covariance matrix | none |
/// | [`theta_of_root`](Self::theta_of_root) | θ of a root of a covariance matrix | `None` |
///
/// [`pullback`](Self::pullback), [`gradient_mul`](Self::gradient_mul) and
/// [`curvature`](Self::curvature) never build the array of derivatives.
///
/// Evaluation never panics. If M(θ) does not exist, such as the inverse of a singular matrix, all
/// entries of M(θ) are NaN; [`try_value`](crate::algebra::ParamMatrixExt::try_value) and
/// [`try_gradient`](crate::algebra::ParamMatrixExt::try_gradient) return an error instead.
///
/// # Example: a custom matrix
///
/// Only [`value`](Self::value) and [`gradient`](Self::gradient) are required. The following example
/// implements the matrix [1 −φ; 0 1]:
///
/// ```
/// use covprop::algebra::assert_gradient;
/// use covprop::nalgebra::{Const, Matrix2};
/// use covprop::prelude::*;
/// use covprop::typenum;
///
/// struct Lag;
///
/// impl Shape for Lag {
///     type Rows = Const<2>;
///     type Cols = Const<2>;
///     type ParamCount = typenum::U1;
/// }
///
/// impl<T: Real> ParamMatrix<T, 2, 2> for Lag {
///     fn value(&self, &[phi]: &[T; 1]) -> Matrix2<T> {
///         Matrix2::new(T::one(), -phi, T::zero(), T::one())
///     }
///     fn gradient(&self, _: &[T; 1]) -> [Matrix2<T>; 1] {
///         [Matrix2::new(T::zero(), -T::one(), T::zero(), T::zero())]
///     }
/// }
///
/// let v = CovariancePropagation::new(Lag, IdentityMatrix::<2>::new());
/// assert_eq!(v.value(&[3.0]), Matrix2::new(10.0, -3.0, -3.0, 1.0));
/// assert_eq!(v.gradient(&[3.0]), [Matrix2::new(6.0, -1.0, -1.0, 0.0)]);
///
/// assert_gradient(&Lag, &[3.0]); // in a test: all methods agree with each other and with finite differences
/// ```
///
/// In an implementation for any scalar type `T`, a literal number n is written as
/// `nalgebra::convert(n)`. To support only `f64`, implement `ParamMatrix<f64, 2, 2>`.
///
/// A matrix can also declare:
///
/// | item | declares | default |
/// |---|---|---|
/// | [`Shape::SYMMETRIC`] | that the value and all derivatives are exactly symmetric | `false` |
/// | [`Shape::write_param_name`] | the names of the parameters | `theta_0`, `theta_1`, … |
/// | [`visit_transform`](Self::visit_transform) | the transform of θₖ to its natural scale, which tables show | the identity |
/// | [`Shape::defaults`] | the θ at which a fit starts | zeros |
///
/// The following matrix is the covariance of a random walk at the times 1 to N, where step k has
/// the variance σ²ₖ. Entry (i, j) of the covariance matrix of a random walk is the sum of the
/// variances σ²ₖ of the steps k ≤ min(i, j). The random walk can have any number N of times, and
/// has N parameters.
///
/// ```
/// use core::fmt;
///
/// use covprop::dim::Countable;
/// use covprop::hybrid_array::Array; // an array as long as a count of parameters
/// use covprop::algebra::{Gradient, assert_gradient};
/// use covprop::nalgebra::Const;
/// use covprop::prelude::*;
/// use covprop::transform::{ExpPow2, TransformVisitor};
///
/// struct Walk<const N: usize>;
///
/// impl<const N: usize> Walk<N> {
///     // ∂V/∂σ²ₖ
///     fn step<T: Real>(k: usize) -> SMatrix<T, N, N> {
///         SMatrix::from_fn(|i, j| if i.min(j) >= k { T::one() } else { T::zero() })
///     }
/// }
///
/// impl<const N: usize> Shape for Walk<N>
/// where
///     Const<N>: Countable,
/// {
///     type Rows = Const<N>;
///     type Cols = Const<N>;
///     type ParamCount = <Const<N> as Countable>::Count;
///
///     const SYMMETRIC: bool = true;
///
///     fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
///         write!(out, "sigma^2_{index}")
///     }
/// }
///
/// impl<T: Real, const N: usize> ParamMatrix<T, N, N> for Walk<N>
/// where
///     Const<N>: Countable,
/// {
///     fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
///         let steps = theta.as_ref().iter().enumerate();
///         steps.map(|(k, &x)| Self::step(k) * ExpPow2.forward(x)).sum() // σ²ₖ = e²ˣ
///     }
///     fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
///         let theta = theta.as_ref();
///         Array::<_, Self::ParamCount>::from_fn(|k| Self::step(k) * ExpPow2.derivative(theta[k])).0
///     }
///     fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
///         visitor.visit(&ExpPow2)
///     }
/// }
///
/// let v = Walk::<3>;
/// assert_eq!(v.value(&[0.0, 0.0, 0.0]), SMatrix::from([[1.0, 1.0, 1.0], [1.0, 2.0, 2.0], [1.0, 2.0, 3.0]]));
/// assert_eq!(v.params(&[0.0, 0.0, 0.0]), [1.0, 1.0, 1.0]);
/// assert!(v.param_names().eq(["sigma^2_0", "sigma^2_1", "sigma^2_2"]));
/// assert_gradient(&v, &[0.3, -0.1, 0.2]);
/// ```
pub trait ParamMatrix<T: Real, const R: usize, const C: usize>:
    Shape<Rows = Const<R>, Cols = Const<C>>
{
    /// Computes M(θ). To avoid endless recursion, implementations of `value` and
    /// [`gradient`](Self::gradient) must not call methods of this trait whose default bodies call
    /// `value` or `gradient`.
    #[must_use]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C>;

    /// Computes \[∂M/∂θₖ\], in the order of θ.
    ///
    /// The result is an array of P matrices by value, which needs 8 P R C bytes in `f64`. A debug
    /// build keeps nine to ten copies of the array on the stack. The stack overflows on a main
    /// thread of 8 MiB if the array has more than 0.8 MB, and on a thread of 2 MiB, the default
    /// size of other threads, if the array has more than 0.2 MB. For example, the 36 derivatives
    /// of a 64×64 matrix have 1.2 MB, and need a stack of 10.3 MiB. An optimised build keeps two
    /// copies.
    ///
    /// [`gradient_into`](crate::algebra::ParamMatrixExt::gradient_into) writes into a buffer of the
    /// caller, for example on the heap, and
    /// [`for_each_derivative`](crate::algebra::ParamMatrixExt::for_each_derivative) passes one
    /// derivative after another.
    #[must_use]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C>;

    /// Passes M(θ) and the derivatives ∂M/∂θₖ to a visitor, in any order, each derivative with its
    /// index k.
    ///
    /// The default bodies of the methods that compute weighted sums or products of the derivatives,
    /// such as [`pullback`](Self::pullback), call `visit`. A structure overrides `visit` to pass
    /// derivatives by their nonzero entries only. An operator overrides `visit` to combine the
    /// derivatives of its operands.
    #[inline]
    fn visit<V: Visitor<T, R, C>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        if V::VALUE {
            visitor.value(|out| *out = self.value(theta));
        }
        if V::DERIVATIVES {
            for (k, derivative) in self.gradient(theta).as_ref().iter().enumerate() {
                visitor.derivative(k, Partial::Dense(derivative));
            }
        }
    }

    /// Visits the transform from element k of θ to parameter k on its natural scale, such as a
    /// variance. By default, the transform is the identity.
    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        let _ = k;
        visitor.visit(&Identity)
    }

    /// Visits each operand of an operator. The operands of a chain of one operator, such as A, B
    /// and C in A + B + C, are visited as one list. By default, a matrix has no operands.
    fn visit_operands<V: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let _ = (theta, visitor);
    }

    /// Computes \[⟨W, ∂M/∂θₖ⟩\] for a weight matrix W, where ⟨A, B⟩ = Σᵢⱼ Aᵢⱼ Bᵢⱼ. The result is
    /// the gradient of ⟨W, M(θ)⟩ with respect to θ for a fixed weight matrix W, as in reverse-mode
    /// differentiation.
    ///
    /// ```
    /// use covprop::nalgebra::Matrix2;
    /// use covprop::prelude::*;
    ///
    /// // [σ², σ²ρ; σ²ρ, σ²] at σ² = 4, ρ = ½, and W of its upper row: 1 + ρ and σ²
    /// let v = CompoundSymmetricMatrix::<2>::new().with_transforms(Identity, Identity);
    /// let upper = Matrix2::new(1.0, 1.0, 0.0, 0.0);
    /// assert_eq!(v.pullback(&[4.0, 0.5], &upper), [1.5, 4.0]);
    /// ```
    #[inline]
    #[must_use]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Theta<Self, T> {
        collect::<Self, T, R, C, T>(self, theta, T::zero(), |derivative, out| {
            *out = derivative.dot(weights);
        })
    }

    /// Computes \[∂M/∂θₖ u\].
    ///
    /// ```
    /// use covprop::nalgebra::Vector2;
    /// use covprop::prelude::*;
    ///
    /// let v = CompoundSymmetricMatrix::<2>::new().with_transforms(Identity, Identity);
    /// let [by_variance, by_correlation] = v.gradient_mul(&[4.0, 0.5], &vector![1.0, 0.0]);
    /// assert_eq!(by_variance, Vector2::new(1.0, 0.5)); // the first column of [1, ρ; ρ, 1]
    /// assert_eq!(by_correlation, Vector2::new(0.0, 4.0)); // and of [0, σ²; σ², 0]
    /// ```
    #[inline]
    #[must_use]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        collect(self, theta, SVector::zeros(), |derivative, out| derivative.mul(u, out))
    }

    /// Computes \[\[⟨W, ∂²M/∂θₖ∂θₗ⟩\]\], the symmetric matrix of the second derivatives of ⟨W,
    /// M(θ)⟩ for a fixed weight matrix W.
    ///
    /// The second derivatives are exact for every structure and operator of this crate. If
    /// [`visit`](Self::visit) passes no second derivatives, second derivatives are computed by
    /// central differences of the gradient at θₗ ± h. The step is h = ε^⅓ max(1, |θₗ|), where ε is
    /// the machine epsilon. In `f64`, central differences are accurate to about ten significant
    /// digits. If a parameter θₗ is ±∞, because a search has reached the
    /// [boundary](crate::optimise::Outcome::Boundary), the central differences with respect to θₗ
    /// are set to zero.
    ///
    /// ```
    /// use covprop::nalgebra::Matrix2;
    /// use covprop::prelude::*;
    ///
    /// // the entry (0, 1) is σ²ρ: no second derivatives but ∂²/∂σ²∂ρ = 1
    /// let v = CompoundSymmetricMatrix::<2>::new().with_transforms(Identity, Identity);
    /// let entry = Matrix2::new(0.0, 1.0, 0.0, 0.0);
    /// assert_eq!(v.curvature(&[4.0, 0.5], &entry), [[0.0, 1.0], [1.0, 0.0]]);
    /// ```
    #[inline]
    #[must_use]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Curvature<Self, T> {
        let mut curvature = square::<Self::ParamCount, T>();
        let rows = curvature.as_mut();
        let mut put = |k: usize, l: usize, x: T| {
            if let Some(out) = rows.get_mut(k).and_then(|row| row.as_mut().get_mut(l)) {
                *out = x;
            }
        };
        let f = |k, l, second: Partial<'_, T, R, C>| {
            let x = second.dot(weights);
            put(k, l, x);
            put(l, k, x);
        };
        let mut each = EachSecond { f, offered: false };
        self.visit(theta, &mut each);
        if !each.offered {
            visit_differences(self, theta, &mut each);
        }
        curvature
    }

    /// Visits this matrix in the form Z G Zᵀ + σ² W⁻¹, where the design Z and the weights W are
    /// fixed, so that a fit can replace Z by a smaller design. Returns `None` if the matrix does
    /// not have the form Z G Zᵀ + σ² W⁻¹. The default body returns `None`. [`Shape::LOW_RANK`] must
    /// declare the form Z G Zᵀ + σ² W⁻¹ if and only if `low_rank` returns `Some`.
    fn low_rank<V: LowRankVisitor<T, Self::ParamCount, R>>(&self, visitor: V) -> Option<V::Output> {
        let _ = visitor;
        None
    }

    /// Returns the Cholesky factor L and the inverse of M = L Lᵀ if both can be computed from the
    /// factors of smaller parts, as for a Kronecker product. By default, the method returns `None`,
    /// and the matrix M is factored as a whole.
    fn factored(&self, theta: &Theta<Self, T>) -> Option<Factored<T, R, C>> {
        let _ = theta;
        None
    }

    /// Visits the cones of this matrix, which are the parts of this matrix that can be any
    /// covariance matrix. The argument `weights` has one weight for each entry of this matrix.
    /// Cones (parts of this matrix that can be any covariance matrix) allow a search to leave a
    /// singular covariance matrix in any direction, not only along single parameters. By default, a
    /// matrix has no cones.
    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        theta: &Theta<Self, T>,
        weights: &SMatrix<T, R, C>,
        visitor: &mut V,
    ) {
        let _ = (theta, weights, visitor);
    }

    /// Returns the θ at which M(θ) M(θ)ᵀ equals a given positive definite matrix, or `None` if
    /// there is no such θ. By default, returns `None`.
    fn theta_of_root(&self, covariance: &SMatrix<T, R, R>) -> Option<Theta<Self, T>> {
        let _ = covariance;
        None
    }
}
