//! Aggregate functions for panels of any number of rows.

use std::fmt::{self, Debug};
use std::hash::{Hash, Hasher};
use std::mem::size_of;
use std::sync::Arc;

use covprop::prelude::*;
use datafusion::arrow::array::{Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, EmitTo, GroupsAccumulator,
    ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use crate::digest::Digest;
use crate::report::{Report, fit_type};
use crate::state::State;
use crate::visits::{VisitColumns, is_list_of_numbers, list_of_numbers, wrong_type};

/// The functions for panels of one model, which [`panel`] returns.
#[derive(Clone, Debug)]
pub struct PanelFunctions {
    /// `NAME_panel(x, y)`: adds up subjects, and returns the state of the panel.
    pub panel: AggregateUDF,
    /// `NAME_panel_merge(state)`: adds up states.
    pub merge: AggregateUDF,
    /// `NAME_panel_fit(state)`: fits the model to a state.
    pub fit: ScalarUDF,
}

impl PanelFunctions {
    /// Registers the three functions, for example in a `SessionContext` or a `SessionState`.
    ///
    /// # Errors
    ///
    /// The error of the registry.
    pub fn register(self, registry: &mut dyn FunctionRegistry) -> Result<()> {
        registry.register_udaf(self.panel.into())?;
        registry.register_udaf(self.merge.into())?;
        registry.register_udf(self.fit.into())?;
        Ok(())
    }
}

/// Returns functions that fit a model to one panel, or to a few, with any number of rows. A row is
/// a subject: its covariates x and responses y are lists of numbers as in [`fits`](crate::fits).
///
/// The result of `NAME_panel(x, y)` is the *state* of a panel: its sums, as a `FixedSizeBinary`.
/// States can be stored, for example in Parquet, and merged later with `NAME_panel_merge(state)`.
/// `NAME_panel_fit(state)` returns the same struct as `fits`. The constant `PATTERNS` is the largest
/// number of different sets of visits at which subjects were seen.
///
/// A subject that cannot be added, for example because a number is not finite, makes the fit an
/// error with its text; the query goes on. A stored state contains a digest of the model. If a state
/// of another model, size or version is read, the query ends with an error that names both.
///
/// Merged sums agree with each other to rounding, not to the bit, if the engine adds up the rows in
/// another order.
///
/// ```
/// use covprop::prelude::*;
/// use covprop_datafusion::panel;
/// use datafusion::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> datafusion::error::Result<()> {
/// let line = |x: &[f64; 3]| SMatrix::<f64, 3, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { x[i] });
/// let model = Marginal::new(CompoundSymmetricMatrix::<3>::new());
/// let mut context = SessionContext::new();
/// panel::<_, 3, 2, 1>("growth", model, line).register(&mut context)?;
/// let fit = context
///     .sql(
///         "SELECT growth_panel_fit(growth_panel(x, y))['outcome'] FROM (VALUES
///            ([0.0, 1.0, 2.0], [5.1, 6.0, 7.2]),
///            ([0.0, 1.0, 2.0], [4.2, 5.9, 7.1]),
///            ([0.0, 1.0, 2.0], [5.4, 6.1, 7.8])) AS t(x, y)",
///     )
///     .await?;
/// assert_eq!(fit.count().await?, 1);
/// # Ok(())
/// # }
/// ```
pub fn panel<M, const N: usize, const K: usize, const PATTERNS: usize>(
    name: &str,
    model: M,
    design: impl Fn(&[f64; N]) -> SMatrix<f64, N, K> + Send + Sync + 'static,
) -> PanelFunctions
where
    M: Model<Covariance: ParamMatrix<f64, N, N>> + Clone + Send + Sync + 'static,
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    let digest = Digest::new(|_| model.covariance(), &design);
    let digest = digest.of_size(State::<N, K, PATTERNS>::WIDTH);
    let design: Arc<Design<N, K>> = Arc::new(design);
    let aggregate = |suffix: &str, input| Aggregate::<N, K, PATTERNS> {
        names: Names::new(format!("{name}_{suffix}"), digest),
        signature: Signature::user_defined(Volatility::Immutable),
        input,
        digest,
    };
    let fit = FitState {
        names: Names::new(format!("{name}_panel_fit"), digest),
        signature: Signature::user_defined(Volatility::Immutable),
        fit: Arc::new(move |bytes, report| {
            let state = State::<N, K, PATTERNS>::read(bytes, digest)
                .map_err(|error| exec_datafusion_err!("{error}"))?;
            let fitted = state.sums().map_err(str::to_owned).and_then(|sums| {
                let panel = Panel::from_accumulator(model.clone(), *sums);
                let estimation = panel.estimation();
                estimation
                    .and_then(|estimation| report.fit(&estimation))
                    .map_err(|error| error.to_string())
            });
            if let Err(error) = fitted {
                report.append_error(&error);
            }
            Ok(())
        }),
    };
    PanelFunctions {
        panel: AggregateUDF::new_from_impl(aggregate("panel", Input::Subjects(design))),
        merge: AggregateUDF::new_from_impl(aggregate("panel_merge", Input::States)),
        fit: ScalarUDF::new_from_impl(fit),
    }
}

