//! Published data, as the tests of the library have them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A design by its columns.
pub struct Design {
    columns: BTreeMap<String, Vec<f64>>,
}

/// Where designs are: in the repository, and beside it those that are not part of it; `PEERS_DATA` names
/// another folder.
fn path(id: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("PEERS_DATA").map(PathBuf::from);
    let own = ["tests/data/design", "tests/data/design_subjects", "../shared/oracle/design"]
        .map(|folder| root.join(folder));
    let folders = named.into_iter().chain(own);
    folders.map(|folder| folder.join(format!("{id}.csv"))).find(|path| path.exists())
}

impl Design {
    /// `None`, and a line that says so, where the data are not there.
    pub fn read(id: &str) -> Option<Self> {
        let Some(path) = path(id) else {
            println!(
                "{id}.csv is not part of this repository: skipped (PEERS_DATA names its folder)"
            );
            return None;
        };
        let mut reader = csv::Reader::from_path(path).expect("a design");
        let names: Vec<String> =
            reader.headers().expect("names of columns").iter().map(String::from).collect();
        let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for record in reader.records() {
            for (name, field) in names.iter().zip(&record.expect("a row")) {
                let x = field.parse().expect("a number");
                columns.entry(name.clone()).or_default().push(x);
            }
        }
        Some(Self { columns })
    }

    pub fn column(&self, name: &str) -> &[f64] {
        &self.columns[name]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
    pub fn indices(&self, name: &str) -> Vec<usize> {
        self.column(name).iter().map(|&x| x as usize).collect()
    }
}
