//! The display of a fit as a table.

use core::cmp::Ordering;
use core::fmt::{self, Debug, Display};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::algebra::shape::name::{Padded, count_chars};
use crate::base::digits::Digits;
use crate::base::error::Error;
use crate::base::error::text::Text;
use crate::base::scalar::Real;
use crate::inference::contrast::{Contrast, p_value_text};
use crate::optimise::outcome::Outcome;
use crate::reml::criterion::Criterion;
use crate::reml::fit::Fit;
use crate::transform::Limits;

/// The display of a [`Fit`] as a table: its outcome, the likelihood, the parameters of V and the
/// fixed effects.
pub struct Table<'f, 'a, M: Shape, T, const N: usize, const K: usize> {
    pub(super) fit: &'f Fit<'a, M, T, N, K>,
    pub(super) fixed_names: Option<[&'f str; K]>,
    pub(super) tests: Option<[Result<Contrast<T>, Error>; K]>,
}

impl<M: Shape, T: Copy, const N: usize, const K: usize> Clone for Table<'_, '_, M, T, N, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Shape, T: Copy, const N: usize, const K: usize> Copy for Table<'_, '_, M, T, N, K> {}

impl<M, T, const N: usize, const K: usize> Debug for Table<'_, '_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("fit", self.fit)
            .field("fixed_names", &self.fixed_names)
            .field("tests", &self.tests)
            .finish()
    }
}

impl<M: Shape, T, const N: usize, const K: usize> Table<'_, '_, M, T, N, K> {
    /// Adds tests of the fixed effects, from [`Inference`](crate::inference::Inference) or
    /// [`KenwardRoger`](crate::inference::KenwardRoger), with their standard errors, degrees of
    /// freedom and p-values. The table shows dashes for a fixed effect without a test.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(named("error", ScalarMatrix::<4>::new()));
    /// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let fit = estimation.fit()?;
    /// let tests = estimation.inference(&fit)?.coefficients();
    /// let table = fit.table(["mean"]).with_tests(tests).to_string();
    /// let line = table.lines().last().unwrap();
    /// // t(3) = √15
    /// assert_eq!(
    ///     line.split_whitespace().collect::<Vec<_>>(),
    ///     ["mean", "2.500000", "0.645497", "3.00", "3.872983", "0.0305"]
    /// );
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub fn with_tests(self, tests: [Result<Contrast<T>, Error>; K]) -> Self {
        Self { tests: Some(tests), ..self }
    }
}

/// The width of a column of numbers.
const NUMBER: usize = 13;
/// The width of the column of degrees of freedom.
const DEGREES: usize = 10;
/// The least width of the column of names.
const NAMES: usize = 22;

impl<'a, M, T, const N: usize, const K: usize> Fit<'a, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns the table of the fit, with these names for the fixed effects. Next to a variance or
    /// a parameter `sd_i`, the table also shows the standard deviation. Next to a covariance or a
    /// parameter `L_i_j` of a [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix), the table
    /// also shows the correlation.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(named("error", ScalarMatrix::<4>::new()));
    /// let fit = model.fit(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let table = fit.table(["mean"]).to_string();
    /// let line = table.lines().last().unwrap();
    /// assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["mean", "2.500000", "0.645497", "3.872983"]);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn table<'f>(&'f self, fixed_names: [&'f str; K]) -> Table<'f, 'a, M, T, N, K> {
        Table { fit: self, fixed_names: Some(fixed_names), tests: None }
    }
}

impl<M, T, const N: usize, const K: usize> Display for Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&Table { fit: self, fixed_names: None, tests: None }, f)
    }
}

impl<M, T, const N: usize, const K: usize> Debug for Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fit")
            .field("criterion", &self.criterion)
            .field("outcome", &self.outcome)
            .field("theta", &self.theta.as_ref())
            .field("params", &self.params.as_ref())
            .field("beta", &self.beta)
            .field("log_likelihood", &self.log_likelihood)
            .finish_non_exhaustive()
    }
}