type Design<const N: usize, const K: usize> = dyn Fn(&[f64; N]) -> SMatrix<f64, N, K> + Send + Sync;

/// The name of a function with the digest of its model, and the name without it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Names {
    name: String,
    aliases: [String; 1],
}

impl Names {
    fn new(alias: String, digest: Digest) -> Self {
        Self { name: format!("{alias}_{digest}"), aliases: [alias] }
    }
}

/// What an aggregate function adds up.
enum Input<const N: usize, const K: usize> {
    /// The columns x and y of subjects, of which the callback returns X.
    Subjects(Arc<Design<N, K>>),
    /// A column of states.
    States,
}

impl<const N: usize, const K: usize> Clone for Input<N, K> {
    fn clone(&self) -> Self {
        match self {
            Self::Subjects(design) => Self::Subjects(design.clone()),
            Self::States => Self::States,
        }
    }
}

/// An aggregate function whose result is the state of a panel.
#[derive(Clone)]
struct Aggregate<const N: usize, const K: usize, const PATTERNS: usize> {
    names: Names,
    signature: Signature,
    input: Input<N, K>,
    digest: Digest,
}

impl<const N: usize, const K: usize, const PATTERNS: usize> Aggregate<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    const WIDTH: i32 = State::<N, K, PATTERNS>::WIDTH as i32;

    fn sums(&self) -> PanelSums<N, K, PATTERNS> {
        PanelSums { input: self.input.clone(), digest: self.digest, states: Vec::new() }
    }
}

impl<const N: usize, const K: usize, const PATTERNS: usize> AggregateUDFImpl
    for Aggregate<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    fn name(&self) -> &str {
        &self.names.name
    }

    fn aliases(&self) -> &[String] {
        &self.names.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::FixedSizeBinary(Self::WIDTH))
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let name = &self.names.aliases[0];
        match (&self.input, types) {
            (Input::Subjects(_), [x, y]) => {
                for (argument, found) in [("x", x), ("y", y)] {
                    if !is_list_of_numbers(found) {
                        return wrong_type(name, argument, "a list of numbers", found);
                    }
                }
                Ok(vec![list_of_numbers(); 2])
            }
            (Input::States, [state]) => Ok(vec![state_type(name, state)?]),
            (Input::Subjects(_), _) => {
                exec_err!("{name} has two arguments, x and y, but was given {}", types.len())
            }
            (Input::States, _) => {
                exec_err!("{name} has one argument, a state, but was given {}", types.len())
            }
        }
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup(self.sums())))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format!("{}[state]", args.name);
        Ok(vec![Arc::new(Field::new(name, DataType::FixedSizeBinary(Self::WIDTH), false))])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.sums()))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue> {
        OneGroup(self.sums()).evaluate()
    }
}

/// Returns the type to which a column of states is cast.
fn state_type(function: &str, found: &DataType) -> Result<DataType> {
    match found {
        DataType::FixedSizeBinary(_)
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView => Ok(DataType::Binary),
        _ => wrong_type(function, "the state", "a binary", found),
    }
}

impl<const N: usize, const K: usize, const PATTERNS: usize> Debug for Aggregate<N, K, PATTERNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregate").field("name", &self.names.name).finish_non_exhaustive()
    }
}

// The name contains the digest of the model.
impl<const N: usize, const K: usize, const PATTERNS: usize> PartialEq
    for Aggregate<N, K, PATTERNS>
{
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl<const N: usize, const K: usize, const PATTERNS: usize> Eq for Aggregate<N, K, PATTERNS> {}

impl<const N: usize, const K: usize, const PATTERNS: usize> Hash for Aggregate<N, K, PATTERNS> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.names.hash(state);
    }
}

/// The states of the groups of an aggregation.
struct PanelSums<const N: usize, const K: usize, const PATTERNS: usize> {
    input: Input<N, K>,
    digest: Digest,
    states: Vec<State<N, K, PATTERNS>>,
}

