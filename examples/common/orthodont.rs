//! The rows of `data/orthodont.csv`: children of two sexes, measured at up to four ages.

use serde::Deserialize;

use super::data::finite;
use super::{Result, Source, Subject};

pub(crate) const AGES: [u8; N] = [8, 10, 12, 14];
pub(crate) const N: usize = 4;

#[derive(Deserialize)]
struct Row {
    #[serde(deserialize_with = "finite")]
    distance: f64,
    age: u8,
    subject: String,
    sex: Sex,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
pub(crate) enum Sex {
    Male,
    Female,
}

/// Reads a file with the columns distance, age (8, 10, 12 or 14), subject and sex (Male or Female).
/// A missed age has no row, and the rows of a subject follow each other.
pub(crate) fn read(source: &Source) -> Result<Vec<Subject<Sex, N>>> {
    source.rows::<Row>()?.subjects(&AGES, |row| (&row.subject, row.sex, row.age, row.distance))
}
