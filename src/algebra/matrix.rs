//! The trait on which everything rests.

pub(crate) mod evaluate;
pub(crate) mod factored;
pub(crate) mod low_rank;
pub(crate) mod tree;

use hybrid_array::Array;
use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::derivative::Partial;
use crate::algebra::matrix::evaluate::{collect, solve_params, visit_differences};
use crate::algebra::matrix::factored::Apart;
use crate::algebra::matrix::low_rank::OnDesign;
use crate::algebra::matrix::tree::{Node, Tree};
use crate::algebra::shape::{Curvature, Gradient, Params, Shape, Theta};
use crate::algebra::visit::{
    EachDerivative, EachSecond, IntoBoth, IntoGradient, IntoValue, Visitor,
};
use crate::base::arrays::{filled, square};
use crate::base::error::Error;
use crate::base::error::text::Text;
use crate::base::finite::{check_finite, finite};
use crate::base::scalar::Real;
use crate::transform::affine::Identity;
use crate::transform::{AsJet, Forward, Solved, TransformVisitor};

/// An R×C matrix M(θ) with its exact derivatives.
///
/// One θ, several questions:
///
/// | method | answers |
/// |---|---|
/// | [`value`](Self::value) | M |
/// | [`gradient`](Self::gradient) | \[∂M/∂θₖ\] |
/// | [`value_and_gradient`](Self::value_and_gradient) | both, with what they share evaluated once |
/// | [`pullback`](Self::pullback) | \[⟨W, ∂M/∂θₖ⟩\] for a weight matrix W |
/// | [`gradient_mul`](Self::gradient_mul) | \[∂M/∂θₖ u\] for a vector u |
/// | [`gradient_tr_mul`](Self::gradient_tr_mul) | \[∂Mᵀ/∂θₖ u\] for a vector u |
/// | [`curvature`](Self::curvature) | \[\[⟨W, ∂²M/∂θₖ∂θₗ⟩\]\] |
/// | [`for_each_derivative`](Self::for_each_derivative) | each ∂M/∂θₖ in turn, by the entries that θₖ touches |
/// | [`visit`](Self::visit) | all of these: the others are visits |
///
/// Those after the third never build the array of derivatives. The methods ending in `_into` write
/// where the caller wants: use them for results too large for the stack.
///
/// Evaluation is total: it does not panic, and where the mathematics has no answer the entries are
/// NaN; [`try_value`](Self::try_value) and [`try_gradient`](Self::try_gradient) say so with an
/// error.
///
/// # A matrix of one's own
///
/// [`value`](Self::value) and [`gradient`](Self::gradient) are enough; everything else follows from
/// them. Here [1 −φ; 0 1]:
///
/// ```
/// use covprop::*;
/// use nalgebra::{Const, Matrix2};
///
/// struct Lag;
///
/// impl Shape for Lag {
///     type Rows = Const<2>;
///     type Cols = Const<2>;
///     type Params = typenum::U1;
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
/// `T` is any scalar: a number n is `nalgebra::convert(n)` there. `impl ParamMatrix<f64, 2, 2> for
/// Lag` is for `f64` alone.
///
/// A matrix can say more of itself:
///
/// | item | says | by default |
/// |---|---|---|
/// | [`Shape::SYMMETRIC`] | that value and derivatives are symmetric to the last bit | `false` |
/// | [`Shape::write_param_name`] | the names of its parameters | `theta_0`, `theta_1`, … |
/// | [`visit_transform`](Self::visit_transform) | what a θₖ is on its natural scale, where tables show it | θₖ itself |
/// | [`Shape::defaults`] | the θ that a fit starts from | zeros |
///
/// Here a random walk at times 1 … N, whose steps have variances of their own: entry (i, j) is the
/// sum of the σ²ₖ with k up to min(i, j). It is of any size N, with as many parameters.
///
/// ```
/// use core::fmt;
///
/// use covprop::dim::Countable;
/// use covprop::hybrid_array::Array; // an array as long as a count of parameters
/// use covprop::*;
/// use nalgebra::{Const, SMatrix};
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
///     type Params = <Const<N> as Countable>::Count;
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
///         Array::<_, Self::Params>::from_fn(|k| Self::step(k) * ExpPow2.derivative(theta[k])).0
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
    /// M(θ). As [`gradient`](Self::gradient), it must not be written in terms of the other methods:
    /// their default bodies call these two.
    #[must_use]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C>;

    /// \[∂M/∂θₖ\], in the order of θ.
    #[must_use]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C>;

    /// The parameters on their natural scale, σ², ρ, …, in the order of θ; θ itself unless a
    /// structure transforms it.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let r = Ar1Matrix::<3>::new();
    /// assert_eq!(r.params(&[0.0, 0.0]), [1.0, 0.0]);
    /// assert!(r.param_names().eq(["sigma^2", "rho"]));
    /// ```
    #[must_use]
    fn params(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        let theta = theta.as_ref();
        Array::<T, Self::Params>::from_fn(|k| self.visit_transform(k, Forward(theta[k]))).0
    }

    /// \[dηₖ/dθₖ\] for the parameters ηₖ on their natural scale.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let r = Ar1Matrix::<3>::new();
    /// assert_eq!(r.param_derivatives(&[0.0, 0.0]), [2.0, 0.5]); // of e²ˣ and of tanh(x/2)
    /// ```
    #[must_use]
    fn param_derivatives(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        let theta = theta.as_ref();
        Array::<T, Self::Params>::from_fn(|k| self.visit_transform(k, AsJet(theta[k])).first).0
    }

    /// Returns the θ whose parameters on their natural scale are given: the inverse of
    /// [`params`](Self::params). A value at a bound has an infinite θₖ: a variance of 0 has −∞, a
    /// correlation of ±1 has ±∞.
    ///
    /// V at this θ is V at the θ of a fit, to the rounding of V and of the parameters. A value from
    /// elsewhere may differ by more, because θₖ is rounded: a variance σ² = e²ˣ has a relative
    /// error of up to |2x| ε, 2e-13 at 1e300.
    ///
    /// # Errors
    ///
    /// [`Error::OutsideCodomain`] for the first parameter that no θₖ gives, such as a negative
    /// variance or a correlation beyond ±1.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let r = Ar1Matrix::<3>::new();
    /// assert_eq!(r.theta_from_params(&[1.0, 0.0]), Ok([0.0, 0.0]));
    /// assert_eq!(r.theta_from_params(&[0.0, 1.0]), Ok([f64::NEG_INFINITY, f64::INFINITY]));
    ///
    /// let error = r.theta_from_params(&[1.0, 1.5]).unwrap_err();
    /// assert_eq!(error.to_string(), "`rho` is 1.5, outside [-1, 1]");
    /// ```
    fn theta_from_params(&self, params: &Theta<Self, T>) -> Result<Theta<Self, T>, Error>
    where
        Self: Sized,
    {
        solve_params(self, params, |k, param| self.visit_transform(k, Solved(param)))
    }

    /// Shows a visitor the transform from θₖ to the parameter on its natural scale: the identity
    /// unless a structure has one.
    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        let _ = k;
        visitor.visit(&Identity)
    }

    /// Visits the operands of an operator as nodes of a [`Tree`].
    fn walk_operands(
        &self,
        theta: &Theta<Self, T>,
        depth: usize,
        visit: &mut dyn FnMut(&Node<'_, T>),
    ) {
        let _ = (theta, depth, visit);
    }

    /// A tree of the values and derivatives of this matrix and its operands at θ, to be displayed.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let v = named("G", DiagonalMatrix::<2>::new()).plus(IdentityMatrix::new());
    /// let tree = v.tree(&[0.0, 0.0]).to_string();
    /// let lines: Vec<&str> = tree.lines().collect();
    /// assert_eq!(lines[1], "  G/sigma^2_0 = 1, norm of the derivative 2");
    /// assert_eq!(lines[3], "  G: DiagonalMatrix 2×2, norm 1.4142135623730951");
    /// assert_eq!(lines[4], "    sigma^2_0 = 1, norm of the derivative 2");
    /// ```
    fn tree(&self, theta: &Theta<Self, T>) -> Tree<'_, Self, T, R, C>
    where
        Self: Sized,
    {
        let theta = theta.as_ref();
        Tree { matrix: self, theta: Array::<T, Self::Params>::from_fn(|k| theta[k]).0 }
    }

    /// Offers M(θ) and each ∂M/∂θₖ, with its k and in any order, to a visitor.
    ///
    /// Every other method has a default body that goes through this one. A structure overrides it
    /// to tell which entries a parameter touches, an operator to combine those of its operands.
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

    /// Calls `f` with each k and ∂M/∂θₖ, in any order; the array of derivatives is not built.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::Matrix3;
    ///
    /// // the traces of the derivatives of diag(e²ˣ, e²ʸ, e²ᶻ)
    /// let mut traces = [0.0; 3];
    /// DiagonalMatrix::<3>::new().for_each_derivative(&[0.0; 3], |k, derivative| {
    ///     traces[k] = derivative.dot(&Matrix3::identity());
    /// });
    /// assert_eq!(traces, [2.0; 3]);
    /// ```
    #[inline]
    fn for_each_derivative(
        &self,
        theta: &Theta<Self, T>,
        f: impl FnMut(usize, Partial<'_, T, R, C>),
    ) {
        self.visit(theta, &mut EachDerivative(f));
    }

    /// Writes M(θ).
    #[inline]
    fn value_into(&self, theta: &Theta<Self, T>, out: &mut SMatrix<T, R, C>) {
        self.visit(theta, &mut IntoValue(out));
    }

    /// Writes \[∂M/∂θₖ\].
    #[inline]
    fn gradient_into(&self, theta: &Theta<Self, T>, out: &mut Gradient<Self, T, R, C>) {
        self.visit(theta, &mut IntoGradient(out.as_mut()));
    }

    /// Writes M(θ) and \[∂M/∂θₖ\].
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::Matrix2;
    ///
    /// let (mut value, mut gradient) = (Matrix2::zeros(), [Matrix2::zeros(); 2]);
    /// let v = DiagonalMatrix::<2>::new().with_transform(Identity);
    /// v.value_and_gradient_into(&[4.0, 9.0], &mut value, &mut gradient);
    /// assert_eq!(value, Matrix2::new(4.0, 0.0, 0.0, 9.0));
    /// assert_eq!(gradient[1], Matrix2::new(0.0, 0.0, 0.0, 1.0));
    /// ```
    #[inline]
    fn value_and_gradient_into(
        &self,
        theta: &Theta<Self, T>,
        value: &mut SMatrix<T, R, C>,
        gradient: &mut Gradient<Self, T, R, C>,
    ) {
        self.visit(theta, &mut IntoBoth { value, gradient: gradient.as_mut() });
    }

    /// (M(θ), \[∂M/∂θₖ\]).
    #[inline]
    #[must_use]
    fn value_and_gradient(
        &self,
        theta: &Theta<Self, T>,
    ) -> (SMatrix<T, R, C>, Gradient<Self, T, R, C>) {
        let mut value = SMatrix::zeros();
        let mut gradient = filled::<Self::Params, _>(SMatrix::zeros());
        self.value_and_gradient_into(theta, &mut value, &mut gradient);
        (value, gradient)
    }

    /// \[⟨W, ∂M/∂θₖ⟩\], where ⟨A, B⟩ = Σᵢⱼ Aᵢⱼ Bᵢⱼ: the derivatives of ⟨W, M(θ)⟩ for a fixed W, in
    /// reverse mode.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::Matrix2;
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

    /// \[∂M/∂θₖ u\].
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{Vector2, vector};
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
    ) -> Params<Self, SVector<T, R>> {
        collect(self, theta, SVector::zeros(), |derivative, out| derivative.mul(u, out))
    }

    /// \[∂Mᵀ/∂θₖ u\].
    #[inline]
    #[must_use]
    fn gradient_tr_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, R>,
    ) -> Params<Self, SVector<T, C>> {
        collect(self, theta, SVector::zeros(), |derivative, out| derivative.tr_mul(u, out))
    }

    /// \[\[⟨W, ∂²M/∂θₖ∂θₗ⟩\]\], symmetric: the second derivatives of ⟨W, M(θ)⟩ for a fixed W.
    ///
    /// Exact for every structure and operator here. For a matrix of one's own that offers no second
    /// derivative in [`visit`](Self::visit), they are central differences of the gradient over θₗ ±
    /// h with h = ε^⅓ max(1, |θₗ|), about ten digits in `f64`; by a θₗ of ±∞, where a search has
    /// come to the [boundary](crate::Outcome::Boundary), they are zero.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::Matrix2;
    ///
    /// // the entry (0, 1) is σ²ρ: no second derivatives but ∂²/∂σ²∂ρ = 1
    /// let v = CompoundSymmetricMatrix::<2>::new().with_transforms(Identity, Identity);
    /// let entry = Matrix2::new(0.0, 1.0, 0.0, 0.0);
    /// assert_eq!(v.curvature(&[4.0, 0.5], &entry), [[0.0, 1.0], [1.0, 0.0]]);
    /// ```
    #[inline]
    #[must_use]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Curvature<Self, T> {
        let mut curvature = square::<Self::Params, T>();
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

    /// Writes the columns of the fixed design, from column `first` on.
    #[doc(hidden)]
    fn write_design<const W: usize>(&self, first: usize, out: &mut SMatrix<T, R, W>) {
        let _ = (first, out);
    }

    /// Writes the fixed weights, if there are any.
    #[doc(hidden)]
    fn write_weights(&self, out: &mut [T; R]) {
        let _ = out;
    }

    /// Gives the same matrix on the fixed design in the columns from `first` on; nothing unless the
    /// [coordinates](Shape::COORDINATES) say that there is one.
    #[doc(hidden)]
    fn on_design<V: OnDesign<T, Self::Params, D>, const D: usize>(
        &self,
        design: &SMatrix<T, D, D>,
        first: usize,
        visitor: V,
    ) -> Option<V::Output> {
        let _ = (design, first, visitor);
        None
    }

    /// Calls a function with L and M⁻¹, where M = L Lᵀ is made of parts that have such roots
    /// themselves.
    #[doc(hidden)]
    fn factor_apart<O>(
        &self,
        theta: &Theta<Self, T>,
        take: impl FnOnce(&Apart<T, R, C>) -> O,
    ) -> Option<O> {
        let _ = (theta, take);
        None
    }

    /// Shows a visitor each matrix in this one that may be any covariance matrix, given the weights
    /// W of the entries of this one.
    #[doc(hidden)]
    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        theta: &Theta<Self, T>,
        weights: &SMatrix<T, R, C>,
        visitor: &mut V,
    ) {
        let _ = (theta, weights, visitor);
    }

    /// Returns the θ with M Mᵀ equal to a positive definite matrix, if M can be the root of any.
    #[doc(hidden)]
    fn theta_of_root(&self, covariance: &SMatrix<T, R, R>) -> Option<Theta<Self, T>> {
        let _ = covariance;
        None
    }

    /// M(θ), where every entry is a number.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the place of the first entry that is infinite or NaN;
    /// [`Error::Singular`] where an [`Inverse`](crate::Inverse) inside has none.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let v = ScalarMatrix::<2>::new();
    /// assert_eq!(v.try_value(&[0.0]), Ok(nalgebra::Matrix2::identity()));
    /// assert_eq!(v.try_value(&[f64::NAN]), Err(Error::NotFinite { row: 0, col: 0 }));
    /// ```
    fn try_value(&self, theta: &Theta<Self, T>) -> Result<SMatrix<T, R, C>, Error> {
        finite(self.value(theta))
    }

    /// \[∂M/∂θₖ\], where every entry is a number.
    ///
    /// # Errors
    ///
    /// As [`try_value`](Self::try_value), of the value and of each of the derivatives.
    fn try_gradient(&self, theta: &Theta<Self, T>) -> Result<Gradient<Self, T, R, C>, Error> {
        self.try_value(theta)?;
        let gradient = self.gradient(theta);
        gradient.as_ref().iter().try_for_each(check_finite)?;
        Ok(gradient)
    }

    /// θ from pairs of a parameter's name and its value, in any order.
    ///
    /// # Errors
    ///
    /// A name that is missing, unknown, given twice or the name of two parameters is an [`Error`]
    /// that names it.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let g = DiagonalMatrix::<2>::new();
    /// assert_eq!(g.theta_by_name(&[("sigma^2_1", 0.5), ("sigma^2_0", 0.1)]), Ok([0.1, 0.5]));
    ///
    /// let error = g.theta_by_name(&[("sigma^2_1", 0.5)]).unwrap_err();
    /// assert_eq!(error.to_string(), "the parameter `sigma^2_0` has no value");
    /// ```
    fn theta_by_name(&self, pairs: &[(&str, T)]) -> Result<Theta<Self, T>, Error>
    where
        Self: Sized,
    {
        let mut theta = filled::<Self::Params, Option<T>>(None);
        for &(name, x) in pairs {
            let mut slots = self.param_names().zip(theta.as_mut());
            let found = slots.find(|(parameter, _)| parameter == name);
            if slots.any(|(parameter, _)| parameter == *name) {
                return Err(Error::AmbiguousParameter { name: Text::of(name) });
            }
            match found {
                None => return Err(Error::UnknownParameter { name: Text::of(name) }),
                Some((_, Some(_))) => {
                    return Err(Error::RepeatedParameter { name: Text::of(name) });
                }
                Some((_, slot)) => *slot = Some(x),
            }
        }
        let mut out = filled::<Self::Params, T>(T::zero());
        for ((parameter, x), out) in self.param_names().zip(theta.as_ref()).zip(out.as_mut()) {
            let missing = || Error::MissingParameter { name: Text::of(parameter) };
            *out = x.ok_or_else(missing)?;
        }
        Ok(out)
    }
}