impl<const N: usize, const K: usize, const PATTERNS: usize> PanelSums<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    /// Adds each row to the state at the index that `place` returns for it, or ignores the row if
    /// there is none.
    fn add_rows(
        &self,
        values: &[ArrayRef],
        states: &mut [State<N, K, PATTERNS>],
        place: impl Fn(usize) -> Option<usize>,
    ) -> Result<()> {
        match (&self.input, values) {
            (Input::Subjects(design), [x, y]) => {
                let columns = VisitColumns::new(x, y)?;
                for row in 0..x.len() {
                    let Some(place) = place(row) else { continue };
                    states[place].push(columns.visits(row), design.as_ref());
                }
                Ok(())
            }
            (Input::States, [others]) => self.merge_rows(others, states, place),
            _ => exec_err!("wrong number of arguments: {}", values.len()),
        }
    }

    /// Merges each row of a column of states, except null, into the state at the index that `place`
    /// returns for it.
    fn merge_rows(
        &self,
        others: &ArrayRef,
        states: &mut [State<N, K, PATTERNS>],
        place: impl Fn(usize) -> Option<usize>,
    ) -> Result<()> {
        for (row, bytes) in bytes_of(others)?.into_iter().enumerate() {
            let (Some(bytes), Some(place)) = (bytes, place(row)) else { continue };
            let other = State::read(bytes, self.digest);
            states[place].merge(&other.map_err(|error| exec_datafusion_err!("{error}"))?);
        }
        Ok(())
    }

    /// Returns the states, of which there are `count` at least, and leaves none.
    fn take(&mut self, count: usize) -> Vec<State<N, K, PATTERNS>> {
        self.states.resize_with(count.max(self.states.len()), State::new);
        std::mem::take(&mut self.states)
    }

    /// Returns states as a column.
    fn column(&self, states: &[State<N, K, PATTERNS>]) -> Result<ArrayRef> {
        let width = State::<N, K, PATTERNS>::WIDTH;
        let mut bytes = Vec::with_capacity(states.len() * width);
        for state in states {
            state
                .write(self.digest, &mut bytes)
                .map_err(|error| exec_datafusion_err!("{error}"))?;
        }
        Ok(Arc::new(FixedSizeBinaryArray::try_new(width as i32, bytes.into(), None)?))
    }
}

/// Returns the bytes in each row of a binary column.
fn bytes_of(column: &ArrayRef) -> Result<Vec<Option<&[u8]>>> {
    let any = column.as_any();
    if let Some(states) = any.downcast_ref::<FixedSizeBinaryArray>() {
        Ok(states.iter().collect())
    } else if let Some(states) = any.downcast_ref::<BinaryArray>() {
        Ok(states.iter().collect())
    } else {
        exec_err!("a state must be a binary, but is {}", column.data_type())
    }
}

impl<const N: usize, const K: usize, const PATTERNS: usize> GroupsAccumulator
    for PanelSums<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let mut states = self.take(total_num_groups);
        let added = self.add_rows(values, &mut states, |row| {
            is_selected(opt_filter, row).then(|| group_indices[row])
        });
        self.states = states;
        added
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let mut states = self.take(total_num_groups);
        let merged = self.merge_rows(&values[0], &mut states, |row| Some(group_indices[row]));
        self.states = states;
        merged
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let emitted = emit_to.take_needed(&mut self.states);
        self.column(&emitted)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let count = values.first().map_or(0, |column| column.len());
        let mut states = vec![State::new(); count];
        self.add_rows(values, &mut states, |row| is_selected(opt_filter, row).then_some(row))?;
        Ok(vec![self.column(&states)?])
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.states.capacity() * size_of::<State<N, K, PATTERNS>>()
    }
}

/// Returns `true` if a filter selects a row.
fn is_selected(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

/// An aggregation without groups.
struct OneGroup<const N: usize, const K: usize, const PATTERNS: usize>(PanelSums<N, K, PATTERNS>);

impl<const N: usize, const K: usize, const PATTERNS: usize> Debug for OneGroup<N, K, PATTERNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneGroup").finish_non_exhaustive()
    }
}

impl<const N: usize, const K: usize, const PATTERNS: usize> Accumulator for OneGroup<N, K, PATTERNS>
where
    ScalarMatrix<N>: ParamMatrix<f64, N, N>,
{
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |column| column.len());
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |column| column.len());
        GroupsAccumulator::merge_batch(&mut self.0, states, &vec![0; rows], 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.states.resize_with(1, State::new);
        ScalarValue::try_from_array(&self.0.column(&self.0.states)?, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn size(&self) -> usize {
        GroupsAccumulator::size(&self.0)
    }
}

type FitBytes = dyn Fn(&[u8], &mut Report) -> Result<()> + Send + Sync;

/// The scalar function that fits a state.
struct FitState {
    names: Names,
    signature: Signature,
    fit: Arc<FitBytes>,
}

impl ScalarUDFImpl for FitState {
    fn name(&self) -> &str {
        &self.names.name
    }

    fn aliases(&self) -> &[String] {
        &self.names.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(fit_type())
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let name = &self.names.aliases[0];
        match types {
            [state] => Ok(vec![state_type(name, state)?]),
            _ => exec_err!("{name} has one argument, a state, but was given {}", types.len()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let mut report = Report::default();
        for column in &columns {
            for bytes in bytes_of(column)? {
                match bytes {
                    Some(bytes) => (self.fit)(bytes, &mut report)?,
                    None => report.append_null(),
                }
            }
        }
        Ok(ColumnarValue::Array(report.finish()))
    }
}

impl Debug for FitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitState").field("name", &self.names.name).finish_non_exhaustive()
    }
}

// The name contains the digest of the model.
impl PartialEq for FitState {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}

impl Eq for FitState {}

impl Hash for FitState {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.names.hash(state);
    }
}
