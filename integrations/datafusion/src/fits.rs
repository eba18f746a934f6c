//! A scalar function that fits one model to each list of subjects.

use std::cmp::Ordering;
use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use covprop::prelude::*;
use covprop::reml::{Estimation, HeapPanel, Observations};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, make_comparator};
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::digest::Digest;
use crate::report::{Report, fit_type};
use crate::visits::{VisitColumns, Visits, is_list_of_numbers, list_of_numbers, wrong_type};

/// Returns a scalar function that fits a model to a list of subjects by restricted maximum
/// likelihood. All subjects share the covariance matrix V of the model.
///
/// # Arguments in SQL
///
/// One list of structs with the fields `subject`, `x` and `y`, such as
/// `array_agg(struct(subject, x, y))`. If the fields have other names, their order counts. A
/// subject is of any type that can be compared. The lists x and y have one number for each visit.
/// The callback `design` returns X for the covariates x of a subject. A null y is a missing visit,
/// and visits after the end of the lists are missing.
///
/// # Result
///
/// A struct with these fields. All numbers are `Float64`, and all lists are lists of numbers.
///
/// | field | value |
/// |---|---|
/// | `outcome` | `converged`, `boundary`, `not identified`, `iteration limit` or `stalled` |
/// | `theta`, `params` | the parameters θ, and their values on the natural scale |
/// | `beta`, `standard_errors`, `degrees_of_freedom` | the coefficients of X, with Satterthwaite's degrees of freedom; null if a coefficient is not estimable |
/// | `log_likelihood` | the restricted log-likelihood |
/// | `observations`, `steps` | the number of observations, and of steps of the search (`UInt64`) |
/// | `decrement`, `smallest_eigenvalue` | the [certificate](covprop::optimise::Certificate) |
/// | `error` | why there is no fit: all other fields are null |
///
/// A list that cannot be fitted does not end the query. The result for a null list is null in all
/// fields.
///
/// # Reproducibility
///
/// Subjects are sorted before a fit. The result therefore has the same bits for any order of the
/// subjects, and for any partitioning, batch size and number of threads. The same subject twice is
/// an error. The name of the function is `name` followed by a digest of the model, and `name` is an
/// alias. A cluster finds functions by name, so that an executor with another model answers with an
/// error. The digest includes numbers of the model and of `design`: a callback whose numbers are not
/// the same bits on all machines of a cluster, for example because it calls `f64::sin`, gives them
/// different names.
pub fn fits<M, const N: usize, const K: usize>(
    name: &str,
    model: M,
    design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K> + Send + Sync + 'static,
) -> ScalarUDF
where
    M: Model<Covariance: ParamMatrix<f64, N, N>> + Clone + Send + Sync + 'static,
{
    let digest = Digest::new(|_| model.covariance(), &design);
    FitFunction::scalar_udf(name, digest, move |group, report| {
        fit_panel(&model, &design, group, report)
    })
}

/// Returns a scalar function that fits a model to a list of subjects, whose covariance matrices
/// depend on their covariates, for example because the random design Z has subject-specific times.
///
/// The callback `model` returns the model of a subject with the covariates x, and `design` its X.
/// The covariates of a missing visit are as they are in the list, or 0 if they are null. All else is
/// as in [`fits`].
///
/// ```
/// use covprop::prelude::*;
/// use covprop_datafusion::fits_by_subject;
///
/// let line = |x: &[f64; 4]| SMatrix::<f64, 4, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { x[i] });
/// let model = move |x: &[f64; 4]| {
///     MixedModel::new(line(x), LogCholeskyMatrix::<2>::new(), ScalarMatrix::<4>::new())
/// };
/// let function = fits_by_subject("fit_growth", model, line);
/// assert_eq!(function.aliases(), ["fit_growth"]);
/// ```
pub fn fits_by_subject<M, const N: usize, const K: usize>(
    name: &str,
    model: impl Fn(&[f64; N]) -> M + Send + Sync + 'static,
    design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K> + Send + Sync + 'static,
) -> ScalarUDF
where
    M: Model<Covariance: ParamMatrix<f64, N, N> + Clone> + Clone + 'static,
{
    let digest = Digest::new(|x| model(x).covariance().clone(), &design);
    FitFunction::scalar_udf(name, digest, move |group, report| {
        fit_subjects(&model, &design, group, report)
    })
}

