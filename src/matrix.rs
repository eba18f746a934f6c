//! The two traits on which everything rests: [`Shape`] and [`ParamMatrix`].

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{Const, DimName, RealField, SMatrix, SVector};

use crate::describe::{Expression, Node, Tree, write_head};
use crate::name::{Chained, ParamNames};
use crate::visit::{EachDerivative, EachSecond, IntoBoth, IntoGradient, IntoValue};
use crate::{Error, Extent, Partial, Sum, Text, Visitor};

/// The scalar: `f32`, `f64` or a dual number over them.
pub trait Real: RealField + Copy {}

impl<T: RealField + Copy> Real for T {}

/// The dimensions of a matrix and the number of its parameters, at the type level, and the names of
/// the parameters.
///
/// The three types are all that a matrix of one's own must give; see [`ParamMatrix`] for an example.
pub trait Shape {
    /// The number of rows, `Const<R>`.
    type Rows: DimName;
    /// The number of columns, `Const<C>`.
    type Cols: DimName;
    /// The number P of free parameters, a typenum integer such as [`typenum::U3`] or
    /// [`typenum::U<3>`](typenum::U).
    type Params: ArraySize;

    /// Whether every value and every derivative is symmetric to the last bit. What depends on it,
    /// such as Z G Zᵀ, is then symmetric to the last bit too.
    const SYMMETRIC: bool = false;

    /// Which entries can differ from zero.
    const PATTERN: Pattern = Pattern::Dense;

    /// The operator, where its chains read as one flat list of operands.
    const CHAINED: Chained = Chained::No;

    /// The number of operands, in that list where there is one.
    const OPERANDS: usize = 0;

    /// The column of the only entry in `row` that can differ from zero, for a pattern that has one
    /// entry a row.
    #[inline]
    fn column(&self, row: usize) -> usize {
        row
    }

    /// The name by which this matrix is known as an operand; see [`named`](crate::named).
    fn operand_name(&self) -> Option<&'static str> {
        None
    }

    /// Writes the name of parameter `index`, `theta_0`, `theta_1`, … by default.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "theta_{index}")
    }

    /// The θ to start from; zeros unless a structure says otherwise.
    #[must_use]
    fn defaults(&self) -> Theta<Self, f64> {
        filled::<Self::Params, f64>(0.0)
    }

    /// Writes what [`expression`](Self::expression) displays.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_head::<Self>(out)?;
        if Self::OPERANDS > 0 {
            out.write_str(" (")?;
            self.write_operands(out)?;
            out.write_str(")")?;
        }
        Ok(())
    }

    /// Writes the operands of an operator, for its expression.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let _ = out;
        Ok(())
    }

    /// The expression with its shapes, to be displayed.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let z = DummyMatrix::<12, 3>::from_indices([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    /// let v = CovariancePropagation::new(z, Ar1Matrix::<3>::new());
    /// assert_eq!(
    ///     v.expression().to_string(),
    ///     "CovariancePropagation 12×12 (Z: DummyMatrix 12×3, G: Ar1Matrix 3×3)"
    /// );
    /// ```
    fn expression(&self) -> Expression<'_, Self> {
        Expression(self)
    }

    /// The names of the parameters, in the order of θ.
    fn param_names(&self) -> ParamNames<'_, Self>
    where
        Self: Sized,
    {
        ParamNames::new(self)
    }

    /// The sum of this matrix and another of the same size; `a.plus(b).plus(c)` has the operands
    /// `op_0`, `op_1` and `op_2`.
    fn plus<B>(self, other: B) -> Sum<Self, B>
    where
        Self: Sized,
        B: Extent<Size = <Self as Extent>::Size>,
    {
        Sum { a: self, b: other }
    }
}

/// Which entries of a matrix can differ from zero. Operators choose their loops by it, at compile
/// time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pattern {
    /// Any.
    Dense,
    /// Those of the diagonal.
    Diagonal,
    /// At most one in each row, in the [`column`](Shape::column) that the matrix tells.
    OnePerRow,
}

impl Pattern {
    /// Whether each row has one entry at most.
    #[inline]
    pub(crate) const fn one_per_row(self) -> bool {
        matches!(self, Self::Diagonal | Self::OnePerRow)
    }
}

/// The parameters of a matrix: `[T; P]` for a concrete `M`.
pub type Theta<M, T> = Params<M, T>;

/// The derivatives of a matrix by its parameters: `[SMatrix<T, R, C>; P]` for a concrete `M`.
pub type Gradient<M, T, const R: usize, const C: usize> = Params<M, SMatrix<T, R, C>>;

/// One value for each parameter of a matrix: `[E; P]` for a concrete `M`.
pub type Params<M, E> = <<M as Shape>::Params as ArraySize>::ArrayType<E>;

