//! Prints the public items of a crate, one a line, from rustdoc's JSON.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("the path of a rustdoc JSON file is missing")?;
    // Auto traits are pinned in `tests/guarantees/auto_traits.rs`, blanket impls belong to other crates.
    let api = public_api::Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;
    print!("{api}");
    Ok(())
}
