//! Sentences about records that are wrong.

use csv::{DeserializeError, DeserializeErrorKind, ErrorKind, StringRecord};

/// Describes a record that could not be read.
pub(crate) fn sentence(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line}: {len} fields; the header has {expected_len}")
        }
        ErrorKind::Utf8 { .. } => format!("line {line}: the text is not UTF-8"),
        _ => error.to_string(),
    }
}

/// Describes a record that could be read, but is not a row of the type.
pub(crate) fn wrong_field(
    error: &csv::Error,
    header: &StringRecord,
    record: &StringRecord,
    line: u64,
) -> String {
    let ErrorKind::Deserialize { err, .. } = error.kind() else { return sentence(error) };
    let field = |error: &DeserializeError| {
        let index = usize::try_from(error.field()?).ok()?;
        Some(format!("column `{}`: `{}`", header.get(index)?, record.get(index)?))
    };
    let field = field(err).unwrap_or_else(|| "a field".into());
    match err.kind() {
        DeserializeErrorKind::ParseFloat(_) => format!("line {line}: {field} is not a number"),
        DeserializeErrorKind::ParseInt(_) => {
            format!("line {line}: {field} is not a whole number, 0 or more")
        }
        DeserializeErrorKind::Message(message) => format!("line {line}: {message}"),
        other => format!("line {line}: {other}"),
    }
}
