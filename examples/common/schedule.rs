//! The rows of `data/visits.csv`: subjects in two arms with up to four visits.

use serde::Deserialize;

use super::data::finite;
use super::{Result, Source, Subject};

pub(crate) const VISITS: [u8; N] = [1, 2, 3, 4];
pub(crate) const N: usize = 4;
/// All sets of visits at which a subject may have been seen.
pub(crate) const PATTERNS: usize = (1 << N) - 1;

#[derive(Deserialize)]
struct Row {
    subject: String,
    arm: Arm,
    visit: u8,
    #[serde(deserialize_with = "finite")]
    response: f64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Arm {
    Control,
    Treatment,
}

/// Reads a file with the columns subject, arm (control or treatment), visit (1 to 4) and response. A
/// missed visit has no row, and the rows of a subject follow each other.
pub(crate) fn read(source: &Source) -> Result<Vec<Subject<Arm, N>>> {
    source.rows::<Row>()?.subjects(&VISITS, |row| (&row.subject, row.arm, row.visit, row.response))
}