/// `[[T; P]; P]` for a concrete `M`.
pub type Curvature<M, T> = Params<M, Theta<M, T>>;

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
/// Those after the third never build the array of derivatives. The methods ending in `_into` write where the
/// caller wants: use them for results too large for the stack.
///
/// Evaluation is total: it does not panic, and where the mathematics has no answer the entries are
/// NaN; [`try_value`](Self::try_value) and [`try_gradient`](Self::try_gradient) say so with an error.
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
/// ```
pub trait ParamMatrix<T: Real, const R: usize, const C: usize>:
    Shape<Rows = Const<R>, Cols = Const<C>>
{
    /// M(θ). As [`gradient`](Self::gradient), it must not be written in terms of the other methods: their
    /// default bodies call these two.
    #[must_use]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C>;

    /// \[∂M/∂θₖ\], in the order of θ.
    #[must_use]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C>;

    /// The parameters on their own scale, σ², ρ, …, in the order of θ; θ itself unless a structure
    /// transforms it.
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
        Array::<T, Self::Params>::from_fn(|k| theta[k]).0
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
    /// Every other method has a default body that goes through this one. A structure overrides it to
    /// tell which entries a parameter touches, an operator to combine those of its operands.
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
        if V::SECOND {
            visit_differences(self, theta, visitor);
        }
    }

    /// Calls `f` with each k and ∂M/∂θₖ, in any order; the array of derivatives is not built.
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
    #[inline]
    #[must_use]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Theta<Self, T> {
        collect::<Self, T, R, C, T>(self, theta, T::zero(), |derivative, out| {
            *out = derivative.dot(weights);
        })
    }

    /// \[∂M/∂θₖ u\].
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
    /// Exact for every structure and operator here. For a matrix of one's own that does not offer its
    /// second derivatives in [`visit`](Self::visit), they are central differences of the gradient over
    /// θₗ ± h with h = ε^⅓ max(1, |θₗ|), about ten digits in `f64`.
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
        self.visit(
            theta,
            &mut EachSecond(|k, l, second: Partial<'_, T, R, C>| {
                let x = second.dot(weights);
                put(k, l, x);
                put(l, k, x);
            }),
        );
        curvature
    }

    /// M(θ), where every entry is a number.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the place of the first entry that is infinite or NaN;
    /// [`Error::Singular`] from an `Inverse` itself.
    fn try_value(&self, theta: &Theta<Self, T>) -> Result<SMatrix<T, R, C>, Error> {
        let value = self.value(theta);
        check_finite(&value)?;
        Ok(value)
    }

    /// \[∂M/∂θₖ\], where every entry is a number.
    ///
    /// # Errors
    ///
    /// As [`try_value`](Self::try_value), for each of the derivatives.
    fn try_gradient(&self, theta: &Theta<Self, T>) -> Result<Gradient<Self, T, R, C>, Error> {
        let gradient = self.gradient(theta);
        gradient.as_ref().iter().try_for_each(check_finite)?;
        Ok(gradient)
    }

    /// θ from pairs of a parameter's name and its value, in any order.
    ///
    /// # Errors
    ///
    /// A name that is missing, unknown, given twice or the name of two parameters is an [`Error`] that
    /// names it.
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

/// `[element; P]`.
#[inline]
pub(crate) fn filled<P: ArraySize, E: Copy>(element: E) -> P::ArrayType<E> {
    Array::<E, P>::from_fn(|_| element).0
}

/// `[[0; P]; P]`.
#[inline]
pub(crate) fn square<P: ArraySize, T: Real>() -> P::ArrayType<P::ArrayType<T>> {
    Array::<_, P>::from_fn(|_| filled::<P, T>(T::zero())).0
}

fn check_finite<T: Real, const R: usize, const C: usize>(
    matrix: &SMatrix<T, R, C>,
) -> Result<(), Error> {
    for (col, column) in matrix.data.0.iter().enumerate() {
        if let Some(row) = column.iter().position(|x| !x.is_finite()) {
            return Err(Error::NotFinite { row, col });
        }
    }
    Ok(())
}

/// Offers the second derivatives as central differences of the gradient.
fn visit_differences<M, T, V, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
    visitor: &mut V,
) where
    T: Real,
    M: ParamMatrix<T, R, C> + ?Sized,
    V: Visitor<T, R, C>,
{
    let theta = theta.as_ref();
    for l in 0..theta.len() {
        let h = T::default_epsilon().cbrt() * theta[l].abs().max(T::one());
        let at = |shift: T| {
            let x =
                Array::<T, M::Params>::from_fn(
                    |k| if k == l { theta[k] + shift } else { theta[k] },
                );
            matrix.gradient(&x.0)
        };
        let (above, below) = (at(h), at(-h));
        for (k, (above, below)) in above.as_ref().iter().zip(below.as_ref()).enumerate().take(l + 1)
        {
            visitor.second(k, l, Partial::Dense(&((above - below) / (h + h))));
        }
    }
}

/// One result for each derivative, written by `f` over `start`.
#[inline]
fn collect<M, T, const R: usize, const C: usize, E: Copy>(
    matrix: &M,
    theta: &Theta<M, T>,
    start: E,
    f: impl Fn(Partial<'_, T, R, C>, &mut E),
) -> Params<M, E>
where
    T: Real,
    M: ParamMatrix<T, R, C> + ?Sized,
{
    let mut results = filled::<M::Params, E>(start);
    let slots = results.as_mut();
    matrix.for_each_derivative(theta, |k, derivative| {
        if let Some(slot) = slots.get_mut(k) {
            f(derivative, slot);
        }
    });
    results
}

/// The body of [`ParamMatrix::value`] for a matrix that overrides [`ParamMatrix::visit`].
#[inline]
pub(crate) fn value_by_visit<M, T, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
) -> SMatrix<T, R, C>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let mut value = SMatrix::zeros();
    matrix.value_into(theta, &mut value);
    value
}

/// The body of [`ParamMatrix::gradient`] for a matrix that overrides [`ParamMatrix::visit`].
#[inline]
pub(crate) fn gradient_by_visit<M, T, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
) -> Gradient<M, T, R, C>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let mut gradient = filled::<M::Params, _>(SMatrix::zeros());
    matrix.gradient_into(theta, &mut gradient);
    gradient
}