fn fit_panel<M, const N: usize, const K: usize>(
    model: &M,
    design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K>,
    group: &Group,
    report: &mut Report,
) -> Result<(), String>
where
    M: Model<Covariance: ParamMatrix<f64, N, N>> + Clone,
{
    let subjects = group.visits::<N>()?;
    let mut seen = subjects
        .iter()
        .map(|(_, visits)| visits.observed)
        .filter(|observed| observed.contains(&true));
    let first = seen.next();
    if seen.all(|observed| Some(observed) == first) {
        // Such a panel is fitted in fewer rows than a panel with several sets of visits.
        let mut panel = Panel::<_, f64, N, K>::new(model.clone());
        for (row, visits) in &subjects {
            let x = design(&visits.x);
            let pushed = panel.push_observed(&x, &visits.y, &visits.observed);
            pushed.map_err(|error| group.name_subject(*row, error))?;
        }
        return fit(report, panel.estimation());
    }
    let mut panel = HeapPanel::<_, f64, N, K>::new(model.clone());
    for (row, visits) in &subjects {
        let pushed = panel.push_observed(&design(&visits.x), &visits.y, &visits.observed);
        pushed.map_err(|error| group.name_subject(*row, error))?;
    }
    fit(report, panel.estimation())
}

fn fit_subjects<M, const N: usize, const K: usize>(
    model: impl Fn(&[f64; N]) -> M,
    design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K>,
    group: &Group,
    report: &mut Report,
) -> Result<(), String>
where
    M: Model<Covariance: ParamMatrix<f64, N, N>> + Clone,
{
    let subjects = group.visits::<N>()?;
    let subject = |(_, visits): &(usize, Visits<N>)| {
        let Visits { x, y, observed } = visits;
        Subject::new(model(x), design(x), *y).with_observed(*observed)
    };
    let list: Vec<_> = subjects.iter().map(subject).collect();
    let of_list = Subjects::new(&list[..]).map_err(|error| error.to_string())?;
    if let Some((i, error)) = of_list.find_invalid() {
        return Err(group.name_subject(subjects[i].0, error));
    }
    fit(report, of_list.estimation())
}

fn fit<V, D, const N: usize, const K: usize>(
    report: &mut Report,
    estimation: Result<Estimation<'_, V, D, f64, N, K>, covprop::Error>,
) -> Result<(), String>
where
    V: ParamMatrix<f64, N, N>,
    D: Observations<V, f64, N, K>,
{
    estimation.and_then(|estimation| report.fit(&estimation)).map_err(|error| error.to_string())
}

/// The subjects of one list.
struct Group<'a> {
    columns: &'a Columns,
    /// The rows of the subjects, sorted by subject.
    rows: &'a [usize],
}

impl Group<'_> {
    /// Returns the row and the visits of each subject.
    fn visits<const N: usize>(&self) -> Result<Vec<(usize, Visits<N>)>, String> {
        let of_row = |&row: &usize| {
            let visits = self.columns.visits.visits(row);
            visits.map(|visits| (row, visits)).map_err(|error| self.name_subject(row, error))
        };
        self.rows.iter().map(of_row).collect()
    }

    /// Returns the text of an error of the subject in a row.
    fn name_subject(&self, row: usize, error: impl fmt::Display) -> String {
        format!("subject {}: {error}", self.columns.subject_name(row))
    }
}

/// The columns of all subjects in a batch.
struct Columns {
    subject: ArrayRef,
    visits: VisitColumns,
    /// The structs of subjects, any of which may be null.
    structs: StructArray,
}

impl Columns {
    fn new(structs: &StructArray) -> Result<Self> {
        let [subject, x, y] = fields_of(structs.fields());
        Ok(Self {
            subject: structs.column(subject).clone(),
            visits: VisitColumns::new(structs.column(x), structs.column(y))?,
            structs: structs.clone(),
        })
    }

    fn subject_name(&self, row: usize) -> String {
        array_value_to_string(&self.subject, row).unwrap_or_else(|_| "?".to_owned())
    }
}

/// Returns the indices of the fields `subject`, `x` and `y`, or 0, 1 and 2 if the fields have other
/// names.
fn fields_of(fields: &Fields) -> [usize; 3] {
    let [subject, x, y] =
        ["subject", "x", "y"].map(|name| fields.find(name).map(|(index, _)| index));
    match (subject, x, y) {
        (Some(subject), Some(x), Some(y)) => [subject, x, y],
        _ => [0, 1, 2],
    }
}