impl<M, T, const N: usize, const K: usize> Display for Table<'_, '_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fit = self.fit;
        let criterion = match fit.criterion {
            Criterion::Reml => "restricted maximum likelihood",
            Criterion::Ml => "maximum likelihood",
        };
        write!(f, "Fit by {criterion}: ")?;
        self.write_outcome(f)?;
        writeln!(
            f,
            "{} observations, {} parameters, log-likelihood {:.4}, AIC {:.3}, BIC {:.3}",
            fit.observations,
            fit.parameter_count(),
            fit.log_likelihood,
            fit.aic(),
            fit.bic()
        )?;
        writeln!(f, "Certificate: {}", fit.certificate())?;

        let width = self.names_width();
        if !fit.params.as_ref().is_empty() {
            write!(f, "\n{}{:>NUMBER$}", Padded("Covariance parameters", width), "Estimate")?;
            writeln!(f, "{:>NUMBER$}{:>NUMBER$}", "Std.Dev.", "Corr.")?;
        }
        for (k, (name, &param)) in fit.model.param_names().zip(fit.params.as_ref()).enumerate() {
            write!(f, "{}{:>NUMBER$}", Padded(&name, width), Digits::of(param))?;
            match self.meaning(k, Text::of(name).as_str(), param) {
                Meaning::Deviation(x) => write!(f, "{:>NUMBER$}", Digits::of(x))?,
                // If a variance is zero, the correlation is undefined.
                Meaning::Correlation(x) if x.is_finite() => {
                    write!(f, "{:NUMBER$}{:>NUMBER$}", "", Digits::of(x))?;
                }
                Meaning::Correlation(_) | Meaning::Other => {}
            }
            if fit.outcome.edge(k).is_some() {
                f.write_str("  (boundary)")?;
            }
            writeln!(f)?;
        }

        if K > 0 {
            write!(f, "\n{}{:>NUMBER$}", Padded("Fixed effects", width), "Estimate")?;
            write!(f, "{:>NUMBER$}", "Std.Error")?;
            if self.tests.is_some() {
                write!(f, "{:>DEGREES$}{:>NUMBER$}{:>NUMBER$}", "df", "t value", "P(>|t|)")?;
            } else {
                write!(f, "{:>NUMBER$}", "t value")?;
            }
        }
        let errors = fit.beta_standard_errors();
        for (j, (&beta, &error)) in fit.beta.iter().zip(errors.iter()).enumerate() {
            writeln!(f)?;
            match self.fixed_names.and_then(|names| names.get(j).copied()) {
                Some(name) => write!(f, "{}", Padded(name, width))?,
                None => write!(f, "{}", Padded(format_args!("x{j}"), width))?,
            }
            match self.tests.as_ref().and_then(|tests| tests.get(j)) {
                None if error.is_finite() => write!(
                    f,
                    "{:>NUMBER$}{:>NUMBER$}{:>NUMBER$}",
                    Digits::of(beta),
                    Digits::of(error),
                    Digits::of(beta / error)
                )?,
                None => write!(f, "{:>NUMBER$}{:>NUMBER$}{:>NUMBER$}", Digits::of(beta), "-", "-")?,
                Some(Err(_)) => write!(
                    f,
                    "{:>NUMBER$}{:>NUMBER$}{:>DEGREES$}{:>NUMBER$}{:>NUMBER$}",
                    Digits::of(beta),
                    "-",
                    "-",
                    "-",
                    "-"
                )?,
                Some(Ok(test)) => write!(
                    f,
                    "{:>NUMBER$}{:>NUMBER$}{:>DEGREES$.2}{:>NUMBER$}{:>NUMBER$}",
                    Digits::of(test.estimate),
                    Digits::of(test.standard_error),
                    test.degrees_of_freedom,
                    Digits::of(test.statistic()),
                    p_value_text(test.p_value()).as_str()
                )?,
            }
        }
        Ok(())
    }
}

/// The quantity that the table shows next to a parameter of V, such as a standard deviation or a
/// correlation.
enum Meaning<T> {
    /// A standard deviation.
    Deviation(T),
    Correlation(T),
    Other,
}

