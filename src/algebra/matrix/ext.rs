//! Methods that every matrix has in addition to the methods of [`ParamMatrix`].

use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{checked_value, collect, solve_params};
use crate::algebra::matrix::tree::Tree;
use crate::algebra::shape::{Gradient, PerParam, Theta};
use crate::algebra::visit::{EachDerivative, IntoBoth, IntoGradient, IntoValue};
use crate::base::arrays::{copied, filled, mapped};
use crate::base::error::Error;
use crate::base::error::text::Text;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::transform::{AsJet, Forward, Solved};

/// Methods that are available on every [`ParamMatrix`] and cannot be overridden.
///
/// The methods of both traits are:
///
/// | method | returns |
/// |---|---|
/// | [`value`](ParamMatrix::value) | M |
/// | [`gradient`](ParamMatrix::gradient) | \[∂M/∂θₖ\] |
/// | [`value_and_gradient`](Self::value_and_gradient) | M and \[∂M/∂θₖ\], computing common terms once |
/// | [`value_into`](Self::value_into), [`gradient_into`](Self::gradient_into), [`value_and_gradient_into`](Self::value_and_gradient_into) | the same results in place, for matrices too large for the stack |
/// | [`for_each_derivative`](Self::for_each_derivative) | each ∂M/∂θₖ in turn, by its pattern |
/// | [`pullback`](ParamMatrix::pullback) | \[⟨W, ∂M/∂θₖ⟩\] for a weight matrix W |
/// | [`gradient_mul`](ParamMatrix::gradient_mul) | \[∂M/∂θₖ u\] for a vector u |
/// | [`gradient_tr_mul`](Self::gradient_tr_mul) | \[∂Mᵀ/∂θₖ u\] for a vector u |
/// | [`curvature`](ParamMatrix::curvature) | \[\[⟨W, ∂²M/∂θₖ∂θₗ⟩\]\] |
/// | [`try_value`](Self::try_value), [`try_gradient`](Self::try_gradient) | M or \[∂M/∂θₖ\], or an error instead of NaN |
/// | [`params`](Self::params), [`param_derivatives`](Self::param_derivatives), [`theta_from_params`](Self::theta_from_params) | the parameters on their natural scale, their derivatives, and the inverse |
/// | [`theta_by_name`](Self::theta_by_name) | θ from pairs of name and value |
/// | [`tree`](Self::tree) | the matrix and its operands at θ, to be displayed |
pub trait ParamMatrixExt<T: Real, const R: usize, const C: usize>: ParamMatrix<T, R, C> {
    /// Computes M(θ) and \[∂M/∂θₖ\].
    ///
    /// In a debug build, eleven copies of the derivatives are on the stack, one or two more than
    /// [`gradient`](ParamMatrix::gradient) keeps.
    #[inline]
    #[must_use]
    fn value_and_gradient(
        &self,
        theta: &Theta<Self, T>,
    ) -> (SMatrix<T, R, C>, Gradient<Self, T, R, C>) {
        let mut value = SMatrix::zeros();
        let mut gradient = filled::<Self::ParamCount, _>(SMatrix::zeros());
        self.value_and_gradient_into(theta, &mut value, &mut gradient);
        (value, gradient)
    }

    /// Writes M(θ).
    #[inline]
    fn value_into(&self, theta: &Theta<Self, T>, out: &mut SMatrix<T, R, C>) {
        self.visit(theta, &mut IntoValue(out));
    }

    /// Writes \[∂M/∂θₖ\]. The derivatives are written directly into `out`, without a copy
    /// on the stack, even in debug builds.
    ///
    /// # Example: a gradient on the heap
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let z = SMatrix::<f64, 64, 8>::from_fn(|i, j| (i + j) as f64);
    /// let v = CovariancePropagation::new(z, UnconstrainedMatrix::<8>::new());
    /// let zeros = vec![SMatrix::<f64, 64, 64>::zeros(); 36];
    /// let mut gradient: Box<[_; 36]> = zeros.try_into().unwrap();
    /// v.gradient_into(&[0.0; 36], &mut gradient);
    /// assert_eq!(gradient[0][(1, 2)], 2.0 * 1.0 * 2.0); // 2 e⁰ zᵢ zⱼ
    /// ```
    #[inline]
    fn gradient_into(&self, theta: &Theta<Self, T>, out: &mut Gradient<Self, T, R, C>) {
        self.visit(theta, &mut IntoGradient(out.as_mut()));
    }

    /// Writes M(θ) and \[∂M/∂θₖ\].
    ///
    /// ```
    /// use covprop::nalgebra::Matrix2;
    /// use covprop::prelude::*;
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

    /// Calls `f` with each parameter index k and the derivative ∂M/∂θₖ, in any order, without
    /// building the array of derivatives.
    ///
    /// ```
    /// use covprop::nalgebra::Matrix3;
    /// use covprop::prelude::*;
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