type FitGroup = dyn Fn(&Group, &mut Report) -> Result<(), String> + Send + Sync;

/// The scalar function.
struct FitFunction {
    name: String,
    aliases: Vec<String>,
    signature: Signature,
    fit: Arc<FitGroup>,
}

impl FitFunction {
    /// Returns the function as the engine's type.
    fn scalar_udf(
        name: &str,
        digest: Digest,
        fit: impl Fn(&Group, &mut Report) -> Result<(), String> + Send + Sync + 'static,
    ) -> ScalarUDF {
        ScalarUDF::new_from_impl(Self {
            name: format!("{name}_{digest}"),
            aliases: vec![name.to_owned()],
            signature: Signature::user_defined(Volatility::Immutable),
            fit: Arc::new(fit),
        })
    }

    /// Writes the fit of the list in each row.
    fn fit_all(&self, lists: &ListArray) -> Result<Report> {
        let structs = lists.values().as_struct();
        let columns = Columns::new(structs)?;
        let order = SortOptions::default();
        let compare = make_comparator(&columns.subject, &columns.subject, order)?;
        let mut report = Report::default();
        let mut rows = Vec::new();
        for (list, places) in lists.value_offsets().windows(2).enumerate() {
            if lists.is_null(list) {
                report.append_null();
                continue;
            }
            rows.clear();
            rows.extend(places[0] as usize..places[1] as usize);
            rows.sort_unstable_by(|&a, &b| compare(a, b));
            let group = Group { columns: &columns, rows: &rows };
            let fit = check(&group, &compare).and_then(|()| (self.fit)(&group, &mut report));
            if let Err(error) = fit {
                report.append_error(&error);
            }
        }
        Ok(report)
    }
}

/// Returns an error if a subject is null, or occurs twice.
fn check(group: &Group, compare: &dyn Fn(usize, usize) -> Ordering) -> Result<(), String> {
    let Group { columns, rows } = *group;
    if rows.iter().any(|&row| columns.structs.is_null(row) || columns.subject.is_null(row)) {
        return Err("a subject is null".to_owned());
    }
    let twice = rows.windows(2).find(|pair| compare(pair[0], pair[1]).is_eq());
    twice.map_or(Ok(()), |pair| Err(group.name_subject(pair[0], "occurs more than once")))
}

impl ScalarUDFImpl for FitFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(fit_type())
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let name = &self.aliases[0];
        let expected = "a list of structs of subject, x and y";
        let [found] = types else {
            return exec_err!("{name} has one argument, {expected}, but was given {}", types.len());
        };
        let (DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _)) =
            found
        else {
            return wrong_type(name, "the argument", expected, found);
        };
        let DataType::Struct(fields) = item.data_type() else {
            return wrong_type(name, "the argument", expected, found);
        };
        if fields.len() < 3 {
            return wrong_type(name, "the argument", expected, found);
        }
        let [_, x, y] = fields_of(fields);
        let mut coerced: Vec<Arc<Field>> = fields.iter().cloned().collect();
        for (field, name_of_field) in [(x, "x"), (y, "y")] {
            if !is_list_of_numbers(fields[field].data_type()) {
                return wrong_type(
                    name,
                    name_of_field,
                    "a list of numbers",
                    fields[field].data_type(),
                );
            }
            let as_numbers = fields[field].as_ref().clone().with_data_type(list_of_numbers());
            coerced[field] = Arc::new(as_numbers);
        }
        let item = item.as_ref().clone().with_data_type(DataType::Struct(coerced.into()));
        Ok(vec![DataType::List(Arc::new(item))])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [lists] = ColumnarValue::values_to_arrays(&args.args)?.try_into().map_err(|_| {
            datafusion::error::DataFusionError::Internal(format!("{} has one argument", self.name))
        })?;
        let Some(lists) = lists.as_list_opt::<i32>() else {
            return wrong_type(&self.name, "the argument", "a list", lists.data_type());
        };
        Ok(ColumnarValue::Array(self.fit_all(lists)?.finish()))
    }
}

impl Debug for FitFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitFunction").field("name", &self.name).finish_non_exhaustive()
    }
}

// The name contains the digest of the model.
impl PartialEq for FitFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for FitFunction {}

impl Hash for FitFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
