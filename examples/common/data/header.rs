//! The header of a file, which must have the fields of a row.

use csv::StringRecord;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// Returns the sentence about a header that does not have each needed column once.
pub(crate) fn check_header(header: &StringRecord, needed: &[&str]) -> Result<(), String> {
    let list = needed.join(", ");
    let found = header.iter().collect::<Vec<_>>().join(",");
    let count = |name: &str| header.iter().filter(|column| *column == name).count();
    if header.is_empty() {
        return Err(format!(
            "the file is empty; its first line must be a header with the columns {list}"
        ));
    }
    if needed.iter().all(|name| count(name) == 0) {
        return Err(format!("line 1: `{found}` is not a header with the columns {list}"));
    }
    if let Some(name) = needed.iter().find(|name| count(name) == 0) {
        return Err(format!(
            "line 1: `{found}` has no column `{name}`; the header must have {list}"
        ));
    }
    match needed.iter().find(|name| count(name) > 1) {
        Some(name) => Err(format!("line 1: `{found}` has the column `{name}` twice")),
        None => Ok(()),
    }
}

/// The names of the fields of a row, in their order.
pub(crate) fn columns<R: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // The deserializer holds no row, so this ends with an error after it has seen the names.
    let _ = R::deserialize(FieldNames(&mut fields));
    fields
}

struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("a row must be a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