    /// Computes \[∂Mᵀ/∂θₖ u\].
    #[inline]
    #[must_use]
    fn gradient_tr_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, R>,
    ) -> PerParam<Self, SVector<T, C>> {
        collect(self, theta, SVector::zeros(), |derivative, out| derivative.tr_mul(u, out))
    }

    /// Computes M(θ), and checks that every entry is finite.
    ///
    /// # Errors
    ///
    /// - [`Error::Singular`] if the matrix of an [`Inverse`](crate::operator::Inverse) inside this
    ///   one is singular
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::prelude::*;
    ///
    /// let v = ScalarMatrix::<2>::new();
    /// assert_eq!(v.try_value(&[0.0]), Ok(nalgebra::Matrix2::identity()));
    /// assert_eq!(v.try_value(&[f64::NAN]), Err(Error::NotFinite { row: 0, col: 0 }));
    /// ```
    fn try_value(&self, theta: &Theta<Self, T>) -> Result<SMatrix<T, R, C>, Error> {
        checked_value(self, theta)
    }

    /// Computes \[∂M/∂θₖ\], and checks that every entry of M(θ) and of the derivatives is finite.
    ///
    /// # Errors
    ///
    /// Returns an error as [`try_value`](Self::try_value) does, if an entry of the value or of a
    /// derivative is not finite.
    ///
    /// # Stack
    ///
    /// In a debug build, twelve copies of the derivatives are on the stack, two or three more than
    /// [`gradient`](ParamMatrix::gradient) keeps.
    fn try_gradient(&self, theta: &Theta<Self, T>) -> Result<Gradient<Self, T, R, C>, Error> {
        self.try_value(theta)?;
        let gradient = self.gradient(theta);
        gradient.as_ref().iter().try_for_each(check_finite)?;
        Ok(gradient)
    }

    /// Returns the parameters on their natural scale, such as σ² and ρ, in the order of θ. A
    /// parameter that has no transform equals its element of θ.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let r = Ar1Matrix::<3>::new();
    /// assert_eq!(r.params(&[0.0, 0.0]), [1.0, 0.0]);
    /// assert!(r.param_names().eq(["sigma^2", "rho"]));
    /// ```
    #[must_use]
    fn params(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        mapped::<Self::ParamCount, _, _>(theta, |k, x| self.visit_transform(k, Forward(x)))
    }

    /// Returns the derivative dηₖ/dθₖ for each parameter ηₖ on its natural scale, such as a
    /// variance.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let r = Ar1Matrix::<3>::new();
    /// assert_eq!(r.param_derivatives(&[0.0, 0.0]), [2.0, 0.5]); // of e²ˣ and of tanh(x/2)
    /// ```
    #[must_use]
    fn param_derivatives(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        mapped::<Self::ParamCount, _, _>(theta, |k, x| self.visit_transform(k, AsJet(x)).first)
    }

    /// Returns the θ that corresponds to given parameters on their natural scale. The method
    /// `theta_from_params` is the inverse of [`params`](Self::params), which computes the
    /// natural-scale parameters from θ. A parameter at a bound of its range has an infinite element
    /// of θ, such as −∞ for a variance of 0 and ±∞ for a correlation of ±1.
    ///
    /// If the parameters come from a fit, the covariance matrix at the returned θ equals the
    /// covariance matrix of the fit, except for rounding. For parameters that do not come from a
    /// fit, the rounding of an element of θ can change the natural-scale value by more than its own
    /// rounding error. For a variance σ² = e²ˣ, rounding the element x of θ causes a relative error
    /// of up to |2x| ε, where ε is the machine epsilon. At σ² = 1e300, this error is 2e-13.
    ///
    /// # Errors
    ///
    /// Returns [`Error::OutsideCodomain`] for the first parameter whose value does not correspond
    /// to any θₖ, such as a negative variance or a correlation beyond ±1.
    ///
    /// ```
    /// use covprop::prelude::*;
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

    /// Returns the θ that corresponds to given parameters, each given by its name and its value on
    /// the natural scale, in any order.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] that contains the name of a parameter, if the name is missing, unknown,
    /// given twice or shared by two parameters.
    ///
    /// ```
    /// use covprop::prelude::*;
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
        let mut theta = filled::<Self::ParamCount, Option<T>>(None);
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
        let mut out = filled::<Self::ParamCount, T>(T::zero());
        for ((parameter, x), out) in self.param_names().zip(theta.as_ref()).zip(out.as_mut()) {
            let missing = || Error::MissingParameter { name: Text::of(parameter) };
            *out = x.ok_or_else(missing)?;
        }
        Ok(out)
    }

    /// Returns a tree of this matrix and its operands, with their values and derivatives at θ, to
    /// be displayed.
    ///
    /// ```
    /// use covprop::prelude::*;
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
        Tree { matrix: self, theta: copied::<Self::ParamCount, T>(theta) }
    }
}

impl<T: Real, M: ParamMatrix<T, R, C> + ?Sized, const R: usize, const C: usize>
    ParamMatrixExt<T, R, C> for M
{
}
