//! Rows of CSV files, as values of a type whose fields are the columns.

mod fields;
mod header;
mod wrong;

use std::fmt::{Debug, Display};
use std::path::{Path, PathBuf};

use covprop::nalgebra::SVector;
pub(crate) use fields::{finite, finite_or_missing, within};
use serde::de::DeserializeOwned;

use self::header::{check_header, columns};
use self::wrong::{sentence, wrong_field};
use super::{Error, Result};

/// The file from which an example takes its data.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// `true` for a file of `examples/data`, whose results are known.
    pub(crate) shipped: bool,
}

impl Source {
    /// Returns the file that the command line names, or this one of `examples/data`.
    pub(crate) fn new(name: &str) -> Self {
        match std::env::args_os().nth(1) {
            Some(path) => Self { path: path.into(), shipped: false },
            None => Self { path: root().join("examples/data").join(name), shipped: true },
        }
    }

    pub(crate) fn rows<R: DeserializeOwned>(&self) -> Result<Rows<R>> {
        Rows::read(&self.path)
    }

    /// Returns a closure that puts the path and a subject before an error.
    pub(crate) fn subject<E: Display>(&self, id: &str) -> impl Fn(E) -> Error {
        move |error| format!("{}: subject `{id}`: {error}", self.path.display()).into()
    }
}

/// Returns the file that the command line names, or this one of a folder beside the repository. If
/// there is neither, the function says so and returns `None`.
pub(crate) fn outside(name: &str) -> Option<PathBuf> {
    let beside = root().join("../shared/oracle/data").join(name);
    let path = std::env::args_os().nth(1).map(PathBuf::from);
    let path = path.or_else(|| beside.exists().then_some(beside));
    if path.is_none() {
        println!("skipped: {name} is not part of this repository; name the file as an argument");
    }
    path
}

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of a file, with their lines.
pub(crate) struct Rows<R> {
    path: PathBuf,
    rows: Vec<(u64, R)>,
}

impl<R: DeserializeOwned> Rows<R> {
    /// Reads a file whose header has, in any order, at least the fields of `R`.
    ///
    /// # Errors
    ///
    /// A sentence that names the file, the line and what is allowed there.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let wrong = |what: String| format!("{}: {what}", path.display());
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(|error| wrong(error.to_string()))?;
        let header = reader.headers().map_err(|error| wrong(sentence(&error)))?.clone();
        check_header(&header, columns::<R>()).map_err(wrong)?;
        let mut rows = Vec::new();
        for record in reader.into_records() {
            let record = record.map_err(|error| wrong(sentence(&error)))?;
            let line = record.position().map_or(0, csv::Position::line);
            let row = record.deserialize(Some(&header));
            let row = row.map_err(|error| wrong(wrong_field(&error, &header, &record, line)))?;
            rows.push((line, row));
        }
        if rows.is_empty() {
            return Err(wrong("there are no rows after the header".into()).into());
        }
        Ok(Self { path: path.into(), rows })
    }
}

impl<R> Rows<R> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.iter().map(|(_, row)| row)
    }

    /// Returns the rows with their lines, of which there must be `N`.
    pub(crate) fn exactly<const N: usize>(&self) -> Result<[&(u64, R); N]> {
        let rows: Vec<_> = self.rows.iter().collect();
        let found = rows.len();
        rows.try_into().map_err(|_| {
            self.wrong(format!("there are {found} rows after the header; there must be {N}"))
        })
    }

    /// Returns an error of the whole file.
    pub(crate) fn wrong(&self, what: impl Display) -> Error {
        format!("{}: {what}", self.path.display()).into()
    }

    /// Returns an error of one line.
    pub(crate) fn wrong_line(&self, line: u64, what: impl Display) -> Error {
        self.wrong(format_args!("line {line}: {what}"))
    }

    /// Returns a closure that puts the path and a column before an error.
    pub(crate) fn column<E: Display>(&self, name: &str) -> impl Fn(E) -> Error {
        move |error| self.wrong(format_args!("column `{name}`: {error}"))
    }

    /// Gathers the rows of each subject, which must follow each other. `visit` returns the subject,
    /// its group, the occasion and the response of a row.
    pub(crate) fn subjects<G, O, V, const N: usize>(
        &self,
        occasions: &[O; N],
        visit: impl Fn(&R) -> (&str, G, O, V),
    ) -> Result<Vec<Subject<G, N>>>
    where
        G: Copy + Debug + PartialEq,
        O: Debug + PartialEq,
        V: Into<Option<f64>>,
    {
        let mut subjects: Vec<Subject<G, N>> = Vec::new();
        for (line, row) in &self.rows {
            let wrong = |what: String| self.wrong_line(*line, what);
            let (id, group, occasion, response) = visit(row);
            if id.is_empty() {
                return Err(wrong("the subject has no name".into()));
            }
            let index = occasions.iter().position(|known| *known == occasion);
            let index =
                index.ok_or_else(|| wrong(format!("{occasion:?} is not one of {occasions:?}")))?;
            if subjects.last().is_none_or(|last| last.id != id) {
                if subjects.iter().any(|other| other.id == id) {
                    return Err(wrong(format!(
                        "the rows of subject `{id}` must follow each other"
                    )));
                }
                subjects.push(Subject { id: id.into(), group, responses: [None; N] });
            }
            let Some(subject) = subjects.last_mut() else { continue };
            if subject.group != group {
                let known = subject.group;
                return Err(wrong(format!("subject `{id}` is {group:?} here and {known:?} above")));
            }
            if std::mem::replace(&mut subject.responses[index], response.into()).is_some() {
                return Err(wrong(format!("a second row of subject `{id}` at {occasion:?}")));
            }
        }
        Ok(subjects)
    }
}

/// A subject with a response at each visit that it did not miss.
pub(crate) struct Subject<G, const N: usize> {
    pub(crate) id: String,
    pub(crate) group: G,
    pub(crate) responses: [Option<f64>; N],
}

impl<G, const N: usize> Subject<G, N> {
    /// The responses, zero at visits that were missed.
    pub(crate) fn y(&self) -> SVector<f64, N> {
        self.responses.map(Option::unwrap_or_default).into()
    }

    /// `true` for each visit that was not missed.
    pub(crate) fn observed(&self) -> [bool; N] {
        self.responses.map(|response| response.is_some())
    }
}
