//! Times of peers that are not compiled into this program, as scripts measured them once.

use std::path::Path;

/// `benches/scripts/times.csv`: work, peer, size, nanoseconds, machine; what they are stands beside it.
pub struct Recorded {
    rows: Vec<Row>,
}

struct Row {
    work: String,
    peer: String,
    size: String,
    nanoseconds: f64,
}

impl Recorded {
    /// # Panics
    ///
    /// If the file is not there, or is no such table.
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/times.csv");
        let mut reader = csv::Reader::from_path(path).expect("benches/scripts/times.csv");
        let rows = reader.records().map(|record| {
            let record = record.expect("a row of benches/scripts/times.csv");
            let nanoseconds = record[3].parse().expect("nanoseconds");
            Row {
                work: record[0].into(),
                peer: record[1].into(),
                size: record[2].into(),
                nanoseconds,
            }
        });
        Self { rows: rows.collect() }
    }

    /// Nanoseconds.
    pub fn get(&self, work: &str, peer: &str, size: &str) -> Option<f64> {
        let found = self.of(work).find(|row| row.peer == peer && row.size == size)?;
        Some(found.nanoseconds)
    }

    /// The peers that did this work, each once.
    pub fn peers(&self, work: &str) -> Vec<&str> {
        let mut peers = Vec::new();
        for row in self.of(work) {
            if !peers.contains(&&*row.peer) {
                peers.push(&*row.peer);
            }
        }
        peers
    }

    /// The fastest peer at this work.
    pub fn fastest(&self, work: &str, size: &str) -> Option<(&str, f64)> {
        let rows = self.of(work).filter(|row| row.size == size);
        rows.map(|row| (&*row.peer, row.nanoseconds)).min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Those of a table, whose name is the work and perhaps, after a comma, a kind of it.
    fn of(&self, table: &str) -> impl Iterator<Item = &Row> {
        let work = table.split(',').next().unwrap_or(table).to_lowercase().replace(' ', "_");
        self.rows.iter().filter(move |row| row.work == work)
    }
}
