//! The visits of subjects in columns of Arrow.

use covprop::prelude::SVector;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListArray};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;

/// The type of a column of lists of numbers.
pub(crate) fn list_of_numbers() -> DataType {
    DataType::List(Field::new_list_field(DataType::Float64, true).into())
}

/// Returns `true` if values of the type can be cast to lists of numbers.
pub(crate) fn is_list_of_numbers(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::FixedSizeList(field, _)
        | DataType::ListView(field) => {
            field.data_type().is_numeric() || field.data_type().is_null()
        }
        _ => false,
    }
}

/// The visits of one subject, in the order of the model's rows.
#[derive(Clone, Copy)]
pub(crate) struct Visits<const N: usize> {
    /// The covariates. A visit after the last one of the subject has the covariate 0.
    pub(crate) x: [f64; N],
    pub(crate) y: SVector<f64, N>,
    pub(crate) observed: [bool; N],
}

/// The columns x and y, whose rows are subjects.
pub(crate) struct VisitColumns {
    x: ListArray,
    y: ListArray,
    x_values: Float64Array,
    y_values: Float64Array,
}

impl VisitColumns {
    /// Returns the visits in two columns of lists of numbers.
    pub(crate) fn new(x: &ArrayRef, y: &ArrayRef) -> Result<Self> {
        let lists = |column: &ArrayRef| {
            let lists = column.as_list_opt::<i32>().cloned()?;
            let values = lists.values().as_primitive_opt::<Float64Type>().cloned()?;
            Some((lists, values))
        };
        let (Some((x, x_values)), Some((y, y_values))) = (lists(x), lists(y)) else {
            return exec_err!(
                "x and y must be lists of Float64, but are {} and {}",
                x.data_type(),
                y.data_type()
            );
        };
        Ok(Self { x, y, x_values, y_values })
    }

    /// Returns the visits of the subject in a row. A null y is a missing visit.
    ///
    /// # Errors
    ///
    /// A text that says what is wrong with the subject.
    pub(crate) fn visits<const N: usize>(&self, row: usize) -> Result<Visits<N>, String> {
        let mut visits = Visits { x: [0.0; N], y: SVector::zeros(), observed: [false; N] };
        if self.y.is_null(row) {
            return Ok(visits);
        }
        let places = |lists: &ListArray| {
            let offsets = lists.value_offsets();
            offsets[row] as usize..offsets[row + 1] as usize
        };
        let of_y = places(&self.y);
        let of_x = if self.x.is_null(row) { 0..0 } else { places(&self.x) };
        if of_x.len() != of_y.len() {
            return Err(format!("x has {} values and y has {}", of_x.len(), of_y.len()));
        }
        if of_y.len() > N {
            return Err(format!("there are {} visits, but the model has {N}", of_y.len()));
        }
        for (i, (at_x, at_y)) in of_x.zip(of_y).enumerate() {
            visits.observed[i] = self.y_values.is_valid(at_y);
            if self.x_values.is_valid(at_x) {
                visits.x[i] = self.x_values.value(at_x);
            } else if visits.observed[i] {
                return Err(format!("x of visit {i} is null, but y is not"));
            }
            if visits.observed[i] {
                visits.y[i] = self.y_values.value(at_y);
            }
        }
        Ok(visits)
    }
}

/// Returns the error that an argument of a function has another type than expected.
pub(crate) fn wrong_type<T>(
    function: &str,
    argument: &str,
    expected: &str,
    found: &DataType,
) -> Result<T> {
    plan_err!("{function}: {argument} must be {expected}, but is {found}")
}