impl<M, T, const N: usize, const K: usize> Table<'_, '_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    fn write_outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.fit.iterations;
        let steps = if count == 1 { "step" } else { "steps" };
        match &self.fit.outcome {
            Outcome::Converged => writeln!(f, "converged in {count} {steps}"),
            Outcome::Boundary(edges) => {
                write!(f, "converged in {count} {steps} to the boundary,")?;
                let mut separator = " ";
                for (k, name) in self.fit.model.param_names().enumerate() {
                    if edges.as_ref().get(k).copied().flatten().is_some() {
                        write!(f, "{separator}{name} = {}", self.fit.params.as_ref()[k])?;
                        separator = ", ";
                    }
                }
                writeln!(f)
            }
            Outcome::NotIdentified(combination) => {
                f.write_str("not identified, the data do not tell θ along")?;
                for (name, &x) in self.fit.model.param_names().zip(combination.as_ref()) {
                    if !x.is_zero() {
                        write!(f, " {x:+.3}·{name}")?;
                    }
                }
                writeln!(f)
            }
            Outcome::MaxIterations => writeln!(f, "NOT converged in {count} {steps}"),
            Outcome::Stalled => writeln!(f, "NOT converged, stalled after {count} {steps}"),
        }
    }

    /// Returns the width of the column of names, which is the length of the longest name plus one
    /// space.
    fn names_width(&self) -> usize {
        let of_params = self.fit.model.param_names().map(count_chars);
        let of_fixed = self.fixed_names.iter().flatten().map(count_chars);
        of_params.chain(of_fixed).fold(NAMES, usize::max) + 1
    }

    /// Returns the quantity that the table shows next to parameter k. This quantity depends on the
    /// name of the parameter and on the bounds of its transform.
    fn meaning(&self, k: usize, name: &str, param: T) -> Meaning<T> {
        let (path, own) = name.split_at(name.rfind('/').map_or(0, |at| at + 1));
        let mut parts = own.split('_');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("sigma^2"), ..) if self.is_positive(k) => Meaning::Deviation(param.sqrt()),
            (Some("sigma^2"), Some(i), Some(j), None) if i != j => {
                let of = |i: &str| self.param(format_args!("{path}sigma^2_{i}_{i}"));
                let product = of(i).zip(of(j)).map(|(a, b)| a * b);
                product.map_or(Meaning::Other, |x| Meaning::Correlation(param / x.sqrt()))
            }
            (Some("sd"), Some(_), None, None) if self.is_positive(k) => Meaning::Deviation(param),
            (Some("L"), Some(i), Some(j), None) => match (i.parse(), j.parse()) {
                (Ok(i), Ok(j)) if j < i => self
                    .correlation_of_rows(path, i, j)
                    .map_or(Meaning::Other, Meaning::Correlation),
                _ => Meaning::Other,
            },
            _ => Meaning::Other,
        }
    }

    fn is_positive(&self, k: usize) -> bool {
        let [lowest, _] = self.fit.model.visit_transform(k, Limits::<T>::new());
        lowest.is_zero()
    }

    /// Returns the value of the parameter called `name`, or `None` if no parameter has this name.
    fn param(&self, name: fmt::Arguments<'_>) -> Option<T> {
        let name = Text::of(name);
        let k = self.fit.model.param_names().position(|own| Text::of(own) == name)?;
        self.fit.params.as_ref().get(k).copied()
    }

    /// Returns the correlation between variables i > j, computed from the entries `L_i_j` of a unit
    /// lower triangular factor. Returns `None` if the model has no parameter `sd_i` for a standard
    /// deviation.
    fn correlation_of_rows(&self, path: &str, i: usize, j: usize) -> Option<T> {
        self.param(format_args!("{path}sd_{i}"))?;
        let entry = |row: usize, col: usize| match row.cmp(&col) {
            Ordering::Less => Some(T::zero()),
            Ordering::Equal => Some(T::one()),
            Ordering::Greater => self.param(format_args!("{path}L_{row}_{col}")),
        };
        let product = |a: usize, b: usize| {
            let mut terms = (0..=i).map(|col| Some(entry(a, col)? * entry(b, col)?));
            terms.try_fold(T::zero(), |sum, x| Some(sum + x?))
        };
        Some(product(i, j)? / (product(i, i)? * product(j, j)?).sqrt())
    }
}
