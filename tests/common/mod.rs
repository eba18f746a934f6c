//! What several test programs use.

#![allow(dead_code, reason = "each program uses some of it")]

pub(crate) mod cases;
pub(crate) mod data;
pub(crate) mod listing;
pub(crate) mod near;
pub(crate) mod random;
pub(crate) mod thread;
