//! Results against values that other software computed and against certified ones.

#[path = "../common/mod.rs"]
mod common;

mod distribution;
mod fits;
mod nist;
mod oracle;
mod subjects;
